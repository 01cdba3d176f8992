// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Opening, closing and making files; the working directory.
#include "libos/dispatch/calls.hpp"
#include "libos/files/install_pair.hpp"
#include "libos/files/look_up.hpp"
#include "libos/files/memory_file.hpp"
#include "libos/files/tree_files.hpp"

#include <algorithm>
#include <array>

namespace kos::libos::calls {

namespace {

namespace open_flag = abi::open_flag;

bool wants_to_write(unsigned flags) {
    return (flags & open_flag::access_mode) != open_flag::read_only;
}

unsigned wanted_access(unsigned flags) {
    switch (flags & open_flag::access_mode) {
        case open_flag::read_only:
            return abi::access_mode::read;
        case open_flag::write_only:
            return abi::access_mode::write;
        default:
            return abi::access_mode::read | abi::access_mode::write;
    }
}

/// A regular file that was just made, and so may be opened whatever its mode says.
Outcome<NodeId> create(const Place& place, unsigned mode) {
    Process& self = process();
    KOS_TRY(self.files.may_change(place.directory));
    const Credentials& who = self.files.credentials();
    mode = abi::mode::regular | (mode & abi::mode::permissions & ~self.file_mode_mask);
    return self.files.memory().make(place.directory, place.name, {mode, who.user, who.group});
}

struct Found {
    NodeId node;
    bool is_new = false;
};

Outcome<Found> find(int directory, std::string_view path, unsigned flags, unsigned mode) {
    const bool creates = (flags & open_flag::create) != 0 && (flags & open_flag::path) == 0;
    const bool exclusive = creates && (flags & open_flag::exclusive) != 0;
    const bool keep_link = exclusive || (flags & open_flag::no_follow) != 0;
    if (!creates) {
        return Found{KOS_TRY(look_up(directory, path, keep_link ? abi::at_flag::no_follow : 0))};
    }
    // Slashes are refused before a link in front of them is followed.
    const bool ends_here = keep_link || path.ends_with('/');
    const Place place =
        KOS_TRY(place_of(directory, path, ends_here ? LastLink::Keep : LastLink::Follow));
    if (place.slash) return Err{Errno::Eisdir};
    if (place.node == no_node) return Found{KOS_TRY(create(place, mode)), true};
    if (exclusive) return Err{Errno::Eexist};
    if (process().files.tree()[place.node].is_directory()) return Err{Errno::Eisdir};
    return Found{place.node};
}

/// What the flags demand of the node.
Outcome<void> check(NodeId id, unsigned flags) {
    const Node& node = process().files.tree()[id];
    const bool path_only = (flags & open_flag::path) != 0;
    if (node.is_link() && !path_only) return Err{Errno::Eloop};
    if ((flags & open_flag::directory) != 0 && !node.is_directory()) return Err{Errno::Enotdir};
    if (path_only) return {};
    if (node.is_directory() && wants_to_write(flags)) return Err{Errno::Eisdir};
    KOS_TRY(process().files.check_access(id, wanted_access(flags)));
    if ((flags & open_flag::truncate) == 0 || node.metadata.type() != cpio::type_regular) return {};
    KOS_TRY(process().files.check_access(id, abi::access_mode::write));
    return process().files.memory().resize(id, 0);
}

Outcome<FileReference> open_node(NodeId id, unsigned flags) {
    Process& self = process();
    const cpio::Metadata& metadata = self.files.tree()[id].metadata;
    constexpr unsigned kept = open_flag::access_mode | open_flag::settable | open_flag::directory;
    if ((flags & open_flag::path) != 0) return self.descriptors.make<PathFile>(self.files, id);
    if (metadata.type() == cpio::type_directory) {
        return self.descriptors.make<libos::Directory>(self.files, id, flags & kept);
    }
    if (metadata.type() == cpio::type_regular && self.files.tree()[id].in_memory()) {
        return self.descriptors.make<MemoryFile>(self.files, id, flags & kept);
    }
    if (metadata.type() == cpio::type_regular) {
        return self.descriptors.make<RegularFile>(self.files, id, flags & kept);
    }
    if (MemoryDevice::serves(metadata)) {
        return self.descriptors.make<MemoryDevice>(self.files, id, self.random, flags & kept);
    }
    return Err{Errno::Enxio};
}

/// O_TMPFILE: a file without a name in the directory's file system.
Outcome<FileReference> open_temporary(int directory, std::string_view path, unsigned flags,
                                      unsigned mode) {
    Process& self = process();
    if ((flags & open_flag::directory) == 0 || !wants_to_write(flags)) return Err{Errno::Einval};
    const NodeId parent = KOS_TRY(look_up(directory, path, 0));
    if (!self.files.tree()[parent].is_directory()) return Err{Errno::Enotdir};
    KOS_TRY(self.files.may_change(parent));
    const Credentials& who = self.files.credentials();
    mode = abi::mode::regular | (mode & abi::mode::permissions & ~self.file_mode_mask);
    const NodeId node =
        KOS_TRY(self.files.memory().make_unnamed(parent, {mode, who.user, who.group}));
    return open_node(node, flags & ~open_flag::directory);
}

Outcome<FileReference> open(int directory, std::string_view path, unsigned flags, unsigned mode) {
    const FileSystem::Section section(process().files);
    if ((flags & open_flag::temporary) != 0) return open_temporary(directory, path, flags, mode);
    const Found found = KOS_TRY(find(directory, path, flags, mode));
    if (!found.is_new) KOS_TRY(check(found.node, flags));
    return open_node(found.node, flags);
}

}  // namespace

Answer openat(Directory directory, UserString path, unsigned flags, unsigned mode) {
    const std::string_view name = KOS_TRY(path.read(abi::path_max));
    const FileReference file = KOS_TRY(open(directory, name, flags, mode));
    return process().descriptors.install(file, (flags & open_flag::close_on_exec) != 0);
}

Answer close(Descriptor file) {
    KOS_TRY(process().descriptors.close(file));
    return Word{0};
}

Answer close_range(unsigned first, unsigned last, unsigned flags) {
    constexpr unsigned close_on_exec = 4;
    if (first > last || (flags & ~close_on_exec) != 0) return Err{Errno::Einval};
    for (unsigned i = first; i <= last && i < FileTable::capacity; ++i) {
        const int descriptor = static_cast<int>(i);
        // Unused numbers in the range are no error.
        if (flags == close_on_exec) {
            static_cast<void>(process().descriptors.set_close_on_exec(descriptor, true));
        } else {
            static_cast<void>(process().descriptors.close(descriptor));
        }
    }
    return Word{0};
}

Answer getcwd(Word buffer, Word size) {
    const FileSystem::Section section(process().files);
    std::array<char, 1024> storage;
    const std::string_view path =
        KOS_TRY(path_of(process().files.tree(), process().files.working_directory(), storage));
    const Word needed = path.size() + 1;
    if (size < needed) return Err{Errno::Erange};
    const MutableBytes out = KOS_TRY(user_bytes(buffer, needed));
    *std::ranges::copy(as_bytes(path), out.begin()).out = std::byte{0};
    return needed;
}

Answer chdir(UserString path) {
    const FileSystem::Section section(process().files);
    const NodeId node = KOS_TRY(look_up(abi::at_flag::working_directory, path, 0));
    KOS_TRY(process().files.change_directory(node));
    return Word{0};
}

Answer fchdir(Descriptor directory) {
    const FileSystem::Section section(process().files);
    KOS_TRY(process().files.change_directory(KOS_TRY(start_of(directory))));
    return Word{0};
}

Answer pipe2(UserPointer<int> ends, unsigned flags) {
    if ((flags & ~(open_flag::nonblock | open_flag::close_on_exec)) != 0) {
        return Err{Errno::Einval};
    }
    Process& self = process();
    Pipe* const pipe = claim_pipe(self.pipes);
    if (pipe == nullptr) return Err{Errno::Enfile};
    const unsigned kept = flags & open_flag::nonblock;
    const FileReference reader =
        KOS_TRY(self.descriptors.make<PipeReader>(*pipe, self.activity, kept));
    const FileReference writer =
        KOS_TRY(self.descriptors.make<PipeWriter>(*pipe, self.activity, kept));
    return install_pair(reader, writer, (flags & open_flag::close_on_exec) != 0, ends);
}

Answer eventfd2(unsigned value, unsigned flags) {
    constexpr unsigned semaphore = 1;
    if ((flags & ~(open_flag::nonblock | open_flag::close_on_exec | semaphore)) != 0) {
        return Err{Errno::Einval};
    }
    Process& self = process();
    const FileReference file = KOS_TRY(self.descriptors.make<EventCounter>(
        value, (flags & semaphore) != 0, self.activity, flags & open_flag::nonblock));
    return self.descriptors.install(file, (flags & open_flag::close_on_exec) != 0);
}

}  // namespace kos::libos::calls
