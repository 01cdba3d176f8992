// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Names in memory: making, removing, moving. memory_contents.cpp has what is in the files.
#include "libos/files/memory_files.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace kos::libos {

namespace limits = native::memory_files;

namespace {

/// What Linux's tmpfs says of the size of directories.
constexpr std::uint64_t entry_size = 20;
constexpr std::uint32_t set_group = 02000;

}  // namespace

Range MemoryFiles::region_of(const Tree& tree) {
    return {private_range.end(), limits::heap_pages(tree.memory_pages()) * page_size};
}

void MemoryFiles::create(const Range& region) {
    static_assert(sizeof(Name) + sizeof(File) + sizeof(Node) + 4 * sizeof(std::uint32_t) <=
                  limits::bytes_per_name);
    const std::uint64_t pages = tree_.memory_pages();
    const std::uint64_t content = pages * page_size;
    PrivateMemory tables{{sel4::vspace_pointer(region.start.value() + content),
                          static_cast<std::size_t>(region.size - content)}};
    pages_ = PageStore{{region.start, content}, tables};
    names_ = tables.take<Name>(tree_.memory_nodes().size());
    files_ = tables.take<File>(names_.size() + limits::most_mounts);
    for (std::uint32_t i = 0; i < tree_.size(); ++i) {
        Node& node = tree_.change(NodeId{i});
        if (!is_mount(node.metadata)) continue;
        mounts_[mount_count_] = {.root = NodeId{i}, .limit = node.metadata.special_minor};
        node.metadata.special_major = node.metadata.special_minor = 0;
        File& root = files_[mount_count_];
        root = {.size = 2 * entry_size, .names = 1, .nodes = 1, .mount = mount_count_};
        root.accessed = root.modified = root.changed = now();
        node.file = mount_count_++;
    }
}

std::optional<std::uint16_t> MemoryFiles::mount_of(NodeId id) const {
    if (!tree_[id].in_memory()) return std::nullopt;
    return file_of(id).mount;
}

abi::TimeSpec MemoryFiles::now() const {
    const auto time = clock_.now(abi::ClockId::Realtime);
    return time ? to_timespec(*time) : abi::TimeSpec{};
}

/// The roots of file systems are nodes of the image and stay.
bool MemoryFiles::has_name_slot(NodeId id) const {
    return tree_[id].in_memory() && tree_[id].origin == NodeOrigin::Memory;
}

Outcome<NodeId> MemoryFiles::claim_node() {
    const std::span<Node> nodes = tree_.memory_nodes();
    for (std::uint32_t tried = 0; tried < nodes.size(); ++tried) {
        const std::uint32_t i = names_used_;
        names_used_ = i + 1 == nodes.size() ? 0 : i + 1;
        if (nodes[i].origin == NodeOrigin::Memory) continue;
        new (&nodes[i]) Node{.parent = no_node, .origin = NodeOrigin::Memory};
        return tree_.memory_node(i);
    }
    return Err{Errno::Enospc};
}

Outcome<std::uint16_t> MemoryFiles::claim_file(std::uint16_t mount) {
    for (std::size_t i = mount_count_; i < files_.size(); ++i) {
        if (files_[i].nodes != 0) continue;
        files_[i] = {.nodes = 1, .mount = mount};
        files_[i].accessed = files_[i].modified = files_[i].changed = now();
        return static_cast<std::uint16_t>(i);
    }
    return Err{Errno::Enospc};
}

Outcome<std::string_view> MemoryFiles::keep_name(NodeId id, std::string_view name) {
    if (name.size() > abi::name_max) return Err{Errno::Enametoolong};
    char* const text = name_of(id).text.data();
    std::memmove(text, name.data(), name.size());
    return std::string_view{text, name.size()};
}

void MemoryFiles::touch(NodeId id) {
    File& file = file_of(id);
    file.modified = file.changed = now();
}

void MemoryFiles::enter(NodeId id, NodeId directory, std::string_view name) {
    name_of(id).sequence = ++next_sequence_;
    tree_.attach(id, directory, name);
    file_of(directory).size += entry_size;
    touch(directory);
}

void MemoryFiles::leave(NodeId id) {
    const NodeId directory = tree_[id].parent;
    file_of(directory).size -= entry_size;
    touch(directory);
    tree_.detach(id);
}

/// A node and its file, which nothing refers to yet.
Outcome<NodeId> MemoryFiles::claim(NodeId directory, const NewFile& file) {
    const NodeId id = KOS_TRY(claim_node());
    Node& node = tree_.change(id);
    const auto number = claim_file(file_of(directory).mount);
    if (!number) {
        node.origin = NodeOrigin::Image;
        return Err{number.error()};
    }
    node.file = *number;
    node.metadata.mode = file.mode;
    node.metadata.user = file.user;
    node.metadata.group = file.group;
    node.metadata.inode = 1u + *number;
    const cpio::Metadata& parent = tree_[directory].metadata;
    if ((parent.mode & set_group) != 0) {
        node.metadata.group = parent.group;
        if (node.is_directory()) node.metadata.mode |= set_group;
    }
    if (node.is_directory()) file_of(id).size = 2 * entry_size;
    return id;
}

