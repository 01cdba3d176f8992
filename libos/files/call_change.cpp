// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Names that come, go and move: what is in memory, else EROFS.
#include "libos/dispatch/calls.hpp"
#include "libos/files/look_up.hpp"

namespace kos::libos::calls {

namespace {

using Section = FileSystem::Section;

FileSystem& files() { return process().files; }

bool is_dots(std::string_view name) { return name == "." || name == ".."; }

/// Where a new name may be made: EEXIST, ENOENT where slashes follow what is to be no directory.
Outcome<Place> new_place(int directory, UserString path, bool of_directory) {
    const std::string_view name = KOS_TRY(path.read(abi::path_max));
    const Place place = KOS_TRY(place_of(directory, name, LastLink::Keep));
    if (!(place.node == no_node)) return Err{Errno::Eexist};
    if (place.slash && !of_directory) return Err{Errno::Enoent};
    KOS_TRY(files().may_change(place.directory));
    return place;
}

Outcome<NodeId> make(const Place& place, std::uint32_t mode) {
    const Credentials& who = files().credentials();
    return files().memory().make(place.directory, place.name, {mode, who.user, who.group});
}

std::uint32_t masked(unsigned mode) {
    return mode & abi::mode::permissions & ~process().file_mode_mask;
}

bool is_within(NodeId node, NodeId directory) {
    const Tree& tree = files().tree();
    for (;; node = tree[node].parent) {
        if (node == directory) return true;
        if (node == Tree::root || tree[node].is_removed()) return false;
    }
}

bool is_empty(NodeId directory) { return files().tree()[directory].first_child == no_node; }

/// What Linux checks of a name that another is moved to.
Outcome<void> check_replaced(NodeId moved, NodeId replaced) {
    const Node& from = files().tree()[moved];
    const Node& to = files().tree()[replaced];
    KOS_TRY(files().may_remove(replaced));
    if (from.is_directory() && !to.is_directory()) return Err{Errno::Enotdir};
    if (!from.is_directory() && to.is_directory()) return Err{Errno::Eisdir};
    if (to.is_directory() && !is_empty(replaced)) return Err{Errno::Enotempty};
    return {};
}

Outcome<void> check_move(const Place& from, const Place& to) {
    const Tree& tree = files().tree();
    const bool is_directory = tree[from.node].is_directory();
    if (is_within(to.directory, from.node)) return Err{Errno::Einval};
    if (!(to.node == no_node) && is_within(from.directory, to.node)) return Err{Errno::Enotempty};
    KOS_TRY(files().may_remove(from.node));
    KOS_TRY(files().may_change(to.directory));
    if (!(to.node == no_node)) KOS_TRY(check_replaced(from.node, to.node));
    // Its ".." changes.
    if (is_directory && !(from.directory == to.directory)) {
        KOS_TRY(files().check_access(from.node, abi::access_mode::write));
    }
    return {};
}

}  // namespace

Answer mkdirat(Directory directory, UserString path, unsigned mode) {
    const Section section(files());
    const Place place = KOS_TRY(new_place(directory, path, true));
    constexpr unsigned allowed = 01777;
    KOS_TRY(make(place, abi::mode::directory | (masked(mode) & allowed)));
    return Word{0};
}

Answer mknodat(Directory directory, UserString path, unsigned mode) {
    const Section section(files());
    const Place place = KOS_TRY(new_place(directory, path, false));
    const unsigned type = mode & abi::mode::type_mask;
    if (type != 0 && type != abi::mode::regular) return Err{Errno::Eperm};
    KOS_TRY(make(place, abi::mode::regular | masked(mode)));
    return Word{0};
}

Answer symlinkat(UserString target, Directory directory, UserString path) {
    const Section section(files());
    const std::string_view text = KOS_TRY(target.read(abi::path_max));
    if (text.empty()) return Err{Errno::Enoent};
    const Place place = KOS_TRY(new_place(directory, path, false));
    const NodeId link = KOS_TRY(make(place, abi::mode::link | 0777));
    const auto kept = files().memory().set_target(link, text);
    if (!kept) {
        files().memory().remove(link);
        return Err{kept.error()};
    }
    return Word{0};
}

Answer linkat(Directory from, UserString old_path, Directory to, UserString path, unsigned flags) {
    if ((flags & ~(abi::at_flag::follow | abi::at_flag::empty_path)) != 0) {
        return Err{Errno::Einval};
    }
    const Section section(files());
    const unsigned no_follow = (flags & abi::at_flag::follow) != 0 ? 0 : abi::at_flag::no_follow;
    const NodeId node =
        KOS_TRY(look_up(from, old_path, no_follow | (flags & abi::at_flag::empty_path)));
    const Place place = KOS_TRY(new_place(to, path, false));
    const Node& linked = files().tree()[node];
    if (files().memory().mount_of(node) != files().memory().mount_of(place.directory)) {
        return Err{Errno::Exdev};
    }
    if (linked.is_directory()) return Err{Errno::Eperm};
    if (linked.is_removed()) return Err{Errno::Enoent};
    KOS_TRY(files().memory().link(node, place.directory, place.name));
    return Word{0};
}

Answer unlinkat(Directory directory, UserString path, unsigned flags) {
    if ((flags & ~abi::at_flag::remove_directory) != 0) return Err{Errno::Einval};
    const bool removes_directory = flags != 0;
    const Section section(files());
    const std::string_view name = KOS_TRY(path.read(abi::path_max));
    const Place place = KOS_TRY(place_of(directory, name, LastLink::Keep));
    if (removes_directory) {
        if (place.name.empty()) return Err{Errno::Ebusy};
        if (place.name == ".") return Err{Errno::Einval};
        if (place.name == "..") return Err{Errno::Enotempty};
    } else if (place.name.empty() || is_dots(place.name)) {
        return Err{Errno::Eisdir};
    }
    if (!files().tree()[place.directory].in_memory()) return Err{Errno::Erofs};
    if (place.node == no_node) return Err{Errno::Enoent};
    const bool is_directory = files().tree()[place.node].is_directory();
    if (!removes_directory && place.slash) {
        return Err{is_directory ? Errno::Eisdir : Errno::Enotdir};
    }
    KOS_TRY(files().may_remove(place.node));
    if (is_directory != removes_directory) {
        return Err{is_directory ? Errno::Eisdir : Errno::Enotdir};
    }
    if (is_directory && !is_empty(place.node)) return Err{Errno::Enotempty};
    files().memory().remove(place.node);
    return Word{0};
}

Answer renameat2(Directory from, UserString old_path, Directory to, UserString path,
                 unsigned flags) {
    if ((flags & ~abi::rename_flag::no_replace) != 0) return Err{Errno::Einval};
    const Section section(files());
    MemoryFiles& memory = files().memory();
    const std::string_view old_name = KOS_TRY(old_path.read(abi::path_max));
    const std::string_view name = KOS_TRY(path.read(abi::path_max));
    const Place source = KOS_TRY(place_of(from, old_name, LastLink::Keep));
    const Place target = KOS_TRY(place_of(to, name, LastLink::Keep));
    const auto mount = memory.mount_of(source.directory);
    if (mount != memory.mount_of(target.directory)) return Err{Errno::Exdev};
    if (source.name.empty() || is_dots(source.name)) return Err{Errno::Ebusy};
    if (target.name.empty() || is_dots(target.name)) {
        return Err{flags == 0 ? Errno::Ebusy : Errno::Eexist};
    }
    if (!mount) return Err{Errno::Erofs};
    if (source.node == no_node) return Err{Errno::Enoent};
    const bool replaces = !(target.node == no_node);
    if (replaces && flags != 0) return Err{Errno::Eexist};
    const Tree& tree = files().tree();
    if ((source.slash || target.slash) && !tree[source.node].is_directory()) {
        return Err{Errno::Enotdir};
    }
    if (replaces && tree[source.node].file == tree[target.node].file) return Word{0};
    KOS_TRY(check_move(source, target));
    if (target.name.size() > abi::name_max) return Err{Errno::Enametoolong};
    if (replaces) memory.remove(target.node);
    KOS_TRY(memory.move(source.node, target.directory, target.name));
    return Word{0};
}

Answer renameat(Directory from, UserString old_path, Directory to, UserString path) {
    return renameat2(from, old_path, to, path, 0);
}

}  // namespace kos::libos::calls
