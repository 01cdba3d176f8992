// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/layer.hpp"

#include <algorithm>

namespace kos::oci {
namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";
constexpr std::string_view whiteout_metadata = ".wh..wh.";

/// The names of an entry's path, where it stays within the root.
Outcome<std::vector<std::string>> checked_path(const std::string& path, const LayerLimits& limits,
                                               const std::string& where) {
    const std::string place = where + ": \"" + path + "\"";
    if (path.starts_with('/')) return fail(ErrorCode::LayerPath, place, "an absolute path");
    if (path.size() > limits.path_bytes)
        return fail(ErrorCode::LayerCorrupt, where, "a path is too long");
    std::vector<std::string> names = split_path(path);
    if (names.size() > limits.path_names) {
        return fail(ErrorCode::LayerCorrupt, place, "directories are nested too deeply");
    }
    if (std::find(names.begin(), names.end(), "..") != names.end()) {
        return fail(ErrorCode::LayerPath, place, "a path with \"..\"");
    }
    return names;
}

NodeType node_type(EntryType type) {
    switch (type) {
        case EntryType::Directory:
            return NodeType::Directory;
        case EntryType::Symlink:
            return NodeType::Symlink;
        case EntryType::CharDevice:
            return NodeType::CharDevice;
        case EntryType::BlockDevice:
            return NodeType::BlockDevice;
        case EntryType::Fifo:
            return NodeType::Fifo;
        case EntryType::File:
        case EntryType::Unknown:
            break;
    }
    return NodeType::File;
}

/// The path of the directory that holds the last of \p names.
std::string directory_of(const std::vector<std::string>& names) {
    std::string path;
    for (std::size_t i = 0; i + 1 < names.size(); ++i) path.append("/").append(names[i]);
    return path;
}

}  // namespace

Outcome<void> LayerApplier::apply(Bytes tar, const std::string& where) {
    ++layer_;
    TarReader reader = KOS_TRY(open_tar_bytes(tar, where));
    while (KOS_TRY(reader.next())) KOS_TRY(apply_entry(reader, where));
    return {};
}

Outcome<void> LayerApplier::apply_entry(TarReader& tar, const std::string& where) {
    if (++entries_ > limits_.entries) {
        return fail(ErrorCode::LayerCorrupt, where,
                    "the image has more than " + std::to_string(limits_.entries) + " entries");
    }
    const std::vector<std::string> names = KOS_TRY(checked_path(tar.path(), limits_, where));
    const std::string place = where + ": \"" + tar.path() + "\"";
    if (names.empty()) {
        if (tar.type() == EntryType::Directory) return fill(tar, rootfs_.root(), place);
        return fail(ErrorCode::LayerPath, place, "the root must be a directory");
    }
    if (names.back().starts_with(whiteout_prefix)) {
        white_out(directory_of(names), names.back());
        return {};
    }
    Node* parent = KOS_TRY(parent_of(directory_of(names), place));
    if (!tar.hard_link().empty()) return link(tar, *parent, names.back(), place);
    if (tar.type() == EntryType::Unknown) {
        return fail(ErrorCode::LayerCorrupt, place, "an entry of unknown type");
    }
    return put(tar, *parent, names.back(), place);
}

/// The directory that \p path leads to; what is missing of it is made.
Outcome<Node*> LayerApplier::parent_of(const std::string& path, const std::string& where) {
    const auto located = rootfs_.locate(path);
    if (!located || (located->node != nullptr && located->node->type != NodeType::Directory)) {
        return fail(ErrorCode::LayerPath, where,
                    "\"" + path.substr(1) + "\" is not a directory, or a loop of symbolic links");
    }
    const std::vector<std::string> names = split_path(located->path);
    if (names.size() > limits_.path_names) {
        return fail(ErrorCode::LayerCorrupt, where, "directories are nested too deeply");
    }
    Node* directory = &rootfs_.root();
    for (const std::string& name : names) {
        Entry& entry = directory->children[name];
        if (!entry.node) entry = {std::make_shared<Node>(), layer_};
        directory = entry.node.get();
    }
    return directory;
}