Outcome<NodeId> MemoryFiles::make_unnamed(NodeId directory, const NewFile& file) {
    // Unless it is opened it is to go again.
    __atomic_store_n(&untidy_, true, __ATOMIC_RELEASE);
    return claim(directory, file);
}

Outcome<NodeId> MemoryFiles::make(NodeId directory, std::string_view name, const NewFile& file) {
    if (name.size() > abi::name_max) return Err{Errno::Enametoolong};
    const NodeId id = KOS_TRY(claim(directory, file));
    enter(id, directory, KOS_TRY(keep_name(id, name)));
    file_of(id).names = 1;
    return id;
}

Outcome<void> MemoryFiles::link(NodeId id, NodeId directory, std::string_view name) {
    if (name.size() > abi::name_max) return Err{Errno::Enametoolong};
    const NodeId other = KOS_TRY(claim_node());
    Node& node = tree_.change(other);
    node.file = tree_[id].file;
    node.metadata = tree_[id].metadata;
    node.data = tree_[id].data;
    enter(other, directory, KOS_TRY(keep_name(other, name)));
    File& file = file_of(id);
    ++file.names;
    ++file.nodes;
    file.changed = now();
    return {};
}

void MemoryFiles::remove(NodeId id) {
    leave(id);
    File& file = file_of(id);
    --file.names;
    file.changed = now();
    if (__atomic_load_n(&name_of(id).holds, __ATOMIC_SEQ_CST) == 0) free(id);
}

Outcome<void> MemoryFiles::move(NodeId id, NodeId directory, std::string_view name) {
    if (name.size() > abi::name_max) return Err{Errno::Enametoolong};
    leave(id);
    enter(id, directory, KOS_TRY(keep_name(id, name)));
    file_of(id).changed = now();
    return {};
}

void MemoryFiles::free(NodeId id) {
    File& file = file_of(id);
    if (--file.nodes == 0) {
        drop_pages(id, 0);
        file = {};
    }
    tree_.change(id) = Node{};
    name_of(id).holds = 0;
}

void MemoryFiles::hold(NodeId id) {
    if (has_name_slot(id)) __atomic_add_fetch(&name_of(id).holds, 1, __ATOMIC_RELAXED);
}

/// Without the lock, which the caller may hold: what is free is freed by tidy().
void MemoryFiles::release(NodeId id) {
    if (!has_name_slot(id)) return;
    if (__atomic_sub_fetch(&name_of(id).holds, 1, __ATOMIC_SEQ_CST) != 0) return;
    const auto parent = __atomic_load_n(&tree_.change(id).parent.value, __ATOMIC_SEQ_CST);
    if (NodeId{parent} == no_node) __atomic_store_n(&untidy_, true, __ATOMIC_RELEASE);
}

void MemoryFiles::tidy() {
    if (!__atomic_load_n(&untidy_, __ATOMIC_RELAXED)) return;
    __atomic_store_n(&untidy_, false, __ATOMIC_SEQ_CST);
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const NodeId id = tree_.memory_node(i);
        const bool is_free = !has_name_slot(id) || !tree_[id].is_removed();
        if (!is_free && __atomic_load_n(&names_[i].holds, __ATOMIC_ACQUIRE) == 0) free(id);
    }
}

/// Calls `change` with the metadata of every name of the file.
template <class Change>
void MemoryFiles::change_all(NodeId id, Change change) {
    const std::uint16_t number = tree_[id].file;
    change(tree_.change(id).metadata);
    if (file_of(id).nodes > 1) {
        for (Node& node : tree_.memory_nodes()) {
            if (node.file == number) change(node.metadata);
        }
    }
    file_of(id).changed = now();
}

void MemoryFiles::set_mode(NodeId id, std::uint32_t permissions) {
    const std::uint32_t mode = tree_[id].metadata.type() | permissions;
    change_all(id, [&](cpio::Metadata& metadata) { metadata.mode = mode; });
}

void MemoryFiles::set_owner(NodeId id, std::uint32_t user, std::uint32_t group) {
    change_all(id, [&](cpio::Metadata& metadata) {
        metadata.user = user;
        metadata.group = group;
    });
}

void MemoryFiles::set_times(NodeId id, std::optional<abi::TimeSpec> accessed,
                            std::optional<abi::TimeSpec> modified) {
    File& file = file_of(id);
    if (accessed) file.accessed = *accessed;
    if (modified) file.modified = *modified;
    file.changed = now();
}

NodeId MemoryFiles::listed_from(NodeId directory, Word sequence) const {
    NodeId child = tree_[directory].first_child;
    while (!(child == no_node) && sequence_of(child) < sequence) child = tree_[child].next_sibling;
    return child;
}

Word MemoryFiles::sequence_of(NodeId id) const { return names_[tree_.memory_number(id)].sequence; }

}  // namespace kos::libos
