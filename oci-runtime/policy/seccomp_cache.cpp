// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/seccomp_cache.hpp"

#include "lib/linux/file.hpp"

#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace kos::oci {

namespace {

constexpr mode_t others_may_write = S_IWGRP | S_IWOTH;

/// Root's are believed as well: it could change the runtime itself.
bool is_own(const struct stat& status) {
    return (status.st_uid == ::geteuid() || status.st_uid == 0) &&
           (status.st_mode & others_may_write) == 0;
}

struct Close {
    void operator()(DIR* stream) const { ::closedir(stream); }
};

std::vector<std::string> entries_of(sys::Fd folder) {
    std::vector<std::string> names;
    auto copy = sys::open(folder, ".", O_RDONLY | O_DIRECTORY);
    if (!copy) return names;
    const std::unique_ptr<DIR, Close> stream{::fdopendir(copy->get())};
    if (!stream) return names;
    static_cast<void>(copy->release());
    while (const dirent* entry = ::readdir(stream.get())) {
        if (entry->d_type == DT_REG) names.emplace_back(entry->d_name);
    }
    return names;
}

}  // namespace

std::optional<std::string> read_own_file(sys::Fd folder, const char* name) {
    const auto file = sys::open(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file) return std::nullopt;
    const auto status = sys::stat(file->get());
    if (!status || !S_ISREG(status->st_mode) || !is_own(*status)) return std::nullopt;
    auto text = sys::read_all(file->get());
    if (!text) return std::nullopt;
    return std::move(text).value();
}

SeccompCache SeccompCache::open(const std::string& folder) {
    if (folder.empty()) return SeccompCache{sys::UniqueFd{}};
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    auto opened = sys::open(AT_FDCWD, folder.c_str(), flags);
    if (!opened && opened.error() == ENOENT) {
        const auto made = sys::make_directories(folder, 0700);
        if (made) opened = sys::open(AT_FDCWD, folder.c_str(), flags);
    }
    if (!opened) return SeccompCache{sys::UniqueFd{}};
    const auto status = sys::stat(opened->get());
    if (!status || !is_own(*status)) return SeccompCache{sys::UniqueFd{}};
    return SeccompCache{std::move(opened).value()};
}

std::optional<SeccompProgram> SeccompCache::find(const SeccompKey& key) const {
    if (!folder_) return std::nullopt;
    const auto text = read_own_file(folder_.get(), to_hex(key).c_str());
    return text ? parse_seccomp_file(*text, key) : std::nullopt;
}

void SeccompCache::keep(const SeccompKey& key, const SeccompProgram& program) const {
    if (!folder_) return;
    const std::vector<std::string> names = entries_of(folder_.get());
    if (names.size() >= most_entries) {
        for (const std::string& name : names) ::unlinkat(folder_.get(), name.c_str(), 0);
    }
    static_cast<void>(
        sys::replace_file(folder_.get(), to_hex(key).c_str(), to_seccomp_file(program, key), 0600));
}

std::string default_seccomp_cache() {
    // Root of a user namespace has no place there.
    if (::geteuid() == 0 && ::access("/var/cache", W_OK) == 0) return "/var/cache/kos-oci";
    for (const auto& [variable, below] :
         {std::pair{"XDG_CACHE_HOME", "/kos-oci"}, std::pair{"HOME", "/.cache/kos-oci"}}) {
        const char* value = std::getenv(variable);
        if (value != nullptr && *value == '/') return std::string{value} + below;
    }
    return "";
}

}  // namespace kos::oci