Outcome<void> LayerApplier::link(TarReader& tar, Node& parent, const std::string& name,
                                 const std::string& where) {
    const auto target = KOS_TRY(checked_path(tar.hard_link(), limits_, where));
    if (const auto directory = rootfs_.resolve(directory_of(target));
        directory && !target.empty()) {
        const auto found = directory->node->children.find(target.back());
        if (found != directory->node->children.end() &&
            found->second.node->type != NodeType::Directory) {
            const std::shared_ptr<Node> node = found->second.node;
            parent.children[name] = {node, layer_};
            return {};
        }
    }
    return fail(ErrorCode::LayerCorrupt, where,
                "a hard link to \"" + tar.hard_link() + "\", which is no file of the image");
}

Outcome<void> LayerApplier::put(TarReader& tar, Node& parent, const std::string& name,
                                const std::string& where) {
    Entry& entry = parent.children[name];
    const bool is_directory = tar.type() == EntryType::Directory;
    // A directory over a directory keeps what is in it; all else replaces what was there.
    if (!entry.node || !is_directory || entry.node->type != NodeType::Directory) {
        entry.node = std::make_shared<Node>();
    }
    entry.layer = layer_;
    return fill(tar, *entry.node, where);
}

Outcome<void> LayerApplier::fill(TarReader& tar, Node& node, const std::string& where) {
    node.type = node_type(tar.type());
    node.mode = tar.mode();
    node.user = tar.user();
    node.group = tar.group();
    node.modified = tar.modified();
    node.xattrs = tar.xattrs();
    const bool is_device = node.type == NodeType::CharDevice || node.type == NodeType::BlockDevice;
    node.device_major = is_device ? tar.device_major() : 0;
    node.device_minor = is_device ? tar.device_minor() : 0;
    for (const auto& [name, value] : node.xattrs) {
        KOS_TRY(charge(name.size() + value.size(), where));
    }
    if (node.type == NodeType::Symlink) {
        node.content = tar.symlink();
        if (node.content.size() > limits_.path_bytes) {
            return fail(ErrorCode::LayerCorrupt, where, "the target of a link is too long");
        }
    }
    if (node.type == NodeType::File) {
        KOS_TRY(charge(tar.size(), where));
        node.content = KOS_TRY(tar.read_data());
    }
    return {};
}

/// Counts bytes before they are held.
Outcome<void> LayerApplier::charge(std::uint64_t bytes, const std::string& where) {
    if (bytes > limits_.content_bytes - bytes_) {
        return fail(
            ErrorCode::LayerCorrupt, where,
            "the image's files have more than " + std::to_string(limits_.content_bytes) + " bytes");
    }
    bytes_ += bytes;
    return {};
}

void LayerApplier::white_out(const std::string& directory, const std::string& name) {
    const auto located = rootfs_.resolve(directory);
    if (!located || located->node->type != NodeType::Directory) return;
    Node* node = rootfs_.find(located->path);
    if (name == opaque_name) {
        std::vector<std::string> children;
        for (const auto& [child, entry] : node->children) children.push_back(child);
        for (const std::string& child : children) remove_lower(*node, child);
        return;
    }
    // Other names of this form are notes that AUFS left, not whiteouts.
    if (name.starts_with(whiteout_metadata)) return;
    remove_lower(*node, name.substr(whiteout_prefix.size()));
}

/// Removes what lower layers hold under \p name, and spares what this layer put there.
void LayerApplier::remove_lower(Node& directory, const std::string& name) {
    const auto found = directory.children.find(name);
    if (found == directory.children.end()) return;
    Node& node = *found->second.node;
    std::vector<std::string> children;
    for (const auto& [child, entry] : node.children) children.push_back(child);
    for (const std::string& child : children) remove_lower(node, child);
    if (found->second.layer != layer_ && node.children.empty()) directory.children.erase(found);
}

}  // namespace kos::oci
