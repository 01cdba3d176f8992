// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/mount_options.hpp"

#include "lib/linux/mount.hpp"

#include <algorithm>
#include <array>
#include <sys/mount.h>

namespace kos::oci {

namespace {

/// `flag` is set by the word, or cleared by its opposite. The access-time settings exclude one
/// another: setting one clears the others.
struct AttributeWord {
    std::string_view word;
    std::uint64_t set;
    std::uint64_t clear;
};

constexpr auto attribute_words = std::to_array<AttributeWord>({
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"norelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
});

struct PropagationWord {
    std::string_view word;
    std::uint64_t type;
    bool recursive;
};

constexpr auto propagation_words = std::to_array<PropagationWord>({
    {"private", MS_PRIVATE, false},
    {"rprivate", MS_PRIVATE, true},
    {"shared", MS_SHARED, false},
    {"rshared", MS_SHARED, true},
    {"slave", MS_SLAVE, false},
    {"rslave", MS_SLAVE, true},
    {"unbindable", MS_UNBINDABLE, false},
    {"runbindable", MS_UNBINDABLE, true},
});

/// Options of the superblock that every filesystem knows.
constexpr auto superblock_words = std::to_array<std::string_view>(
    {"sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand"});

/// Without effect in the kernel interface used here, accepted because tools write them.
constexpr auto void_words =
    std::to_array<std::string_view>({"defaults", "silent", "loud", "iversion", "noiversion"});

struct SwitchWord {
    std::string_view word;
    void (*apply)(MountOptions&);
};

constexpr auto switch_words = std::to_array<SwitchWord>({
    {"bind", [](MountOptions& out) { out.bind = true; }},
    {"rbind", [](MountOptions& out) { out.bind = out.recursive_bind = true; }},
    {"tmpcopyup", [](MountOptions& out) { out.copy_up = true; }},
    {"remount", [](MountOptions& out) { out.remount = true; }},
    {"idmap", [](MountOptions& out) { out.id_mapping = MountMapping::Plain; }},
    {"ridmap", [](MountOptions& out) { out.id_mapping = MountMapping::Recursive; }},
});

/// Later words win over earlier ones.
void change(AttributeChange& attributes, const AttributeWord& word) {
    attributes.set = (attributes.set & ~word.clear) | word.set;
    attributes.clear = (attributes.clear & ~word.set) | word.clear;
}

bool apply_attribute(std::string_view word, MountOptions& out) {
    const auto plain = std::ranges::find(attribute_words, word, &AttributeWord::word);
    if (plain != attribute_words.end()) {
        change(out.attributes, *plain);
        if (word == "ro" || word == "rw") out.superblock_flags.emplace_back(word);
        return true;
    }
    if (!word.starts_with('r')) return false;
    const auto recursive = std::ranges::find(attribute_words, word.substr(1), &AttributeWord::word);
    if (recursive == attribute_words.end()) return false;
    change(out.recursive_attributes, *recursive);
    return true;
}

}  // namespace

void apply_mount_option(std::string_view word, MountOptions& out) {
    if (apply_attribute(word, out)) return;
    if (const auto row = std::ranges::find(propagation_words, word, &PropagationWord::word);
        row != propagation_words.end()) {
        out.propagation.push_back({row->type, row->recursive});
        return;
    }
    if (const auto row = std::ranges::find(switch_words, word, &SwitchWord::word);
        row != switch_words.end()) {
        row->apply(out);
        return;
    }
    if (std::ranges::find(superblock_words, word) != superblock_words.end()) {
        out.superblock_flags.emplace_back(word);
        return;
    }
    if (std::ranges::find(void_words, word) != void_words.end() || word.empty()) return;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
        out.data.emplace_back(word, "");
    } else {
        out.data.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
}

std::vector<std::string_view> known_mount_options() {
    // String literals of the recursive attributes: views must outlive this function.
    static constexpr auto recursive_words = std::to_array<std::string_view>(
        {"rro", "rrw", "rnosuid", "rsuid", "rnodev", "rdev", "rnoexec", "rexec", "rnodiratime",
         "rdiratime", "rrelatime", "rnorelatime", "rnoatime", "ratime", "rstrictatime",
         "rnostrictatime", "rnosymfollow", "rsymfollow"});
    std::vector<std::string_view> words{recursive_words.begin(), recursive_words.end()};
    for (const AttributeWord& row : attribute_words) words.push_back(row.word);
    for (const PropagationWord& row : propagation_words) words.push_back(row.word);
    for (const SwitchWord& row : switch_words) words.push_back(row.word);
    words.insert(words.end(), superblock_words.begin(), superblock_words.end());
    words.insert(words.end(), void_words.begin(), void_words.end());
    std::ranges::sort(words);
    return words;
}

}  // namespace kos::oci
