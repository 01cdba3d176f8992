// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/lifecycle.hpp"

#include "cli/system/unsupported.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <utility>

namespace kos::system {
namespace {

using compose::Position;
using compose::Service;

Err<Error> wrong(const Position& position, const std::string& detail) {
    return fail(ErrorCode::ComposeValue, to_string(position), detail);
}

Outcome<std::uint32_t> milliseconds_of(compose::Duration duration, const Position& position) {
    const auto count = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
    // The largest two have meanings of their own (msg::StopCommand).
    if (count < 0 || count > std::numeric_limits<std::uint32_t>::max() - 2) {
        return wrong(position, "it is longer than 49 days");
    }
    return static_cast<std::uint32_t>(count);
}

/// docker's: from 100 ms on twice as long each time, up to a minute; ten seconds' run count as a
/// success.
constexpr std::uint32_t most_delay = 60'000, window = 10'000;
constexpr compose::Duration most_patience = std::chrono::hours{1};  // docs/guest.md

manifest::Condition condition_of(compose::Condition condition) {
    switch (condition) {
        case compose::Condition::Started:
            return manifest::Condition::Started;
        case compose::Condition::Healthy:
            return manifest::Condition::Healthy;
        case compose::Condition::CompletedSuccessfully:
            break;
    }
    return manifest::Condition::Completed;
}

/// As docker's: the attempts that it has, after the time in which failures do not count.
Outcome<std::uint32_t> patience_of(const compose::Healthcheck& check) {
    const auto retries = std::max(check.retries, 1u);
    if (check.start_period > most_patience || check.interval > most_patience / retries ||
        check.start_period + retries * check.interval > most_patience) {
        return wrong(check.position, "start_period and retries take longer than an hour");
    }
    const compose::Duration all = check.start_period + retries * check.interval;
    return milliseconds_of(std::max<compose::Duration>(all, std::chrono::milliseconds{1}),
                           check.position);
}

Outcome<void> set_readiness(const Service& service, pack::Lifecycle& life) {
    if (!is_looked_at(service)) return {};
    const compose::Healthcheck& check = *service.healthcheck;
    const std::string what = check.arguments.size() == 2 ? check.arguments[1] : "";
    if (check.test == compose::Healthcheck::Test::Command) {
        life.readiness = manifest::Readiness::Test;
        life.ready_within = KOS_TRY(patience_of(check)) + pack::guest_start;
        return {};
    }
    if (check.test == compose::Healthcheck::Test::ProtocolPublished) {
        life.readiness = manifest::Readiness::Protocol;
        life.ready_protocol = what;
        return {};
    }
    const char* const end = what.data() + what.size();
    const auto [stop, error] = std::from_chars(what.data(), end, life.ready_port);
    if (error != std::errc{} || stop != end || life.ready_port == 0) {
        return wrong(check.position, "\"" + what + "\" is no port");
    }
    life.readiness = manifest::Readiness::Port;
    return {};
}

}  // namespace

Outcome<pack::Restart> restart_of(const Service& service) {
    using When = compose::Restart::When;
    using manifest::RestartPolicy;
    const compose::Restart& from = service.restart;
    const Position& position =
        service.position_of(service.keys.contains("restart") ? "restart" : "deploy");
    pack::Restart restart;
    if (from.when == When::No) return restart;
    restart.policy =
        from.when == When::OnFailure ? RestartPolicy::OnFailure : RestartPolicy::Always;
    restart.limit = from.most.value_or(0);
    restart.most_delay = most_delay;
    restart.window = window;
    if (from.delay) {
        restart.delay = KOS_TRY(milliseconds_of(*from.delay, position));
        restart.most_delay = 0;
    }
    if (from.window) restart.window = KOS_TRY(milliseconds_of(*from.window, position));
    return restart;
}

Outcome<std::optional<pack::HealthTest>> health_test_of(const Service& service) {
    if (!service.healthcheck || service.healthcheck->test != compose::Healthcheck::Test::Command) {
        return std::optional<pack::HealthTest>{};
    }
    const compose::Healthcheck& check = *service.healthcheck;
    pack::HealthTest test;
    const compose::Strings& words = check.arguments;
    if (words.size() < 2) return wrong(check.position, "the test has no command");
    if (words.front() == "CMD-SHELL") {
        test.command = {"/bin/sh", "-c", words[1]};
    } else {
        test.command.assign(words.begin() + 1, words.end());
    }
    test.interval =
        KOS_TRY(milliseconds_of(std::min(check.interval, check.start_interval), check.position));
    test.interval = std::max(test.interval, 1u);
    test.patience = KOS_TRY(patience_of(check));
    return std::optional{std::move(test)};
}

Outcome<pack::Lifecycle> life_of(const Service& service) {
    pack::Lifecycle life;
    KOS_TRY(set_readiness(service, life));
    if (!service.stop_signal.empty()) {
        life.stop_signal = pack::parse_stop_signal(service.stop_signal);
        if (!life.stop_signal) {
            return wrong(service.position_of("stop_signal"),
                         "\"" + service.stop_signal + "\" is no signal");
        }
    }
    if (service.stop_grace_period) {
        life.stop_grace = KOS_TRY(
            milliseconds_of(*service.stop_grace_period, service.position_of("stop_grace_period")));
    }
    for (const compose::Dependency& from : service.depends_on) {
        life.depends_on.push_back({.app = from.service,
                                   .condition = condition_of(from.condition),
                                   .required = from.required,
                                   .restart = from.restart});
    }
    return life;
}

}  // namespace kos::system
