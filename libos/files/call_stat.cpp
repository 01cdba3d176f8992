// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Describing files.
#include "libos/dispatch/calls.hpp"
#include "libos/files/look_up.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos::calls {

namespace {

constexpr unsigned known_stat_flags =
    abi::at_flag::no_follow | abi::at_flag::no_automount | abi::at_flag::empty_path;

/// fstat(2) of a descriptor, also of one that is no node of the tree.
Outcome<abi::Stat> stat_of(Descriptor file) {
    const FileSystem::Section section(process().files);
    const FileReference open = KOS_TRY(process().descriptors.get(file));
    abi::Stat stat{};
    open->describe(stat);
    return stat;
}

Outcome<abi::Stat> stat_at(int directory, UserString path, unsigned flags) {
    const std::string_view name = KOS_TRY(path.read(abi::path_max));
    const bool of_descriptor = name.empty() && (flags & abi::at_flag::empty_path) != 0;
    if (of_descriptor && directory != abi::at_flag::working_directory) return stat_of(directory);
    const FileSystem::Section section(process().files);
    abi::Stat stat{};
    process().files.describe(KOS_TRY(look_up(directory, name, flags)), stat);
    return stat;
}

std::uint32_t major_of(std::uint64_t device) {
    return static_cast<std::uint32_t>(device >> 8 & 0xfff);
}
std::uint32_t minor_of(std::uint64_t device) {
    return static_cast<std::uint32_t>((device & 0xff) | (device >> 12 & 0xffffff00));
}

abi::Statx extend(const abi::Stat& stat) {
    const abi::StatxTime time{stat.modified.seconds,
                              static_cast<std::uint32_t>(stat.modified.nanoseconds), 0};
    abi::Statx result{};
    result.mask = abi::Statx::basic;
    result.block_size = static_cast<std::uint32_t>(stat.block_size);
    result.links = stat.links;
    result.user = stat.user;
    result.group = stat.group;
    result.mode = static_cast<std::uint16_t>(stat.mode);
    result.inode = stat.inode;
    result.size = static_cast<std::uint64_t>(stat.size);
    result.blocks = static_cast<std::uint64_t>(stat.blocks);
    result.accessed = result.changed = result.modified = time;
    result.special_device_major = major_of(stat.special_device);
    result.special_device_minor = minor_of(stat.special_device);
    result.device_major = major_of(stat.device);
    result.device_minor = minor_of(stat.device);
    return result;
}

/// Of a file system in memory; the image's as a squashfs would say it: full, read-only.
abi::StatFs statistics_of(std::optional<NodeId> node) {
    constexpr std::int64_t squashfs_magic = 0x73717368, read_only_flag = 1;
    const Process& self = process();
    abi::StatFs result{};
    result.block_size = result.fragment_size = page_size;
    result.name_length = abi::name_max;
    const MemoryFiles& memory = self.files.memory();
    if (const auto mount = node ? memory.mount_of(*node) : std::nullopt) {
        memory.describe_mount(*mount, result);
        return result;
    }
    result.type = squashfs_magic;
    result.blocks = pages_for(self.info.initrd_size);
    result.files = self.files.tree().size();
    result.flags = read_only_flag;
    return result;
}

}  // namespace

Answer fstat(Descriptor file, UserPointer<abi::Stat> stat) {
    KOS_TRY(stat.write(KOS_TRY(stat_of(file))));
    return Word{0};
}

Answer newfstatat(Directory directory, UserString path, UserPointer<abi::Stat> stat,
                  unsigned flags) {
    if ((flags & ~known_stat_flags) != 0) return Err{Errno::Einval};
    KOS_TRY(stat.write(KOS_TRY(stat_at(directory, path, flags))));
    return Word{0};
}

Answer statx(Directory directory, UserString path, unsigned flags, unsigned /*mask*/,
             UserPointer<abi::Statx> result) {
    if ((flags & ~(known_stat_flags | abi::at_flag::statx_sync)) != 0) return Err{Errno::Einval};
    KOS_TRY(result.write(extend(KOS_TRY(stat_at(directory, path, flags)))));
    return Word{0};
}

Answer readlinkat(Directory directory, UserString path, Word buffer, int size) {
    if (size <= 0) return Err{Errno::Einval};
    const FileSystem::Section section(process().files);
    const NodeId id =
        KOS_TRY(look_up(directory, path, abi::at_flag::no_follow | abi::at_flag::empty_path));
    const Node& node = process().files.tree()[id];
    if (!node.is_link()) return Err{Errno::Einval};
    const std::size_t length = std::min(node.data.size(), static_cast<std::size_t>(size));
    const MutableBytes out = KOS_TRY(user_bytes(buffer, length));
    std::memcpy(out.data(), node.data.data(), length);
    return Word{length};
}

Answer faccessat2(Directory directory, UserString path, unsigned wanted, unsigned flags) {
    constexpr unsigned all =
        abi::access_mode::read | abi::access_mode::write | abi::access_mode::execute;
    constexpr unsigned known =
        abi::at_flag::no_follow | abi::at_flag::effective_access | abi::at_flag::empty_path;
    if ((wanted & ~all) != 0 || (flags & ~known) != 0) return Err{Errno::Einval};
    const FileSystem::Section section(process().files);
    const NodeId node = KOS_TRY(look_up(directory, path, flags));
    KOS_TRY(process().files.check_access(node, wanted));
    return Word{0};
}

Answer faccessat(Directory directory, UserString path, unsigned wanted) {
    return faccessat2(directory, path, wanted, 0);
}

Answer statfs(UserString path, UserPointer<abi::StatFs> result) {
    const FileSystem::Section section(process().files);
    const NodeId node = KOS_TRY(look_up(abi::at_flag::working_directory, path, 0));
    KOS_TRY(result.write(statistics_of(node)));
    return Word{0};
}

Answer fstatfs(Descriptor file, UserPointer<abi::StatFs> result) {
    const FileSystem::Section section(process().files);
    const FileReference open = KOS_TRY(process().descriptors.get(file));
    KOS_TRY(result.write(statistics_of(open->node())));
    return Word{0};
}

Answer umask(unsigned mask) {
    std::uint32_t& kept = process().file_mode_mask;
    return Word{__atomic_exchange_n(&kept, mask & 0777, __ATOMIC_RELAXED)};
}

Answer no_extended_attributes() { return Err{Errno::Eopnotsupp}; }

}  // namespace kos::libos::calls
