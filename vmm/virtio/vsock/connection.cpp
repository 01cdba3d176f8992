// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/vsock/connection.hpp"

namespace kos::virtio {

SocketOperation Connection::next_operation() const {
    if (reset) return SocketOperation::Reset;
    if (request) return SocketOperation::Request;
    if (response) return SocketOperation::Response;
    if (state != State::Open) return SocketOperation::Invalid;
    if (credit_is_due()) return SocketOperation::CreditUpdate;
    const bool guest_reads = (guest_shut_down & shutdown_receive) == 0;
    if (has_data && guest_reads && (shut_down & shutdown_send) == 0) {
        if (guest_room() != 0) return SocketOperation::ReadWrite;
        return asked_for_credit ? SocketOperation::Invalid : SocketOperation::CreditRequest;
    }
    if (closing && shut_down != shutdown_both) return SocketOperation::Shutdown;
    if (finishing && (shut_down & shutdown_send) == 0) return SocketOperation::Shutdown;
    return SocketOperation::Invalid;
}

std::uint32_t Connection::guest_room() const {
    const std::uint32_t in_flight = sent - guest_forwarded;
    return in_flight < guest_window ? guest_window - in_flight : 0;
}

void Connection::note_credit(const SocketHeader& header) {
    guest_window = header.window;
    guest_forwarded = header.forwarded;
    asked_for_credit = false;
}

bool Connection::receive(std::uint32_t size) {
    const std::uint32_t held = received - consumed;
    if (size > window - held) return false;
    received += size;
    return true;
}

bool Connection::credit_is_due() const {
    const std::uint32_t news = consumed - advertised;
    if (news == 0 || (guest_shut_down & shutdown_send) != 0) return false;
    // Seldom, but before the guest runs dry.
    return news >= window / 4;
}

}  // namespace kos::virtio
