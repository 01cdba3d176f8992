// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// service.json beside a service's config.json (docs/guest.md): order, readiness, restart.
#pragma once

#include "kosinit/setup/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::init {

enum class Restart { No, OnFailure, Always };

/// When a service counts as ready; without either: as soon as its program runs.
struct Readiness {
    std::vector<std::string> command;  ///< executed in the container until it exits with 0
    std::uint16_t port = 0;            ///< TCP on 127.0.0.1 that accepts connections
    std::uint32_t interval_ms = 100;
    std::uint32_t timeout_ms = 30'000;

    [[nodiscard]] bool is_immediate() const { return command.empty() && port == 0; }
};

struct ServiceConfig {
    std::vector<std::string> after;  ///< services that have to be ready before
    Readiness ready;
    Restart restart = Restart::No;
    std::uint32_t restart_delay_ms = 1000;
    std::optional<std::uint32_t> restart_limit;
    std::optional<int> stop_signal;
};

[[nodiscard]] Outcome<ServiceConfig> parse_service_config(std::string_view text,
                                                          std::string_view name);

}  // namespace kos::init
