// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/file_system.hpp"

#include "lib/native/manager.hpp"
#include "libos/core/manager.hpp"

#include <array>

namespace kos::libos {

namespace {

/// What the root file system reports: nothing to compare with, but not 0, which means "none".
constexpr std::uint64_t device_number = 1;
constexpr std::int32_t block_size = 4096;
/// Targets of symbolic links this short lie in the inode on common file systems: no blocks.
constexpr std::uint64_t short_link = 60;

std::uint64_t make_device(std::uint32_t major, std::uint32_t minor) {
    return (minor & 0xff) | (major & 0xfff) << 8 | std::uint64_t{minor & ~0xffu} << 12;
}

}  // namespace

Result<NodeId, TreeError> FileSystem::directory(NodeId parent, std::string_view name) {
    if (const auto existing = tree_.child(parent, name)) return *existing;
    return tree_.add(parent, name, {.mode = cpio::type_directory | 0755}, {}, NodeOrigin::Added);
}

Result<void, TreeError> FileSystem::device(NodeId parent, std::string_view name,
                                           std::uint32_t minor) {
    const cpio::Metadata metadata{.mode = cpio::type_character | 0666,
                                  .special_major = memory_device::major,
                                  .special_minor = minor};
    KOS_TRY(tree_.add(parent, name, metadata, {}, NodeOrigin::Added));
    return {};
}

Result<void, TreeError> FileSystem::add_devices(std::string_view executable) {
    const NodeId dev = KOS_TRY(directory(Tree::root, "dev"));
    KOS_TRY(device(dev, "null", memory_device::null));
    KOS_TRY(device(dev, "zero", memory_device::zero));
    KOS_TRY(device(dev, "full", memory_device::full));
    KOS_TRY(device(dev, "random", memory_device::random));
    KOS_TRY(device(dev, "urandom", memory_device::urandom));
    const NodeId proc = KOS_TRY(directory(Tree::root, "proc"));
    const NodeId self = KOS_TRY(directory(proc, "self"));
    KOS_TRY(tree_.add(self, "exe", {.mode = cpio::type_symlink | 0777}, as_bytes(executable),
                      NodeOrigin::Added));
    return {};
}

Outcome<void> FileSystem::change_directory(NodeId directory) {
    if (!tree_[directory].is_directory()) return Err{Errno::Enotdir};
    KOS_TRY(check_access(directory, abi::access_mode::execute));
    memory_.hold(directory);
    memory_.release(
        NodeId{__atomic_exchange_n(&working_directory_.value, directory.value, __ATOMIC_ACQ_REL)});
    return {};
}

Outcome<void> FileSystem::check_access(NodeId id, unsigned wanted) const {
    const Node& node = tree_[id];
    const bool can_be_written = node.in_memory() || node.metadata.type() == cpio::type_character;
    if ((wanted & abi::access_mode::write) != 0 && !can_be_written) return Err{Errno::Erofs};
    if (!permits(node.metadata, who_, wanted)) return Err{Errno::Eacces};
    return {};
}

FileSystem::Section::Section(FileSystem& files) : files_(files) {
    files.lock_.acquire();
    files.memory_.tidy();
}

FileSystem::Section::~Section() { files_.lock_.release(); }

Outcome<void> FileSystem::make_memory_files() {
    const Range region = MemoryFiles::region_of(tree_);
    if (region.empty()) return {};
    KOS_TRY(manager::map(region, native::protect_read | native::protect_write));
    memory_.create(region);
    return {};
}

Outcome<void> FileSystem::may_change(NodeId directory) const {
    if (!tree_[directory].in_memory()) return Err{Errno::Erofs};
    if (tree_[directory].is_removed()) return Err{Errno::Enoent};
    return check_access(directory, abi::access_mode::write | abi::access_mode::execute);
}

Outcome<void> FileSystem::may_remove(NodeId id) const {
    constexpr std::uint32_t sticky = 01000;
    const cpio::Metadata& parent = tree_[tree_[id].parent].metadata;
    KOS_TRY(may_change(tree_[id].parent));
    const bool is_owner =
        who_.user == 0 || who_.user == tree_[id].metadata.user || who_.user == parent.user;
    if ((parent.mode & sticky) != 0 && !is_owner) return Err{Errno::Eperm};
    return {};
}

Outcome<void> FileSystem::may_own(NodeId id) const {
    if (!tree_[id].in_memory()) return Err{Errno::Erofs};
    if (who_.user != 0 && who_.user != tree_[id].metadata.user) return Err{Errno::Eperm};
    return {};
}

void FileSystem::describe(NodeId id, abi::Stat& stat) const {
    const Node& node = tree_[id];
    const cpio::Metadata& metadata = node.metadata;
    const abi::TimeSpec time{metadata.modified, 0};
    const std::uint64_t size = node.is_directory() ? block_size : node.data.size();
    const bool inline_link = node.is_link() && size < short_link;
    stat = {};
    stat.device = device_number;
    stat.inode = metadata.inode != 0 ? metadata.inode : (std::uint64_t{1} << 32) + id.value;
    stat.mode = metadata.mode;
    stat.links = tree_.link_count(id);
    stat.user = metadata.user;
    stat.group = metadata.group;
    stat.special_device = make_device(metadata.special_major, metadata.special_minor);
    stat.size = static_cast<std::int64_t>(size);
    stat.block_size = block_size;
    stat.blocks = inline_link ? 0 : static_cast<std::int64_t>(pages_for(size) * page_size / 512);
    stat.accessed = stat.modified = stat.changed = time;
    if (node.in_memory()) memory_.describe(id, stat);
}

}  // namespace kos::libos
