// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A running QEMU: started, listened to, and ended through QMP. It cannot outlive its owner.
#pragma once

#include "cli/control/attendant.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/linux/unique_fd.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kos::qemu {

/// Takes what the serial line says; false once the machine may be switched off.
using SerialSink = std::function<bool(Bytes)>;

/// How a run ended.
enum class Ending : std::uint8_t {
    SwitchedOff,  ///< the sink said so
    Exited,       ///< QEMU ended by itself
    TimedOut,
    GivenUp,  ///< the attendant said so
};

class Machine {
   public:
    /// Starts `command` (cli/qemu/command.hpp); its messages go to our standard error.
    static Outcome<Machine> start(const std::vector<std::string>& command);

    Machine(Machine&&) noexcept;
    Machine& operator=(Machine&&) = delete;
    ~Machine();

    /// Feeds `sink` until it has enough, QEMU ends, or `timeout` has passed; then QEMU is gone.
    /// \p attendant is asked for bytes for the serial line meanwhile; it may end the run too.
    Outcome<Ending> run(const SerialSink& sink, std::chrono::milliseconds timeout,
                        control::Attendant* attendant = nullptr);

   private:
    Machine(pid_t process, sys::UniqueFd serial, sys::UniqueFd monitor);

    /// Asks QEMU through QMP to quit, kills it where it does not, and reaps it.
    void switch_off();
    /// False where the attendant ends the run.
    bool attend(control::Attendant& attendant);

    pid_t process_;
    sys::UniqueFd serial_;
    sys::UniqueFd monitor_;
};

}  // namespace kos::qemu
