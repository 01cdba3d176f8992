// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A further process in a container, whose standard descriptors or terminal a host holds.
#pragma once

#include "kosinit/supervise/container.hpp"
#include "lib/guest/messages.hpp"

#include <functional>
#include <memory>

namespace kos::init {

class ExecProcess {
   public:
    struct Events {
        std::function<void(pid_t pid)> started;
        std::function<void(const std::string& why)> failed;
        std::function<void(guest::Stream stream, std::string_view bytes)> output;
        std::function<bool()> has_room;
        /// Its output has come before.
        std::function<void(int wait_status)> exited;
    };

    /// Texts of \p request are used up when this returns.
    ExecProcess(Context& context, const guest::Exec& request, Events events);
    ExecProcess(const ExecProcess&) = delete;
    ExecProcess& operator=(const ExecProcess&) = delete;
    /// Kills it where it runs: nobody is left that it could answer to.
    ~ExecProcess();

    Input& input() { return input_; }
    [[nodiscard]] bool has_terminal() const { return has_terminal_; }
    void resize(std::uint16_t rows, std::uint16_t columns) const;
    void signal(int number) const;
    /// There is room for output again.
    void resume();

   private:
    [[nodiscard]] Pump::Sink sink(guest::Stream stream);
    void on_started(pid_t pid, sys::UniqueFd terminal);
    void on_failed(const std::string& why);
    void on_end(int status);

    Context& context_;
    Events events_;
    Pump output_;
    Pump error_;
    Input input_;
    bool has_terminal_ = false;
    pid_t pid_ = 0;
    std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace kos::init
