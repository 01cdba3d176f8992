// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/process_table.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/cgroup/hierarchy.hpp"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>

namespace kos::oci {

namespace {

/// The first value of a line "Key:  value …" of /proc/PID/status.
std::string status_value(const std::string& status, std::string_view key) {
    for (const std::string_view line : split(status, '\n')) {
        if (!line.starts_with(key)) continue;
        const auto words = split(line.substr(key.size() + 1), '\t');
        return words.empty() ? "" : std::string{words.front()};
    }
    return "";
}

std::string command_line(const std::string& folder, const std::string& name) {
    std::string text = sys::read_file(AT_FDCWD, (folder + "/cmdline").c_str()).value_or("");
    while (text.ends_with('\0')) text.pop_back();
    std::ranges::replace(text, '\0', ' ');
    // Kernel threads and zombies have none.
    return text.empty() ? "[" + name + "]" : text;
}

}  // namespace

std::string process_table(const std::vector<int>& pids) {
    std::string table = "UID          PID    PPID CMD\n";
    for (const int pid : pids) {
        const std::string folder = "/proc/" + std::to_string(pid);
        const auto status = sys::read_file(AT_FDCWD, (folder + "/status").c_str());
        if (!status) continue;
        const std::string name = status_value(*status, "Name");
        char line[64];
        std::snprintf(line, sizeof line, "%-8s %7d %7s ", status_value(*status, "Uid").c_str(), pid,
                      status_value(*status, "PPid").c_str());
        table += line + command_line(folder, name) + "\n";
    }
    return table;
}

}  // namespace kos::oci
