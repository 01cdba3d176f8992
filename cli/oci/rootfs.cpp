// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/rootfs.hpp"

#include <deque>

namespace kos::oci {
namespace {

/// As Linux has it (MAXSYMLINKS): more than this is a loop.
constexpr unsigned max_links = 40;

std::string join(const std::vector<std::string>& names) {
    std::string path;
    for (const std::string& name : names) path += "/" + name;
    return path.empty() ? "/" : path;
}

/// The entry of that name, or null.
const Node* child_of(const Node* directory, const std::string& name) {
    if (directory == nullptr) return nullptr;
    const auto child = directory->children.find(name);
    return child == directory->children.end() ? nullptr : child->second.node.get();
}

}  // namespace

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> names;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view name = path.substr(0, slash);
        if (!name.empty() && name != ".") names.emplace_back(name);
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
    }
    return names;
}

std::optional<RootFs::Resolved> RootFs::resolve(std::string_view path) const {
    return walk(path, Missing::Refused);
}

std::optional<RootFs::Resolved> RootFs::locate(std::string_view path) const {
    return walk(path, Missing::Allowed);
}

std::optional<RootFs::Resolved> RootFs::walk(std::string_view path, Missing missing) const {
    std::vector<std::string> names;
    std::vector<const Node*> nodes{root_.get()};  // of names, the root before them; null is missing
    const std::vector<std::string> wanted = split_path(path);
    std::deque<std::string> left{wanted.begin(), wanted.end()};
    unsigned links = 0;
    while (!left.empty()) {
        const std::string name = std::move(left.front());
        left.pop_front();
        const bool is_missing = nodes.back() == nullptr;
        if (!is_missing && nodes.back()->type != NodeType::Directory) return std::nullopt;
        if (name == "..") {
            if (!names.empty()) {
                names.pop_back();
                nodes.pop_back();
            }
            continue;
        }
        const Node* node = child_of(nodes.back(), name);
        if (node == nullptr && missing == Missing::Refused) return std::nullopt;
        if (node == nullptr || node->type != NodeType::Symlink) {
            names.push_back(name);
            nodes.push_back(node);
            continue;
        }
        if (++links > max_links) return std::nullopt;
        if (node->content.starts_with('/')) {
            names.clear();
            nodes.resize(1);
        }
        const std::vector<std::string> target = split_path(node->content);
        left.insert(left.begin(), target.begin(), target.end());
    }
    return Resolved{nodes.back(), join(names)};
}

void RootFs::make_directories(std::string_view path) {
    std::string existing = "/";
    for (const std::string& name : split_path(path)) {
        std::string wanted = existing;
        wanted.append("/").append(name);
        if (const auto found = resolve(wanted)) {
            existing = found->path;
            continue;
        }
        Node* parent = find(existing);
        if (parent == nullptr || parent->type != NodeType::Directory) return;
        if (!parent->children.try_emplace(name, Entry{std::make_shared<Node>()}).second) return;
        existing = std::move(wanted);
    }
}

Node* RootFs::find(std::string_view path) const {
    Node* node = root_.get();
    for (const std::string& name : split_path(path)) {
        const auto child = node->children.find(name);
        if (child == node->children.end()) return nullptr;
        node = child->second.node.get();
    }
    return node;
}

const std::string* RootFs::read(std::string_view path) const {
    const auto found = resolve(path);
    if (!found || found->node->type != NodeType::File) return nullptr;
    return &found->node->content;
}

}  // namespace kos::oci
