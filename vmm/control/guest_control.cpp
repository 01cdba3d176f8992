// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/control/guest_control.hpp"

#include "lib/guest/messages.hpp"

#include <algorithm>

namespace kos::vmm {

namespace {

/// kosinit's name for the container of `/container`, which is alone.
constexpr std::string_view only_container = "main";
/// What begins a line of kosinit's that people have to see.
constexpr std::string_view error_code = "KOS-E-";

template <class T>
Bytes field(const LittleEndian<T>& number) {
    return bytes_of(number);
}

}  // namespace

void GuestControl::put(guest::FrameType type, std::initializer_list<Bytes> fields) {
    std::size_t size = 0;
    for (const Bytes part : fields) size += part.size();
    if (sizeof(guest::FrameHead) + size > out_.size() - out_size_) {
        listener_.log("the guest takes no commands");
        return;
    }
    const auto append = [this](Bytes part) {
        std::copy(part.begin(), part.end(), out_.begin() + static_cast<std::ptrdiff_t>(out_size_));
        out_size_ += part.size();
    };
    const guest::FrameHead head{
        static_cast<std::uint32_t>(size), static_cast<std::uint16_t>(type), {}};
    append(bytes_of(head));
    for (const Bytes part : fields) append(part);
}

void GuestControl::opened() {
    is_running_ = false;
    in_size_ = 0;
    out_size_ = 0;
    const Le32 magic{guest::protocol_magic};
    const Le16 version{guest::protocol_version};
    put(guest::FrameType::Hello, {field(magic), field(version)});
    const Le32 no_name{};
    const Le32 flags{guest::Attach::follow | guest::Attach::lossless};
    const Le64 from{};
    put(guest::FrameType::Attach, {field(no_name), field(flags), field(from)});
}

void GuestControl::signal(std::uint32_t number) {
    if (number == 0 || number > 64) return;
    if (is_running_) return put_signal(number);
    waiting_signals_ |= std::uint64_t{1} << (number - 1);
}

/// To the process that we are attached to: it has no answer.
void GuestControl::put_signal(std::uint32_t number) {
    const Le32 signal{number};
    put(guest::FrameType::SignalProcess, {field(signal)});
}

void GuestControl::put_waiting_signals() {
    for (std::uint32_t number = 1; number <= 64; ++number) {
        if ((waiting_signals_ >> (number - 1) & 1) != 0) put_signal(number);
    }
    waiting_signals_ = 0;
}

void GuestControl::sent(std::size_t count) {
    std::copy(out_.begin() + static_cast<std::ptrdiff_t>(count),
              out_.begin() + static_cast<std::ptrdiff_t>(out_size_), out_.begin());
    out_size_ -= count;
}

bool GuestControl::received(Bytes bytes) {
    while (!bytes.empty()) {
        const Bytes part = bytes.first(std::min(bytes.size(), in_.size() - in_size_));
        std::copy(part.begin(), part.end(), in_.begin() + static_cast<std::ptrdiff_t>(in_size_));
        in_size_ += part.size();
        bytes = bytes.subspan(part.size());
        std::size_t used = 0;
        for (;;) {
            const auto taken = guest::take_frame(Bytes{in_}.first(in_size_).subspan(used));
            if (!taken) return false;
            if (!*taken) break;
            take((*taken)->frame);
            used += (*taken)->size;
        }
        std::copy(in_.begin() + static_cast<std::ptrdiff_t>(used),
                  in_.begin() + static_cast<std::ptrdiff_t>(in_size_), in_.begin());
        in_size_ -= used;
    }
    return true;
}

void GuestControl::take(const guest::Frame& frame) {
    switch (frame.type) {
        case guest::FrameType::Log:
            return take_log(frame.payload);
        case guest::FrameType::ContainerStatus:
            return take_status(frame.payload);
        case guest::FrameType::GuestEnd:
            return take_end(frame.payload);
        case guest::FrameType::Done:
            // Of Attach: everything has ended, and everything was told.
            is_over_ = wait_status_.has_value();
            return;
        case guest::FrameType::Failed:
            return take_failure(frame.payload);
        case guest::FrameType::Lost:
            return listener_.log("output of the container is lost: the guest's ring was full");
        default:
            return;  // nothing that was asked for
    }
}

void GuestControl::take_log(Bytes payload) {
    const auto log = guest::decode<guest::Log>(payload);
    if (!log) return listener_.log("the guest sent a malformed log record");
    if (log->stream == guest::Stream::Guest) {
        const std::string_view line = as_text(log->bytes);
        if (line.starts_with(error_code)) listener_.log(line);
        return;
    }
    const bool is_error = log->stream == guest::Stream::Error;
    if (log->container == only_container) return listener_.container_output(is_error, log->bytes);
    (is_error ? error_labels_ : output_labels_).write(log->container, log->bytes, [&](Bytes part) {
        listener_.container_output(is_error, part);
    });
}

void GuestControl::take_status(Bytes payload) {
    const auto status = guest::decode<guest::ContainerStatus>(payload);
    if (!status) return listener_.log("the guest sent a malformed status");
    is_running_ = is_running_ || status->state == guest::ContainerState::Running;
    if (is_running_) put_waiting_signals();
    if (status->name != only_container) return;
    if (status->is_ready != 0 && !is_ready_) listener_.container_ready();
    is_ready_ = status->is_ready != 0;
    if (status->state == guest::ContainerState::Stopped ||
        status->state == guest::ContainerState::Failed) {
        wait_status_ = status->wait_status;
    }
}

void GuestControl::take_end(Bytes payload) {
    const auto end = guest::decode<guest::GuestEnd>(payload);
    if (!end) return listener_.log("the guest sent a malformed end");
    wait_status_ = end->wait_status;
}

void GuestControl::take_failure(Bytes payload) {
    const auto failed = guest::decode<guest::Failed>(payload);
    listener_.log(failed ? failed->text : "the guest refuses a command");
}

}  // namespace kos::vmm
