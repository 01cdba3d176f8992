// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/folder.hpp"

#include "cli/instance/name.hpp"
#include "cli/instance/state.hpp"
#include "lib/linux/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <memory>
#include <sys/file.h>

namespace kos::instance {

namespace {

Err<Error> folder_error(const std::string& path, const std::string& detail) {
    return fail(ErrorCode::InstanceFolder, path, detail);
}

/// Makes \p path where it is missing; only we may have any right to it.
Outcome<void> make_private(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return folder_error(path, sys::describe({errno}));
    }
    const auto found = sys::stat(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW);
    if (!found) return folder_error(path, sys::describe(found.error()));
    if (!S_ISDIR(found->st_mode)) return folder_error(path, "it is no folder");
    if (found->st_uid != ::geteuid()) {
        return folder_error(path, "it belongs to user " + std::to_string(found->st_uid));
    }
    if ((found->st_mode & 0077) != 0) {
        return folder_error(path, "others have rights to it; chmod 700 takes them away");
    }
    return {};
}

bool is_usable(const std::string& path) {
    const auto found = sys::stat(AT_FDCWD, path.c_str());
    return found && S_ISDIR(found->st_mode) && found->st_uid == ::geteuid() &&
           ::access(path.c_str(), W_OK) == 0;
}

}  // namespace

Outcome<std::string> root_folder() {
    const std::string user = std::to_string(::geteuid());
    std::string root;
    if (const char* set = std::getenv("XDG_RUNTIME_DIR"); set != nullptr && *set != '\0') {
        root = set;
        if (!is_usable(root)) return folder_error(root, "XDG_RUNTIME_DIR is no folder of ours");
        root += "/kos";
    } else if (is_usable("/run/user/" + user)) {
        root = "/run/user/" + user + "/kos";
    } else {
        root = "/tmp/kos-" + user;
    }
    KOS_TRY(make_private(root));
    return root;
}

Outcome<void> Folder::open() {
    auto folder = sys::open(AT_FDCWD, path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!folder) {
        if (folder.error() == ENOENT) return fail(ErrorCode::InstanceMissing, name_);
        return folder_error(path_, sys::describe(folder.error()));
    }
    folder_ = std::move(folder).value();
    return {};
}

/// Whether the lock is ours now; of the folder that is there, not of one that was taken away.
Outcome<bool> Folder::lock() {
    auto file = sys::open(folder_.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (!file) {
        if (file.error() == ENOENT) return false;  // the folder was taken away
        return folder_error(path_ + "/lock", sys::describe(file.error()));
    }
    // Whoever only asks whether it is held holds it for a moment too.
    for (int attempt = 0; ::flock(file->get(), LOCK_EX | LOCK_NB) != 0; ++attempt) {
        if (attempt == 5) return false;
        ::usleep(10'000);
    }
    const auto held = sys::stat(file->get());
    const auto there = sys::stat(AT_FDCWD, (path_ + "/lock").c_str(), AT_SYMLINK_NOFOLLOW);
    if (!held || !there || held->st_ino != there->st_ino) return false;
    lock_ = std::move(file).value();
    return true;
}

bool Folder::has_ended_well() const {
    const auto state = read_state(*this);
    return state && state->ended.has_value();
}

Outcome<Folder> Folder::claim(const std::string& name, Existing existing) {
    Folder folder{name, KOS_TRY(root_folder()) + "/" + name};
    // Twice: what does not run any more is taken away the first time.
    for (int attempt = 0; attempt < 2; ++attempt) {
        const bool is_new = ::mkdir(folder.path_.c_str(), 0700) == 0;
        if (!is_new && errno != EEXIST) {
            return folder_error(folder.path_, sys::describe({errno}));
        }
        KOS_TRY(folder.open());
        if (!KOS_TRY(folder.lock())) {
            return fail(ErrorCode::InstanceExists, name, "it runs");
        }
        // Between mkdir and lock another one may have had it: what is empty is ours.
        if (!sys::stat(folder.fd(), "state.json")) return folder;
        if (existing == Existing::Refuse && folder.has_ended_well()) {
            return fail(ErrorCode::InstanceExists, name, "it has ended");
        }
        KOS_TRY(folder.remove());
    }
    return fail(ErrorCode::InstanceExists, name, "another process makes it");
}

Outcome<Folder> Folder::find(const std::string& name) {
    Folder folder{KOS_TRY(checked_name(name)), KOS_TRY(root_folder()) + "/" + name};
    KOS_TRY(folder.open());
    return folder;
}

Outcome<std::vector<std::string>> Folder::list() {
    const std::string root = KOS_TRY(root_folder());
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::opendir(root.c_str()), ::closedir};
    if (!stream) return folder_error(root, sys::describe({errno}));
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream.get())) {
        if (is_name(entry->d_name)) names.emplace_back(entry->d_name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string Folder::path_to(const std::string& file) const {
    return sys::path_of(folder_.get()) + "/" + file;
}

Outcome<std::string> Folder::read(const char* file) const {
    auto text = sys::read_file(fd(), file);
    if (text) return std::move(text).value();
    return fail(ErrorCode::InstanceFolder, path_ + "/" + file, sys::describe(text.error()));
}

Outcome<void> Folder::write(const char* file, std::string_view text) const {
    const auto written = sys::replace_file(fd(), file, text, 0600);
    if (written) return {};
    return fail(ErrorCode::InstanceFolder, path_ + "/" + file, sys::describe(written.error()));
}

bool Folder::is_running() const {
    if (lock_) return true;
    const auto file = sys::open(folder_.get(), "lock", O_RDONLY | O_NOFOLLOW);
    // A shared lock, for a moment: two that ask do not take each other for the owner.
    return file && ::flock(file->get(), LOCK_SH | LOCK_NB) != 0;
}

Outcome<void> Folder::remove() {
    if (!lock_ && !KOS_TRY(lock())) return fail(ErrorCode::InstanceRunning, name_);
    // Out of the way at once: nobody finds a part of it, or makes one of that name in it.
    const std::size_t at_name = path_.size() - name_.size();
    const std::string hidden =
        path_.substr(0, at_name) + "." + name_ + "." + std::to_string(::getpid());
    if (::rename(path_.c_str(), hidden.c_str()) != 0) {
        return folder_error(path_, sys::describe({errno}));
    }
    const auto removed = sys::remove_tree(AT_FDCWD, hidden.c_str());
    lock_.reset();
    folder_.reset();
    if (!removed) return folder_error(path_, sys::describe(removed.error()));
    return {};
}

}  // namespace kos::instance
