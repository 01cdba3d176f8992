// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/control/stop_sequence.hpp"

#include "lib/msg/control_writer.hpp"

namespace kos::control {

namespace {

using namespace std::chrono_literals;

constexpr auto time_to_stop = 10s;    // as `docker stop`
constexpr auto time_to_answer = 2s;   // beyond what the command itself takes
constexpr auto repeat_after = 250ms;  // docs/control-channel.md
constexpr unsigned signals_to_give_up = 3;

std::string frame(msg::FrameType type, std::uint8_t app, std::uint32_t sequence, Bytes payload) {
    std::string text;
    msg::put_frame(
        {[](void* to, std::string_view bytes) { static_cast<std::string*>(to)->append(bytes); },
         &text},
        type, app, sequence, payload);
    return text;
}

}  // namespace

void StopSequence::signal(int number, Time now) {
    ++signals_;
    ++sequence_;
    send_at_ = now;
    if (signals_ == 1) {
        first_signal_ = number;
        msg::StopCommand command;
        command.signal = static_cast<std::uint32_t>(number);
        command.milliseconds_to_kill =
            static_cast<std::uint32_t>(std::chrono::milliseconds{time_to_stop}.count());
        unanswered_ = frame(msg::FrameType::Stop, app_, sequence_, bytes_of(command));
        give_up_at_ = now + time_to_stop + time_to_answer;
    } else {
        unanswered_ = frame(msg::FrameType::Kill, app_, sequence_, {});
        give_up_at_ = now + time_to_answer;
    }
}

void StopSequence::acknowledged(std::uint32_t sequence) {
    if (sequence == sequence_) unanswered_.clear();
}

std::string StopSequence::due(Time now) {
    if (unanswered_.empty() || now < send_at_) return {};
    send_at_ = now + repeat_after;
    return unanswered_;
}

bool StopSequence::has_given_up(Time now) const {
    return signals_ >= signals_to_give_up || (signals_ != 0 && now >= give_up_at_);
}

}  // namespace kos::control
