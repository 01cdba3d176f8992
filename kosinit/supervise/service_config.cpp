// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/service_config.hpp"

#include "kosinit/setup/json.hpp"

namespace kos::init {

namespace {

using oci::Field;

constexpr auto restarts = std::to_array<oci::Name<Restart>>({
    {"no", Restart::No},
    {"on-failure", Restart::OnFailure},
    {"always", Restart::Always},
});

oci::Result<ServiceConfig> decode_service(const Field& field) {
    ServiceConfig out;
    KOS_TRY(only_keys(field, {"version", "after", "ready", "restart", "restart_delay_ms",
                              "restart_limit", "stop_signal"}));
    std::uint32_t version = 0;
    KOS_TRY(field.required("version", version));
    if (version != 1) return field.error("\"version\" must be 1");
    KOS_TRY(field.optional("after", out.after));
    KOS_TRY(field.optional("ready", out.ready));
    KOS_TRY(
        field.optional_name("restart", std::span<const oci::Name<Restart>>{restarts}, out.restart));
    KOS_TRY(number_in(field, "restart_delay_ms", out.restart_delay_ms, 0u, 3'600'000u));
    KOS_TRY(field.optional("restart_limit", out.restart_limit));
    int signal = 0;
    KOS_TRY(signal_at(field, "stop_signal", signal));
    if (signal != 0) out.stop_signal = signal;
    return out;
}

}  // namespace

// Found by Field through argument-dependent lookup.
static oci::Result<void> decode(const Field& field, Readiness& out) {
    KOS_TRY(only_keys(field, {"command", "port", "interval_ms", "timeout_ms"}));
    KOS_TRY(field.optional("command", out.command));
    KOS_TRY(field.optional("port", out.port));
    KOS_TRY(number_in(field, "interval_ms", out.interval_ms, 1u, 3'600'000u));
    KOS_TRY(number_in(field, "timeout_ms", out.timeout_ms, 1u, 3'600'000u));
    if (out.command.empty() == (out.port == 0)) {
        return field.error("needs either \"command\" or \"port\"");
    }
    return {};
}

Outcome<ServiceConfig> parse_service_config(std::string_view text, std::string_view name) {
    const auto json = oci::parse_json(text, name);
    if (!json) return fail(ErrorCode::GuestConfig, "", json.error().text());
    auto config = decode_service(Field{*json});
    if (!config) return config_error(name, config.error());
    return std::move(config).value();
}

}  // namespace kos::init
