// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/memory_files.hpp"

#include "lib/base/address.hpp"
#include "lib/native/memory_files.hpp"

#include <algorithm>
#include <array>

namespace kos::pack {
namespace {

namespace limits = native::memory_files;

Err<Error> refused(const std::string& path, const std::string& reason) {
    return fail(ErrorCode::Unsupported, "tmpfs " + path, reason);
}

/// The directory at a path, links followed; nullptr where there is none.
oci::Node* directory_at(const std::string& path, oci::RootFs& rootfs) {
    const auto place = rootfs.resolve(path);
    oci::Node* const node = place ? rootfs.find(place->path) : nullptr;
    return node != nullptr && node->type == oci::NodeType::Directory ? node : nullptr;
}

Outcome<std::uint64_t> pages_of(const TmpfsMount& mount) {
    const std::uint64_t size = mount.size.value_or(limits::default_size);
    if (size == 0) return refused(mount.path, "a size of 0 has room for nothing");
    return pages_for(size);
}

/// How many pages it has.
Outcome<std::uint64_t> place(const TmpfsMount& mount, oci::RootFs& rootfs) {
    const bool is_new = directory_at(mount.path, rootfs) == nullptr;
    rootfs.make_directories(mount.path);
    oci::Node* const node = directory_at(mount.path, rootfs);
    if (node == nullptr) return refused(mount.path, "its folder cannot be made in the image");
    // libos has files of its own there.
    constexpr std::array<std::string_view, 4> taken{"/", "/dev", "/proc", "/proc/self"};
    const std::string path = rootfs.resolve(mount.path)->path;
    if (node == &rootfs.root() || std::ranges::find(taken, path) != taken.end()) {
        return refused(mount.path, "a native app has files of kos there");
    }
    if (node->device_major == limits::mark) return refused(mount.path, "there is one already");
    node->children.clear();
    node->mode = mount.mode.value_or(is_new ? 01777 : node->mode);
    node->user = mount.user.value_or(node->user);
    node->group = mount.group.value_or(node->group);
    if (mount.read_only) return std::uint64_t{0};
    const std::uint64_t pages = KOS_TRY(pages_of(mount));
    node->device_major = limits::mark;
    node->device_minor = static_cast<std::uint32_t>(std::min(pages, limits::most_pages));
    return pages;
}

/// What the app starts with must be there still.
Outcome<void> check_hidden(const PackOptions& options, const Process& process,
                           oci::RootFs& rootfs) {
    for (const TmpfsMount& mount : options.container.tmpfs) {
        const oci::Node* const node = directory_at(mount.path, rootfs);
        if (node == nullptr || !node->children.empty()) {
            return refused(mount.path, "one lies within the other");
        }
    }
    if (rootfs.read(process.executable) == nullptr) {
        return refused(process.executable, "the program would be hidden");
    }
    const std::string& directory = process.working_directory;
    if (!directory.empty() && directory_at(directory, rootfs) == nullptr) {
        return refused(directory, "the working directory would be hidden");
    }
    for (const ExtraFile& file : options.files) {
        if (rootfs.read(file.path) == nullptr) {
            return refused(file.path, "this config or secret would be hidden");
        }
    }
    return {};
}

}  // namespace

Outcome<std::uint64_t> place_memory_files(const PackOptions& options, const Process& process,
                                          oci::RootFs& rootfs) {
    const std::vector<TmpfsMount>& mounts = options.container.tmpfs;
    std::uint64_t pages = 0;
    for (const TmpfsMount& mount : mounts) {
        pages += KOS_TRY(place(mount, rootfs));
        if (pages > limits::most_pages) {
            return refused(mount.path, "an app may have 1 GiB of them together");
        }
    }
    if (mounts.size() > limits::most_mounts) {
        return refused(mounts.back().path,
                       "an app may have " + std::to_string(limits::most_mounts));
    }
    KOS_TRY(check_hidden(options, process, rootfs));
    return limits::heap_pages(pages);
}

}  // namespace kos::pack
