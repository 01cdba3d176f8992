// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/tree.hpp"

#include "libos/files/path.hpp"

#include <bit>
#include <new>

namespace kos::libos {

namespace {

constexpr cpio::Metadata root_metadata{
    .inode = 0, .mode = cpio::type_directory | 0755, .link_count = 2};

struct Counts {
    std::size_t entries = 0;
    std::uint64_t memory_pages = 0;
    std::size_t mounts = 0;
};

Result<Counts, TreeError> count_entries(Bytes archive) {
    cpio::Reader reader{archive};
    for (Counts counts;; ++counts.entries) {
        auto entry = reader.next();
        if (!entry) return Err{TreeError::Archive};
        if (!*entry) return counts;
        if (!is_mount((*entry)->metadata)) continue;
        counts.memory_pages += (*entry)->metadata.special_minor;
        ++counts.mounts;
        if (counts.memory_pages > native::memory_files::most_pages ||
            counts.mounts > native::memory_files::most_mounts) {
            return Err{TreeError::Archive};
        }
    }
}

}  // namespace

Result<Tree, TreeError> Tree::create(Bytes archive, PrivateMemory& memory, std::size_t additions) {
    const Counts counts = KOS_TRY(count_entries(archive));
    const std::size_t first_memory = counts.entries + additions + 1;
    const std::size_t capacity =
        first_memory + native::memory_files::names_for(counts.memory_pages);
    const std::size_t slots = std::bit_ceil(2 * capacity);
    Tree tree{memory.take<Node>(capacity), NameIndex{memory.take<std::uint32_t>(slots)},
              first_memory};
    tree.memory_pages_ = counts.memory_pages;
    new (tree.nodes_.data()) Node{.metadata = root_metadata, .parent = root};
    tree.count_ = 1;
    cpio::Reader reader{archive};
    for (;;) {
        const auto entry = reader.next();
        if (!entry) return Err{TreeError::Archive};
        if (!*entry) break;
        KOS_TRY(tree.add_entry(**entry));
    }
    tree.share_linked_data(NameIndex{memory.take<std::uint32_t>(slots)});
    return tree;
}

Result<void, TreeError> Tree::add_entry(const cpio::Entry& entry) {
    const SplitPath path = split_last(entry.name);
    const auto directory = find(path.front);
    if (!directory) return Err{TreeError::Parent};
    if (path.last.empty() || path.last == ".") {
        if (!(*directory == root) || entry.metadata.type() != cpio::type_directory) {
            return Err{TreeError::Name};
        }
        nodes_[0].metadata = entry.metadata;
        return {};
    }
    if (path.last == "..") return Err{TreeError::Name};
    KOS_TRY(add(*directory, path.last, entry.metadata, entry.data, NodeOrigin::Image));
    return {};
}

/// Without symbolic links, `.` and `..`: the names of an archive have none.
std::optional<NodeId> Tree::find(std::string_view path) const {
    NodeId node = root;
    while (const auto component = next_component(path)) {
        if (*component == ".") continue;
        const auto found = child(node, *component);
        if (!found) return std::nullopt;
        node = *found;
    }
    return node;
}

std::optional<NodeId> Tree::child(NodeId directory, std::string_view name) const {
    const NodeId found = index_.find(directory, name, [&](NodeId id) {
        const Node& node = nodes_[id.value];
        return node.parent == directory && node.name == name;
    });
    if (found == no_node) return std::nullopt;
    return found;
}

std::uint32_t Tree::link_count(NodeId id) const {
    const Node& node = (*this)[id];
    if (!node.is_directory()) return node.metadata.link_count;
    std::uint32_t count = 2;
    for (NodeId c = node.first_child; !(c == no_node); c = (*this)[c].next_sibling) {
        const Node& entry = (*this)[c];
        if (entry.is_directory() && entry.origin != NodeOrigin::Added) ++count;
    }
    return count;
}

Result<NodeId, TreeError> Tree::add(NodeId directory, std::string_view name,
                                    const cpio::Metadata& metadata, Bytes data, NodeOrigin origin) {
    Node& parent = nodes_[directory.value];
    if (!parent.is_directory()) return Err{TreeError::Parent};
    if (const auto existing = child(directory, name)) {
        Node& node = nodes_[existing->value];
        node.metadata = metadata;
        node.data = data;
        return *existing;
    }
    if (count_ == first_memory_) return Err{TreeError::Full};
    const NodeId id{count_++};
    new (&nodes_[id.value]) Node{.data = data, .metadata = metadata, .origin = origin};
    attach(id, directory, name);
    return id;
}

void Tree::attach(NodeId id, NodeId directory, std::string_view name) {
    Node& node = nodes_[id.value];
    Node& parent = nodes_[directory.value];
    node.name = name;
    node.parent = directory;
    node.next_sibling = no_node;
    index_.insert(directory, name, id);
    if (parent.last_child == no_node) {
        parent.first_child = id;
    } else {
        nodes_[parent.last_child.value].next_sibling = id;
    }
    parent.last_child = id;
}

void Tree::detach(NodeId id) {
    Node& node = nodes_[id.value];
    index_.erase(id, [&](NodeId each) {
        return index_.home(nodes_[each.value].parent, nodes_[each.value].name);
    });
    Node& parent = nodes_[node.parent.value];
    NodeId before = no_node;
    for (NodeId c = parent.first_child; !(c == id); c = nodes_[c.value].next_sibling) before = c;
    (before == no_node ? parent.first_child : nodes_[before.value].next_sibling) =
        node.next_sibling;
    if (parent.last_child == id) parent.last_child = before;
    node.parent = no_node;
}

/// Hard links: the data lies with one of the names, the first or (GNU cpio) the last.
void Tree::share_linked_data(NameIndex by_inode) {
    const auto linked = [](const Node& node) {
        return node.metadata.type() == cpio::type_regular && node.metadata.link_count > 1;
    };
    for (std::uint32_t i = 1; i < count_; ++i) {
        if (linked(nodes_[i]) && !nodes_[i].data.empty()) {
            by_inode.insert(NodeId{nodes_[i].metadata.inode}, {}, NodeId{i});
        }
    }
    for (Node& node : nodes_.first(count_)) {
        if (!linked(node) || !node.data.empty()) continue;
        const NodeId holder = by_inode.find(NodeId{node.metadata.inode}, {}, [&](NodeId id) {
            return nodes_[id.value].metadata.inode == node.metadata.inode;
        });
        if (!(holder == no_node)) node.data = nodes_[holder.value].data;
    }
}

}  // namespace kos::libos
