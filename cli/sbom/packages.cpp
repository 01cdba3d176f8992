// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/packages.hpp"

#include <algorithm>

namespace kos::sbom {

namespace {

/// The text up to the next newline, which is taken off.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t') || text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    return text;
}

/// Stanzas of "Key: value", an empty line after each; lines that go on begin with a space.
void read_status(std::string_view text, std::vector<Package>& packages) {
    Package package;
    bool is_installed = true;
    const auto finish = [&] {
        if (!package.name.empty() && is_installed) packages.push_back(package);
        package = {};
        is_installed = true;
    };
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (trimmed(line).empty()) {
            finish();
            continue;
        }
        const std::size_t colon = line.find(':');
        if (line.front() == ' ' || colon == line.npos) continue;
        const std::string_view key = line.substr(0, colon);
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (key == "Package") package.name = value;
        if (key == "Version") package.version = value;
        if (key == "Architecture") package.architecture = value;
        if (key == "Source") package.source = value;
        // "want flag status"; files of status.d have none.
        if (key == "Status") is_installed = value.ends_with(" installed");
    }
    finish();
}

}  // namespace

std::vector<Package> packages_of(const oci::RootFs& root) {
    std::vector<Package> packages;
    if (const std::string* status = root.read("/var/lib/dpkg/status")) {
        read_status(*status, packages);
    }
    const auto folder = root.resolve("/var/lib/dpkg/status.d");
    if (folder && folder->node != nullptr && folder->node->type == oci::NodeType::Directory) {
        for (const auto& [name, entry] : folder->node->children) {
            if (entry.node->type != oci::NodeType::File || name.ends_with(".md5sums")) continue;
            read_status(entry.node->content, packages);
        }
    }
    std::ranges::sort(packages);
    packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
    return packages;
}

Distribution distribution_of(const oci::RootFs& root) {
    Distribution distribution;
    const std::string* text = root.read("/etc/os-release");
    if (text == nullptr) text = root.read("/usr/lib/os-release");
    std::string_view rest = text != nullptr ? std::string_view{*text} : std::string_view{};
    while (!rest.empty()) {
        const std::string_view line = trimmed(take_line(rest));
        const std::size_t equals = line.find('=');
        if (equals == line.npos) continue;
        std::string_view value = line.substr(equals + 1);
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) {
            value = value.substr(1, value.size() - 2);
        }
        if (line.substr(0, equals) == "ID" && !value.empty()) distribution.id = value;
        if (line.substr(0, equals) == "VERSION_ID") distribution.version = value;
    }
    return distribution;
}

}  // namespace kos::sbom
