// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The host's side of a target's console: gives the apps' output and the root server's log to
// whoever listens, and keeps the records that frames carry. The same for every target.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/msg/control_reader.hpp"
#include "lib/msg/timings.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::run {

/// Where what a target says goes.
class Listener {
   public:
    virtual ~Listener() = default;
    /// Bytes that app number \p app of the system image wrote.
    virtual void app_output(std::uint8_t app, bool is_error, Bytes bytes) = 0;
    /// A line of the root server's log, without its newline.
    virtual void log(std::string_view line) = 0;
    /// Likewise, about app number \p app.
    virtual void app_log(std::uint8_t /*app*/, std::string_view line) { log(line); }
    /// A line that is in no frame: the kernel's or the firmware's.
    virtual void console(std::string_view line) = 0;
    /// Its first instruction follows; again at each restart.
    virtual void app_started(std::uint8_t /*app*/) {}
    /// \p wait_status: as wait4(2) gives it.
    virtual void app_exited(std::uint8_t /*app*/, std::uint32_t /*wait_status*/) {}
    /// It was going to be started, and is not any more.
    virtual void app_cancelled(std::uint8_t /*app*/) {}
    /// It could not be started.
    virtual void app_failed(std::uint8_t /*app*/, const Error& /*why*/) {}
    /// Records of lib/msg/trace.hpp.
    virtual void trace(Bytes /*records*/) {}
    /// Frames of the target were damaged on the line, or lost.
    virtual void frames_lost() {}
    /// What a command is answered with: Status, Usage, Memory, and Acknowledged at last; what a
    /// guest's stream brings.
    virtual void answer(const msg::Frame& /*frame*/) {}
};

/// What is known of one app.
struct AppRecord {
    std::uint32_t starts = 0;
    /// Every start was given what the first was.
    bool usage_is_constant = true;
    std::optional<msg::UsageRecord> usage;
    std::optional<msg::TimingsRecord> timings;  ///< of the first start
    std::optional<msg::ExitRecord> exit;
    std::optional<Error> failure;  ///< why it could not be started, the last time
    /// Lines about it that begin with an error's code, the first few.
    std::vector<std::string> errors;
    static constexpr std::size_t most_errors = 16;
};

class Session {
   public:
    explicit Session(Listener& listener) : listener_(listener) {}

    /// Bytes that the console said.
    void receive(Bytes bytes);
    /// A line about the target that it did not say itself.
    void note(std::string_view line) { listener_.log(line); }
    /// Nothing more will come: hands out what is left of a line or frame.
    void close();

    [[nodiscard]] bool finished() const { return finished_; }
    /// Why the target does not go on: the root server or the boot shim said so.
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
    [[nodiscard]] const std::map<std::uint8_t, AppRecord>& apps() const { return apps_; }
    [[nodiscard]] const std::optional<msg::InventoryRecord>& inventory_before() const {
        return before_;
    }
    [[nodiscard]] const std::optional<msg::InventoryRecord>& inventory_after() const {
        return after_;
    }
    [[nodiscard]] std::uint64_t missing_frames() const { return reader_.missing(); }

   private:
    void handle(const msg::Frame& frame);
    static void started(AppRecord& app, const std::optional<msg::UsageRecord>& usage);
    void failed(std::uint8_t app, std::string_view text);
    void text(std::string_view text);
    void console_line();
    void log(std::uint8_t app, std::string_view text);
    void note_error(std::uint8_t app, std::string_view line);

    Listener& listener_;
    msg::ControlReader reader_;
    std::string line_;  ///< of the console, so far
    std::map<std::uint8_t, AppRecord> apps_;
    std::optional<msg::InventoryRecord> before_;
    std::optional<msg::InventoryRecord> after_;
    std::optional<Error> failure_;
    bool finished_ = false;
    bool has_frame_ = false;
    std::uint64_t told_missing_ = 0;  ///< of missing_frames()
};

/// A wait status (wait4(2)) as a shell shows it: the exit code, or 128 + the signal.
[[nodiscard]] constexpr int exit_status_of(std::uint32_t wait_status) {
    const std::uint32_t signal = wait_status & 0x7f;
    return static_cast<int>(signal != 0 ? 128 + signal : wait_status >> 8 & 0xff);
}

}  // namespace kos::run
