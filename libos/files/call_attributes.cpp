// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sizes, modes, owners and times of files in memory; what is not is EROFS.
#include "libos/dispatch/calls.hpp"
#include "libos/files/look_up.hpp"

#include <array>

namespace kos::libos::calls {

namespace {

using Section = FileSystem::Section;

constexpr std::uint32_t set_user = 04000, set_group = 02000, group_execute = 0010;

FileSystem& files() { return process().files; }

/// A regular file in memory that may be given another length.
Outcome<void> check_resized(NodeId id) {
    const Node& node = files().tree()[id];
    if (node.is_directory()) return Err{Errno::Eisdir};
    if (node.metadata.type() != cpio::type_regular) return Err{Errno::Einval};
    if (!node.in_memory()) return Err{Errno::Erofs};
    return {};
}

/// The regular file in memory behind a descriptor that is open for writing.
Outcome<NodeId> written_file(Descriptor descriptor, Errno unless_writable) {
    const FileReference file = KOS_TRY(process().descriptors.get(descriptor));
    const auto node = file->node();
    if (!file->writable() || (file->flags() & abi::open_flag::path) != 0) {
        return Err{unless_writable};
    }
    if (!node) return Err{Errno::Einval};
    KOS_TRY(check_resized(*node));
    return *node;
}

/// The node behind a descriptor whose attributes are to change.
Outcome<NodeId> node_of(Descriptor descriptor) {
    const FileReference file = KOS_TRY(process().descriptors.get(descriptor));
    if ((file->flags() & abi::open_flag::path) != 0) return Err{Errno::Ebadf};
    const auto node = file->node();
    if (!node) return Err{Errno::Erofs};
    return *node;
}

Answer change_mode(NodeId id, unsigned mode) {
    KOS_TRY(files().may_own(id));
    const Credentials& who = files().credentials();
    std::uint32_t permissions = mode & abi::mode::permissions;
    const bool in_group = who.user == 0 || who.group == files().tree()[id].metadata.group;
    if (!in_group) permissions &= ~set_group;
    files().memory().set_mode(id, permissions);
    return Word{0};
}

Answer change_owner(NodeId id, std::uint32_t user, std::uint32_t group) {
    constexpr std::uint32_t same = 0xffff'ffff;
    const Credentials& who = files().credentials();
    const cpio::Metadata metadata = files().tree()[id].metadata;
    if (!files().tree()[id].in_memory()) return Err{Errno::Erofs};
    if (user == same) user = metadata.user;
    if (group == same) group = metadata.group;
    const bool allowed = who.user == 0 || (who.user == metadata.user && user == metadata.user &&
                                           (group == metadata.group || group == who.group));
    if (!allowed) return Err{Errno::Eperm};
    files().memory().set_owner(id, user, group);
    if (metadata.type() == cpio::type_regular) {
        const std::uint32_t lost =
            set_user | ((metadata.mode & group_execute) != 0 ? set_group : 0);
        files().memory().set_mode(id, metadata.mode & abi::mode::permissions & ~lost);
    }
    return Word{0};
}

struct NewTimes {
    std::optional<abi::TimeSpec> accessed, modified;
    bool are_now = true;  ///< which whoever may write may set
};

Outcome<NewTimes> read_times(UserPointer<abi::TimeSpec> times) {
    NewTimes result{.accessed = files().memory().now(), .modified = {}};
    result.modified = result.accessed;
    if (times.is_null()) return result;
    for (const unsigned i : {0u, 1u}) {
        const abi::TimeSpec time = KOS_TRY(times.at(i).read());
        std::optional<abi::TimeSpec>& kept = i == 0 ? result.accessed : result.modified;
        if (time.nanoseconds == abi::time_now) continue;
        result.are_now = false;
        if (time.nanoseconds == abi::time_omit) {
            kept.reset();
        } else if (time.nanoseconds < 0 || time.nanoseconds > 999'999'999) {
            return Err{Errno::Einval};
        } else {
            kept = time;
        }
    }
    return result;
}

}  // namespace

Answer truncate(UserString path, std::int64_t size) {
    if (size < 0) return Err{Errno::Einval};
    const Section section(files());
    const NodeId id = KOS_TRY(look_up(abi::at_flag::working_directory, path, 0));
    KOS_TRY(check_resized(id));
    KOS_TRY(files().check_access(id, abi::access_mode::write));
    KOS_TRY(files().memory().resize(id, static_cast<Word>(size)));
    return Word{0};
}

Answer ftruncate(Descriptor file, std::int64_t size) {
    if (size < 0) return Err{Errno::Einval};
    const Section section(files());
    const NodeId id = KOS_TRY(written_file(file, Errno::Einval));
    KOS_TRY(files().memory().resize(id, static_cast<Word>(size)));
    return Word{0};
}

Answer fallocate(Descriptor file, unsigned mode, std::int64_t offset, std::int64_t size) {
    constexpr unsigned keep_size = 1;
    if (offset < 0 || size <= 0) return Err{Errno::Einval};
    if ((mode & ~keep_size) != 0) return Err{Errno::Eopnotsupp};
    const Section section(files());
    const NodeId id = KOS_TRY(written_file(file, Errno::Ebadf));
    KOS_TRY(files().memory().allocate(id, static_cast<Word>(offset), static_cast<Word>(size),
                                      mode == keep_size));
    return Word{0};
}

Answer fchmod(Descriptor file, unsigned mode) {
    const Section section(files());
    return change_mode(KOS_TRY(node_of(file)), mode);
}

Answer fchmodat(Directory directory, UserString path, unsigned mode) {
    const Section section(files());
    return change_mode(KOS_TRY(look_up(directory, path, 0)), mode);
}

Answer fchown(Descriptor file, std::uint32_t user, std::uint32_t group) {
    const Section section(files());
    return change_owner(KOS_TRY(node_of(file)), user, group);
}

Answer fchownat(Directory directory, UserString path, std::uint32_t user, std::uint32_t group,
                unsigned flags) {
    if ((flags & ~(abi::at_flag::no_follow | abi::at_flag::empty_path)) != 0) {
        return Err{Errno::Einval};
    }
    const Section section(files());
    return change_owner(KOS_TRY(look_up(directory, path, flags)), user, group);
}

Answer utimensat(Directory directory, UserString path, UserPointer<abi::TimeSpec> times,
                 unsigned flags) {
    if ((flags & ~(abi::at_flag::no_follow | abi::at_flag::empty_path)) != 0) {
        return Err{Errno::Einval};
    }
    const Section section(files());
    const NewTimes wanted = KOS_TRY(read_times(times));
    // Without a path: the descriptor's own file (futimens(3)).
    const NodeId id =
        KOS_TRY(path.is_null() ? node_of(directory) : look_up(directory, path, flags));
    if (!wanted.accessed && !wanted.modified) return Word{0};
    if (const auto owned = files().may_own(id); !owned) {
        if (owned.error() == Errno::Erofs || !wanted.are_now) return Err{owned.error()};
        KOS_TRY(files().check_access(id, abi::access_mode::write));
    }
    files().memory().set_times(id, wanted.accessed, wanted.modified);
    return Word{0};
}

}  // namespace kos::libos::calls
