// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/channel.hpp"

namespace kos::oci {

namespace {
constexpr std::string_view go_text = "g";
}

Result<void> ChildChannel::tell(Event event, std::string_view text, sys::Fd descriptor) const {
    std::string message{static_cast<char>(event)};
    message.append(text);
    return explain(sys::send_message(socket_.get(), message, descriptor), "",
                   "telling the runtime");
}

void ChildChannel::report(const Failure& failure) const {
    std::string text = failure.where;
    text += '\0';
    text += failure.what;
    static_cast<void>(tell(Event::Failed, text));
}

Result<void> ChildChannel::wait() const {
    const auto message = KOS_TRY(explain(sys::receive_message(socket_.get()), "", "the runtime"));
    if (!message) return fail("", "the runtime has ended");
    return {};
}

Result<std::optional<EventMessage>> RuntimeChannel::next() const {
    auto received = sys::receive_message(socket_.get());
    // A child that ends with a Go unread resets the connection; what it said is still to be read.
    if (!received && received.error() == ECONNRESET) received = sys::receive_message(socket_.get());
    auto message = KOS_TRY(explain(std::move(received), "", "listening to the container"));
    if (!message) return std::optional<EventMessage>{};
    const auto event = static_cast<Event>(message->text.front());
    std::string text = message->text.substr(1);
    if (event == Event::Failed) {
        const std::size_t end = text.find('\0');
        if (end == std::string::npos) return fail("", std::move(text));
        return fail(text.substr(0, end), text.substr(end + 1));
    }
    return std::optional{EventMessage{event, std::move(text), std::move(message->descriptor)}};
}

Result<void> RuntimeChannel::go() const {
    const auto sent = sys::send_message(socket_.get(), go_text);
    // A child that has failed meanwhile says so in its last message.
    if (!sent && !(sent.error() == EPIPE)) return fail("", "telling the container", sent.error());
    return {};
}

}  // namespace kos::oci
