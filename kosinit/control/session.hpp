// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One connection of a host to the control service (docs/guest-control.md): it greets, then answers
// one request after another; while it is attached to a container, or executes in one, frames are
// for that.
#pragma once

#include "kosinit/control/connection.hpp"
#include "kosinit/control/exec_process.hpp"
#include "kosinit/supervise/supervisor.hpp"
#include "lib/guest/encode.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace kos::init {

class Session {
   public:
    /// \p on_gone: the host has closed; the session may be destroyed after it.
    Session(Context& context, Supervisor& supervisor, sys::UniqueFd socket,
            std::function<void()> on_gone);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    void container_changed(const Container& container);
    /// The guest is at its end: tells what is left to tell, and waits for the host to close.
    void finish();
    /// It was told how containers ended.
    [[nodiscard]] bool was_told() const { return was_told_; }

   private:
    struct Attachment {
        std::string container;  ///< empty: all
        bool follows = false;
        bool is_lossless = false;
        bool has_input = false;
        std::uint64_t next = 0;
        Journal::ListenerId listener = 0;
        std::set<std::string> changed;
    };

    void on_frame(const guest::Frame& frame);
    void greet(const guest::Frame& frame);
    bool handle_query(const guest::Frame& frame);
    bool handle_process(const guest::Frame& frame);
    void on_room();

    void report(const guest::QueryStatus&);
    void attach(const guest::Attach& request);
    void execute(const guest::Exec& request);
    void signal(const guest::Signal& request);
    void report_usage(const guest::QueryUsage& request);
    void set_time(const guest::SetTime& request);
    void shut_down(const guest::Shutdown& request);

    void take_input(Bytes bytes);
    [[nodiscard]] Input* target() const;
    [[nodiscard]] bool target_has_terminal() const;

    void send_logs();
    void send_record(std::uint64_t sequence, const LogRecord& record);
    void send_changes();
    void finish_when_free();
    void end_process();
    void note_change(const Container& container);
    [[nodiscard]] bool is_attachment_over() const;
    void detach();

    template <class T>
    void send(const T& message) {
        connection_.send(guest::encode(message));
    }
    void done() { send(guest::Done{}); }
    void refuse(ErrorCode code, const std::string& text);
    /// Decodes and answers; refuses what cannot be decoded.
    template <class T>
    bool answer(const guest::Frame& frame, void (Session::*handler)(const T&));

    Context& context_;
    Supervisor& supervisor_;
    bool is_greeted_ = false;
    bool is_finishing_ = false;
    bool was_told_ = false;
    std::optional<Attachment> attachment_;
    std::unique_ptr<ExecProcess> process_;
    Connection connection_;
};

}  // namespace kos::init
