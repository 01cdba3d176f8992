// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/files.hpp"

#include "cli/compose/reader.hpp"
#include "cli/file/file.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace kos::linuxkit {

using compose::Value;
namespace fs = std::filesystem;

namespace {

/// Of the document, which may be long: `metadata: yaml` is one.
constexpr unsigned most_copies = 16;

/// Where something else would lie over the file: kosinit's mounts, or files that it writes.
constexpr auto taken = std::to_array<std::string_view>({
    "bin/kosinit",
    "bin/runc",
    "boot",
    "container",
    "containers",
    "dev",
    "etc/hostname",
    "etc/hosts",
    "etc/resolv.conf",
    "proc",
    "run",
    "sys",
    "tmp",
});

bool lies_in(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// Without slashes at its ends; a path that leaves the root is none.
Outcome<std::string> path_of(const Value& value) {
    const std::string text = KOS_TRY(compose::read_text(value));
    std::string path;
    for (const std::string& part : oci::split_path(text)) {
        if (part == "..") return compose::refuse_value(value, "it leaves the root filesystem");
        path += (path.empty() ? "" : "/") + part;
    }
    if (path.empty()) return compose::refuse_value(value, "it names no file");
    for (const std::string_view each : taken) {
        if (!lies_in(path, each)) continue;
        return fail(ErrorCode::ComposeUnsupported, to_string(value.position),
                    "path: " + path + ": kosinit has its own files there");
    }
    return path;
}

Outcome<fs::path> source_of(const Value& value, const fs::path& folder) {
    std::string text = KOS_TRY(compose::read_text(value));
    if (text.starts_with("~/")) {
        const char* home = std::getenv("HOME");
        text.replace(0, 1, home != nullptr ? home : "");
    }
    return folder / text;
}

Outcome<std::string> read_source(const fs::path& path, const Value& value) {
    const std::string source = "source of " + to_string(value.position);
    std::error_code error;
    // A pipe or a device may never end.
    if (fs::is_other(path, error)) {
        return fail(ErrorCode::File, path.string(), source + ": it is no regular file");
    }
    auto content = file::read(path);
    if (content) return content;
    return fail(ErrorCode::File, path.string(), source + ": " + content.error().detail);
}

Outcome<bool> flag_in(const Value& item, std::string_view key) {
    const Value* value = item.find(key);
    return value == nullptr ? false : compose::read_bool(*value);
}

Outcome<std::uint32_t> id_in(const Value& item, std::string_view key) {
    const Value* value = item.find(key);
    if (value == nullptr || value->text == "root") return 0u;
    return static_cast<std::uint32_t>(KOS_TRY(compose::read_number(*value, 0, 0xffff'fffe)));
}

/// A file, folder or link; nothing where an optional source is not there.
Outcome<std::shared_ptr<oci::Node>> node_of(const Value& item, const fs::path& folder,
                                            const std::string& document) {
    static constexpr auto kinds =
        std::to_array<std::string_view>({"directory", "symlink", "contents", "source", "metadata"});
    auto node = std::make_shared<oci::Node>();
    const bool is_folder = KOS_TRY(flag_in(item, "directory"));
    const auto given = std::count_if(kinds.begin(), kinds.end(), [&](std::string_view key) {
        return item.find(key) != nullptr && (key != "directory" || is_folder);
    });
    if (given != 1) {
        return compose::refuse_value(
            item, "a file has one of contents, source, symlink, metadata and directory: true");
    }
    node->type = is_folder ? oci::NodeType::Directory : oci::NodeType::File;
    node->mode = is_folder ? 0700 : 0600;
    if (const Value* target = item.find("symlink")) {
        node->type = oci::NodeType::Symlink;
        node->mode = 0777;
        node->content = KOS_TRY(compose::read_text(*target));
    } else if (const Value* contents = item.find("contents")) {
        node->content = contents->is_null() ? "" : KOS_TRY(compose::read_text(*contents));
    } else if (const Value* metadata = item.find("metadata")) {
        if (metadata->text != "yaml") return compose::refuse_value(*metadata, "it should be yaml");
        node->content = document;
    } else if (const Value* source = item.find("source")) {
        const fs::path path = KOS_TRY(source_of(*source, folder));
        const bool is_optional = KOS_TRY(flag_in(item, "optional"));
        // What cannot be looked at is none that is not there: reading it tells why.
        std::error_code error;
        if (is_optional && fs::status(path, error).type() == fs::file_type::not_found) {
            return std::shared_ptr<oci::Node>{};
        }
        node->content = KOS_TRY(read_source(path, *source));
    }
    if (const Value* mode = item.find("mode")) node->mode = KOS_TRY(compose::read_mode(*mode));
    node->user = KOS_TRY(id_in(item, "uid"));
    node->group = KOS_TRY(id_in(item, "gid"));
    return node;
}

}  // namespace

Outcome<oci::RootFs> files_of(const Value& list, const fs::path& folder,
                              const std::string& document) {
    static constexpr auto keys =
        std::to_array<std::string_view>({"path", "directory", "symlink", "contents", "source",
                                         "metadata", "optional", "mode", "uid", "gid"});
    KOS_TRY(compose::expect_list(list, "files"));
    oci::RootFs tree;
    unsigned copies = 0;
    for (const Value& item : list.items) {
        KOS_TRY(compose::check_keys(item, "a file", keys));
        if (item.find("metadata") != nullptr && ++copies > most_copies) {
            return compose::refuse_value(item, "at most " + std::to_string(most_copies) +
                                                   " files have metadata: link to one of them");
        }
        const Value* where = item.find("path");
        if (where == nullptr) return compose::refuse_value(item, "a file has a path");
        const std::string path = KOS_TRY(path_of(*where));
        auto node = KOS_TRY(node_of(item, folder, document));
        if (node == nullptr) continue;
        const std::size_t slash = path.rfind('/');
        const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
        tree.make_directories("/" + parent);
        oci::Node* in = tree.find("/" + parent);
        if (in == nullptr || in->type != oci::NodeType::Directory) {
            return compose::refuse_value(*where, "its folder is no folder");
        }
        oci::Entry& entry =
            in->children[slash == std::string::npos ? path : path.substr(slash + 1)];
        // A folder that files were put into already keeps them.
        if (entry.node != nullptr && entry.node->type == node->type) {
            node->children = std::move(entry.node->children);
        }
        entry.node = std::move(node);
    }
    return tree;
}

}  // namespace kos::linuxkit
