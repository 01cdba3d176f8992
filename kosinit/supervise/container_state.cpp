// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/container_state.hpp"

#include "kosinit/supervise/launcher.hpp"
#include "lib/linux/file.hpp"
#include "oci-runtime/cgroup/statistics.hpp"

#include <charconv>

namespace kos::init {

namespace {

oci::Result<oci::Cgroup> group_of(const std::string& name) {
    const auto directory = KOS_TRY(oci::StateStore{state_root}.open(name));
    const auto record = KOS_TRY(directory.load());
    return oci::Cgroup{record.cgroups};
}

/// The number after \p key in \p text ("KEY NUMBER" or "KEY=NUMBER"), summed over all that there
/// are; with no key the text is the number.
std::uint64_t sum_of(std::string_view text, std::string_view key) {
    std::uint64_t sum = 0;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of(" =\n");
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (word != key) continue;
        std::uint64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        sum += value;
    }
    return sum;
}

}  // namespace

std::uint32_t oom_kills_of(const std::string& name) {
    const auto group = group_of(name);
    return group ? static_cast<std::uint32_t>(oci::out_of_memory_kills(*group)) : 0;
}

void signal_group(const std::string& name, int number) {
    const auto group = group_of(name);
    if (group && !group->empty()) static_cast<void>(group->signal_all(number));
}

Outcome<guest::Usage> usage_of(const std::string& name) {
    const auto group = group_of(name);
    if (!group || group->empty()) {
        return fail(ErrorCode::GuestContainer, "container " + name, "it does not run");
    }
    const std::string folder = group->folders().front().path + "/";
    const auto text = [&](const char* file) {
        return sys::read_file(AT_FDCWD, (folder + file).c_str()).value_or("");
    };
    const auto number = [&](const char* file) {
        const std::string digits = text(file);
        std::uint64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    };
    const std::string io = text("io.stat");
    return guest::Usage{.cpu_us = sum_of(text("cpu.stat"), "usage_usec"),
                        .memory = number("memory.current"),
                        .memory_peak = number("memory.peak"),
                        .processes = number("pids.current"),
                        .oom_kills = sum_of(text("memory.events"), "oom_kill"),
                        .read_bytes = sum_of(io, "rbytes"),
                        .written_bytes = sum_of(io, "wbytes")};
}

}  // namespace kos::init
