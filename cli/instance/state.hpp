// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is known of an instance: its state.json (docs/instances.md).
#pragma once

#include "cli/instance/folder.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/view.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::instance {

/// The states of the OCI runtime specification, as far as they occur.
enum class AppState : std::uint8_t { Created, Running, Stopped };

/// Nanoseconds since 1970, on the host's clock.
using Time = std::int64_t;
[[nodiscard]] Time now();
/// RFC 3339 with nanoseconds, in UTC.
[[nodiscard]] std::string to_text(Time time);

/// What is kept of an app's log (log.hpp).
struct LogPolicy {
    std::uint64_t file_size = 8u << 20;  ///< bytes
    std::uint32_t files = 2;             ///< at most, the one that is written to among them
    bool keeps_output = true;            ///< if not, only what is said about the app

    friend bool operator==(const LogPolicy&, const LogPolicy&) = default;
};

inline constexpr std::string_view kind_native = "native", kind_microvm = "microvm";

struct App {
    std::string name;
    std::uint32_t number = 0;  ///< in the system image
    std::string kind;          ///< kind_native or kind_microvm
    std::string image;         ///< where it came from
    AppState state = AppState::Created;
    std::uint32_t starts = 0;
    std::uint32_t cancelled = 0;  ///< starts that something stopped before they came about
    std::optional<Time> started, ended;
    /// Its exit code, or 128 plus the signal's number; nothing: it is not known.
    std::optional<int> exit_status;
    std::string error;  ///< why it could not be started
    LogPolicy log;
    std::vector<std::string> ports;  ///< of the host, and where they lead: 127.0.0.1:8080->80/tcp
};

/// What the root server had left, before the first app and after the last.
struct Inventory {
    std::uint64_t untyped_bytes = 0;
    std::uint64_t untypeds = 0;
    std::uint64_t slots = 0;

    friend bool operator==(const Inventory&, const Inventory&) = default;
};

inline constexpr std::string_view target_simulator = "sim", target_qemu = "qemu";

struct State {
    std::string name;
    std::string target;  ///< target_simulator or target_qemu
    std::int64_t pid = 0;
    Time created = 0;
    std::optional<Time> ended;       ///< of the instance: every app is gone, and its process
    std::optional<int> exit_status;  ///< of the command that ran it
    bool stays = false;              ///< with no app left it waits for commands, and does not end
    std::optional<Inventory> before, after;
    std::vector<App> apps;

    [[nodiscard]] App* find(std::uint32_t number);
    [[nodiscard]] const App* find(std::uint32_t number) const;
    [[nodiscard]] const App* find(std::string_view name) const;
};

[[nodiscard]] std::string_view name_of(AppState state);

[[nodiscard]] nlohmann::ordered_json to_json(const State& state);

Outcome<void> write_state(const Folder& folder, const State& state);
/// KOS-E-INSTANCE-FOLDER where it is damaged. What ran when the instance's process died is stopped,
/// its status unknown.
Outcome<State> read_state(const Folder& folder);

/// The apps of a system image, without those that serve the others; \p image_of tells by an app's
/// name where it came from.
[[nodiscard]] std::vector<App> apps_of(
    const manifest::ImageView& view,
    const std::function<std::string(const std::string& name)>& image_of);

}  // namespace kos::instance
