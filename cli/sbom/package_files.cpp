// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/package_files.hpp"

#include "loader/cpio/reader.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace kos::sbom {

namespace {

constexpr auto files = std::to_array<std::string_view>(
    {"etc/os-release", "usr/lib/os-release", "var/lib/dpkg/status"});
constexpr std::string_view folder = "var/lib/dpkg/status.d/";
/// Linux's PATH_MAX; it bounds the depth of the tree.
constexpr std::size_t longest_path = 4096;

bool is_wanted(std::string_view path) {
    return std::ranges::find(files, path) != files.end() || path.starts_with(folder);
}

/// What an image calls its files may lead through ".." or through a file.
Outcome<void> put(oci::RootFs& tree, const std::string& path, std::string content) {
    if (path.size() > longest_path) {
        return fail(ErrorCode::ImageCorrupt, path.substr(0, 64) + "…", "the path is too long");
    }
    const std::size_t slash = path.rfind('/');
    const std::string in = "/" + path.substr(0, slash);
    tree.make_directories(in);
    oci::Node* const directory = tree.find(in);
    if (directory == nullptr || directory->type != oci::NodeType::Directory) {
        return fail(ErrorCode::ImageCorrupt, path, "the path leads through what is no directory");
    }
    auto node = std::make_shared<oci::Node>();
    node->type = oci::NodeType::File;
    node->content = std::move(content);
    directory->children[path.substr(slash + 1)] = {std::move(node)};
    return {};
}

}  // namespace

Outcome<oci::RootFs> package_files(Bytes initrd) {
    oci::RootFs tree;
    cpio::Reader reader{initrd};
    for (;;) {
        const auto entry = reader.next();
        if (!entry) {
            return fail(ErrorCode::ImageCorrupt, "initrd",
                        std::string{cpio::describe(entry.error())});
        }
        if (!*entry) return tree;
        const auto& [name, metadata, data] = **entry;
        if (metadata.type() != cpio::type_regular || !is_wanted(name)) continue;
        KOS_TRY(put(tree, std::string{name}, std::string{as_text(data)}));
    }
}

Outcome<oci::RootFs> package_files(squashfs::Reader& disk, const std::string& root) {
    std::vector<std::string> paths{files.begin(), files.end()};
    const std::string base = root + "/";
    for (const std::string& name : KOS_TRY(disk.names(base + std::string{folder}))) {
        paths.push_back(std::string{folder} + name);
    }
    oci::RootFs tree;
    for (const std::string& path : paths) {
        auto content = KOS_TRY(disk.content(base + path));
        if (content) KOS_TRY(put(tree, path, std::move(*content)));
    }
    return tree;
}

Outcome<std::vector<ListedModule>> listed_modules(squashfs::Reader& disk) {
    std::vector<ListedModule> modules;
    for (const std::string& release : KOS_TRY(disk.names("lib/modules"))) {
        const std::string list = "lib/modules/" + release + "/modules.dep";
        const std::string content = KOS_TRY(disk.content(list)).value_or("");
        std::string_view text = content;
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(text.size(), line.size() + 1));
            const std::size_t colon = line.find(':');
            if (colon == line.npos) continue;
            if (modules.size() == most_modules) {
                return fail(ErrorCode::ImageCorrupt, list, "there are too many modules");
            }
            modules.push_back({release, std::string{line.substr(0, colon)}});
        }
    }
    return modules;
}

}  // namespace kos::sbom
