// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/disks.hpp"

#include "lib/linux/file.hpp"

#include <dirent.h>
#include <memory>
#include <unistd.h>
#include <vector>

namespace kos::init {

namespace {

struct Disk {
    std::string name;
    std::string serial;
};

std::vector<Disk> list_disks(const std::string& folder) {
    struct Close {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    std::vector<Disk> disks;
    const std::unique_ptr<DIR, Close> directory{::opendir(folder.c_str())};
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        const std::string name = entry->d_name;
        if (name.starts_with('.')) continue;
        auto serial = sys::read_file(AT_FDCWD, (folder + "/" + name + "/serial").c_str());
        if (!serial) continue;
        while (!serial->empty() && serial->back() == '\n') serial->pop_back();
        disks.push_back({name, *serial});
    }
    return disks;
}

}  // namespace

std::optional<std::string> find_disk(std::string_view serial, const std::string& folder) {
    for (const Disk& disk : list_disks(folder)) {
        if (disk.serial == serial) return "/dev/" + disk.name;
    }
    return std::nullopt;
}

Outcome<std::string> wait_for_disk(std::string_view serial, int milliseconds) {
    constexpr int step = 5;
    for (int waited = 0;; waited += step) {
        if (auto path = find_disk(serial)) return *path;
        if (waited >= milliseconds) break;
        ::usleep(step * 1000);
    }
    std::string there;
    for (const Disk& disk : list_disks("/sys/block")) {
        there.append(there.empty() ? "there are " : ", ").append(disk.name);
        there.append(" (").append(disk.serial).append(")");
    }
    return fail(ErrorCode::GuestDisk, std::string{serial},
                there.empty() ? "there is no disk at all" : there);
}

}  // namespace kos::init
