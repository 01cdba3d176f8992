// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Carries out what comes over the control channel (docs/control-channel.md): frames of programs,
// which are acknowledged, and lines that a person types, which are answered in the log.
#pragma once

#include "lib/msg/command_receiver.hpp"
#include "lib/msg/control_writer.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace kos::rootserver {

class Supervisor;

class Commands {
   public:
    Commands(Supervisor& supervisor, msg::ControlWriter& console)
        : supervisor_(supervisor), console_(console) {}

    /// Bytes that the line brought.
    void receive(Bytes bytes);

   private:
    void take(const msg::CommandReceiver::Event& event);
    void answer_again(std::uint32_t sequence);
    msg::CommandResult carry_out(const msg::Frame& command);
    void tell_status(std::uint8_t app);
    void tell_report();
    void take_line(std::string_view line);
    void say(std::string_view text);
    void say_status();
    void say_report();

    Supervisor& supervisor_;
    msg::ControlWriter& console_;
    msg::CommandReceiver receiver_;
    /// What the last commands were answered, a ring.
    std::array<msg::AckRecord, msg::CommandReceiver::remembered> answers_{};
    std::size_t oldest_answer_ = 0;
};

}  // namespace kos::rootserver
