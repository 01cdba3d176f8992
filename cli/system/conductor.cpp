// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/conductor.hpp"

#include "lib/msg/control_writer.hpp"

namespace kos::system {

void Conductor::command(Command command) {
    command_ = command;
    unanswered_.clear();
    const msg::ConsoleSink sink{
        [](void* to, std::string_view bytes) { static_cast<std::string*>(to)->append(bytes); },
        &unanswered_};
    const auto type = command == Command::Kill ? msg::FrameType::Kill : msg::FrameType::Shutdown;
    msg::put_frame(sink, type, msg::no_app, ++sequence_, {});
    send_at_ = std::chrono::steady_clock::now();
    give_up_at_ = send_at_ + patience;
}

void Conductor::shut_down() {
    if (command_ == Command::None) command(Command::Shutdown);
}

void Conductor::acknowledged(std::uint32_t sequence) {
    if (sequence == sequence_) unanswered_.clear();
}

std::optional<std::string> Conductor::attend() {
    while (const auto number = signals_.take()) {
        if (!signal_) signal_ = *number;
        switch (command_) {
            case Command::None:
                shut_down();
                break;
            case Command::Shutdown:
                command(Command::Kill);
                break;
            case Command::Kill:
                has_given_up_ = true;
                break;
        }
    }
    const Time now = std::chrono::steady_clock::now();
    if (!unanswered_.empty() && now >= give_up_at_) has_given_up_ = true;
    if (has_given_up_) return std::nullopt;
    if (unanswered_.empty() || now < send_at_) return std::string{};
    send_at_ = now + repeat_after;
    return unanswered_;
}

}  // namespace kos::system
