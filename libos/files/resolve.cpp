// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/resolve.hpp"

#include "libos/abi/file.hpp"
#include "libos/files/path.hpp"

#include <array>
#include <cstring>

namespace kos::libos {

bool permits(const cpio::Metadata& metadata, const Credentials& who, unsigned wanted) {
    if (who.user == 0) {
        const bool needs_execute = (wanted & abi::access_mode::execute) != 0;
        return !needs_execute || metadata.type() == cpio::type_directory ||
               (metadata.mode & 0111) != 0;
    }
    const unsigned shift = who.user == metadata.user ? 6 : who.group == metadata.group ? 3 : 0;
    return (metadata.mode >> shift & wanted) == wanted;
}

namespace {

constexpr std::size_t link_limit = 40;

/// What is still to be walked: the rest of a link's target before the rest of the path it is in.
class Remaining {
   public:
    explicit Remaining(std::string_view path) { parts_[0] = path; }

    std::optional<std::string_view> next_component() {
        for (;; --depth_) {
            if (auto component = libos::next_component(parts_[depth_])) return component;
            if (depth_ == 0) return std::nullopt;
        }
    }
    /// Whether nothing is left, not even slashes.
    [[nodiscard]] bool finished() const {
        for (std::size_t i = 0; i <= depth_; ++i) {
            if (!parts_[i].empty()) return false;
        }
        return true;
    }
    /// Whether no component is left, though slashes may be.
    [[nodiscard]] bool is_last() const {
        for (std::size_t i = 0; i <= depth_; ++i) {
            std::string_view part = parts_[i];
            if (libos::next_component(part)) return false;
        }
        return true;
    }
    [[nodiscard]] bool follow(std::string_view target) {
        if (++followed_ > link_limit) return false;
        parts_[++depth_] = target;
        return true;
    }

   private:
    std::array<std::string_view, link_limit + 1> parts_;
    std::size_t depth_ = 0;
    std::size_t followed_ = 0;
};

}  // namespace

Outcome<NodeId> Resolver::step(NodeId directory, std::string_view name) const {
    const Node& node = tree_[directory];
    if (!node.is_directory()) return Err{Errno::Enotdir};
    if (!permits(node.metadata, who_, abi::access_mode::execute)) return Err{Errno::Eacces};
    if (name.size() > abi::name_max) return Err{Errno::Enametoolong};
    if (name == ".") return directory;
    if (name == "..") {
        if (node.is_removed()) return Err{Errno::Enoent};
        return node.parent;
    }
    const auto child = tree_.child(directory, name);
    if (!child) return Err{Errno::Enoent};
    return *child;
}

Outcome<Place> Resolver::place(NodeId start, std::string_view path, LastLink last_link) const {
    if (path.empty()) return Err{Errno::Enoent};
    NodeId node = path.starts_with('/') ? Tree::root : start;
    Place place{.directory = node, .node = node};
    Remaining remaining{path};
    while (const auto component = remaining.next_component()) {
        const auto found = step(node, *component);
        const bool last = remaining.is_last();
        if (!found && !(last && found.error() == Errno::Enoent)) return Err{found.error()};
        place = {node, *component, found ? *found : no_node, !remaining.finished()};
        if (!found) return place;
        const bool keep = last && last_link == LastLink::Keep;
        if (!tree_[*found].is_link() || keep) {
            node = *found;
            continue;
        }
        const std::string_view target = as_text(tree_[*found].data);
        if (target.empty()) return Err{Errno::Enoent};
        if (!remaining.follow(target)) return Err{Errno::Eloop};
        if (target.starts_with('/')) node = Tree::root;
    }
    return place;
}

Outcome<NodeId> Resolver::resolve(NodeId start, std::string_view path, LastLink last_link) const {
    // A link that slashes follow stands for what it leads to.
    if (path.ends_with('/')) last_link = LastLink::Follow;
    const Place found = KOS_TRY(place(start, path, last_link));
    if (found.node == no_node) return Err{Errno::Enoent};
    if (found.slash && !tree_[found.node].is_directory()) return Err{Errno::Enotdir};
    return found.node;
}

Outcome<std::string_view> path_of(const Tree& tree, NodeId node, std::span<char> buffer) {
    std::size_t start = buffer.size();
    const auto prepend = [&](std::string_view text) {
        if (text.size() > start) return false;
        start -= text.size();
        std::memcpy(buffer.data() + start, text.data(), text.size());
        return true;
    };
    if (node == Tree::root && !prepend("/")) return Err{Errno::Erange};
    for (; !(node == Tree::root); node = tree[node].parent) {
        if (tree[node].is_removed()) return Err{Errno::Enoent};
        if (!prepend(tree[node].name) || !prepend("/")) return Err{Errno::Erange};
    }
    return std::string_view{buffer.data() + start, buffer.size() - start};
}

}  // namespace kos::libos
