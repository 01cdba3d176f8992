// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/timings.hpp"

#include <cstdarg>
#include <cstdio>

namespace kos::run {
namespace {

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

/// Without a wrap for counters of up to 16 GHz.
std::uint64_t nanoseconds_of(std::uint64_t ticks, std::uint64_t hz) {
    return ticks / hz * nanoseconds_per_second + ticks % hz * nanoseconds_per_second / hz;
}

double milliseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }
double milliseconds(std::chrono::nanoseconds time) {
    return milliseconds(static_cast<std::uint64_t>(time.count()));
}

[[gnu::format(printf, 2, 3)]] void print(std::string& text, const char* format, ...) {
    std::array<char, 160> line{};
    va_list values;
    va_start(values, format);
    std::vsnprintf(line.data(), line.size(), format, values);
    va_end(values);
    text += line.data();
}

void print_app(std::string& text, const AppTimings& app) {
    text += app.name + ": from reset to its first instruction\n";
    text += "  phase          from ms     takes ms  invocations\n";
    std::uint64_t end = 0;
    for (const PhaseTiming& phase : app.phases) {
        print(text, "  %-9.*s %12.3f %12.3f", static_cast<int>(name_of(phase.phase).size()),
              name_of(phase.phase).data(), milliseconds(phase.start_ns), milliseconds(phase.ns));
        if (phase.invocations) print(text, " %12u", *phase.invocations);
        text += '\n';
        end = phase.start_ns + phase.ns;
    }
    print(text, "  %-9s %12s %12.3f\n", "total", "", milliseconds(end));
    if (!app.is_complete()) text += "  It ended before it told more.\n";
}

}  // namespace

std::vector<PhaseTiming> phases_of(const msg::TimingsRecord& record) {
    const std::uint64_t hz = record.counter_hz;
    std::vector<PhaseTiming> phases;
    std::uint64_t start = 0;
    for (std::size_t i = 0; hz != 0 && i < msg::phase_count; ++i) {
        const std::uint64_t end = record.ends[i];
        if (end == msg::TimingsRecord::unknown || end < start) break;
        // Differences of rounded times, so that the phases add up to the whole.
        const std::uint64_t start_ns = nanoseconds_of(start, hz);
        PhaseTiming phase{static_cast<msg::Phase>(i),
                          start_ns,
                          nanoseconds_of(end, hz) - start_ns,
                          end - start,
                          {}};
        if (i >= msg::first_counted_phase && i < msg::first_counted_phase + msg::counted_phases) {
            phase.invocations = record.invocations[i - msg::first_counted_phase];
        }
        phases.push_back(phase);
        start = end;
    }
    return phases;
}

nlohmann::ordered_json to_json(const std::vector<AppTimings>& apps, const HostTimings& host) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const AppTimings& app : apps) {
        nlohmann::ordered_json phases = nlohmann::ordered_json::array();
        std::uint64_t total = 0;
        for (const PhaseTiming& phase : app.phases) {
            nlohmann::ordered_json json{{"phase", name_of(phase.phase)},
                                        {"start_ns", phase.start_ns},
                                        {"ns", phase.ns},
                                        {"ticks", phase.ticks}};
            if (phase.invocations) json["invocations"] = *phase.invocations;
            phases.push_back(std::move(json));
            total += phase.ns;
        }
        list.push_back({{"name", app.name},
                        {"counter_hz", app.counter_hz},
                        {"complete", app.is_complete()},
                        {"phases", std::move(phases)},
                        {"total_ns", total}});
    }
    return {{"apps", std::move(list)},
            {"host", {{"pack_ns", host.pack.count()}, {"run_ns", host.run.count()}}}};
}

std::string to_text(const std::vector<AppTimings>& apps, const HostTimings& host) {
    std::string text;
    for (const AppTimings& app : apps) print_app(text, app);
    print(text, "On the host's clock: %.3f ms to pack, %.3f ms for the target's whole run\n",
          milliseconds(host.pack), milliseconds(host.run));
    return text;
}

}  // namespace kos::run
