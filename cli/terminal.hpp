// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a target says beside its apps' output, for people: on standard error.
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/run/session.hpp"

#include <cstdio>
#include <string_view>

namespace kos::cli {

class Terminal : public run::Listener {
   public:
    /// \p attendant hears which of its commands have arrived.
    explicit Terminal(control::Attendant& attendant) : attendant_(attendant) {}

    void log(std::string_view line) override { say("kos: ", line); }
    void console(std::string_view line) override { say("kos: console: ", line); }
    void answer(const msg::Frame& frame) override {
        if (frame.type != msg::FrameType::Acknowledged) return;
        const auto record = read_at<msg::AckRecord>(frame.payload, 0);
        if (record) attendant_.acknowledged(record->sequence);
    }

   private:
    static void say(const char* label, std::string_view line) {
        std::fprintf(stderr, "%s%.*s\n", label, static_cast<int>(line.size()), line.data());
    }

    control::Attendant& attendant_;
};

}  // namespace kos::cli
