// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/state/store.hpp"

#include "lib/linux/file.hpp"

#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>

namespace kos::oci {

namespace {

constexpr const char* record_name = "state.json";
constexpr const char* config_name = "config.json";
constexpr const char* fifo_name = "exec.fifo";

Result<void> check_id(const std::string& id) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
    constexpr std::size_t longest = 255;
    if (id.empty()) return fail("container id", "must not be empty");
    if (id.size() > longest) return fail("container id", "is longer than 255 characters");
    if (id == "." || id == ".." || id.find_first_not_of(allowed) != std::string::npos) {
        return fail("container id",
                    "\"" + id + "\" is made of other than letters, digits and _+-.");
    }
    return {};
}

std::string container(const std::string& id) { return "container " + id; }

}  // namespace

Result<void> ContainerDirectory::lock() const {
    while (::flock(fd_.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return fail(container(id_), "cannot be locked", sys::Errno{errno});
    }
    return {};
}

void ContainerDirectory::unlock() const { ::flock(fd_.get(), LOCK_UN); }

Result<void> ContainerDirectory::save(const ContainerRecord& record) const {
    return explain(sys::replace_file(fd_.get(), record_name, to_json(record), 0600), container(id_),
                   "writing its state");
}

Result<ContainerRecord> ContainerDirectory::load() const {
    return parse_record(KOS_TRY(
        explain(sys::read_file(fd_.get(), record_name), container(id_), "reading its state")));
}

Result<void> ContainerDirectory::save_config(std::string_view text) const {
    // Before there is a record nobody reads it: it need not appear at once.
    const auto kept = [&]() -> sys::Result<void> {
        const sys::UniqueFd file =
            KOS_TRY(sys::open(fd_.get(), config_name, O_WRONLY | O_CREAT | O_EXCL, 0600));
        return sys::write_all(file.get(), text);
    }();
    return explain(kept, container(id_), "keeping its config");
}

Result<std::string> ContainerDirectory::load_config() const {
    return explain(sys::read_file(fd_.get(), config_name), container(id_), "reading its config");
}

Result<void> ContainerDirectory::make_fifo() const {
    // Writable for the user of the container, who opens it as the last thing before the program.
    KOS_TRY(explain(sys::done(::mkfifoat(fd_.get(), fifo_name, 0622)), container(id_), "mkfifo"));
    return explain(sys::done(::fchmodat(fd_.get(), fifo_name, 0622, 0)), container(id_), "mkfifo");
}

bool ContainerDirectory::has_fifo() const {
    return sys::stat(fd_.get(), fifo_name, AT_SYMLINK_NOFOLLOW).ok();
}

sys::Result<sys::UniqueFd> ContainerDirectory::open_fifo(int flags) const {
    return sys::open(fd_.get(), fifo_name, flags | O_NOFOLLOW);
}

void ContainerDirectory::remove_fifo() const { ::unlinkat(fd_.get(), fifo_name, 0); }

Result<void> ContainerDirectory::remove() const {
    for (const char* name : {record_name, config_name, fifo_name}) ::unlinkat(fd_.get(), name, 0);
    if (::rmdir(path_.c_str()) == 0 || errno == ENOENT) return {};
    // There is something else in it. By name in its parent: mounts are not crossed, and the state
    // may be on another one than ".".
    const std::string parent = path_.substr(0, path_.find_last_of('/') + 1);
    const auto store = KOS_TRY(explain(sys::open(AT_FDCWD, parent.c_str(), O_PATH | O_DIRECTORY),
                                       container(id_), "removing its state"));
    return explain(sys::remove_tree(store.get(), id_.c_str()), container(id_),
                   "removing its state");
}

Result<ContainerDirectory> StateStore::create(const std::string& id) const {
    KOS_TRY(check_id(id));
    KOS_TRY(explain(sys::make_directories(root_, 0711), "--root", root_));
    std::string path = root_ + "/" + id;
    if (::mkdir(path.c_str(), 0711) != 0) {
        if (errno == EEXIST) return fail(container(id), "already exists");
        return fail("--root", path, sys::Errno{errno});
    }
    return open(id);
}

Result<ContainerDirectory> StateStore::open(const std::string& id) const {
    auto found = KOS_TRY(find(id));
    if (!found) return fail(container(id), "container does not exist");
    return std::move(*found);
}

Result<std::optional<ContainerDirectory>> StateStore::find(const std::string& id) const {
    KOS_TRY(check_id(id));
    std::string path = root_ + "/" + id;
    auto fd = sys::open(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!fd && fd.error() == ENOENT) return std::optional<ContainerDirectory>{};
    if (!fd) return fail("--root", path, fd.error());
    return std::optional{ContainerDirectory{id, std::move(path), std::move(fd).value()}};
}

std::vector<std::string> StateStore::ids() const {
    struct Close {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };
    std::vector<std::string> found;
    const std::unique_ptr<DIR, Close> stream{::opendir(root_.c_str())};
    if (!stream) return found;
    while (const dirent* entry = ::readdir(stream.get())) {
        if (entry->d_type == DT_DIR && check_id(entry->d_name)) found.emplace_back(entry->d_name);
    }
    std::ranges::sort(found);
    return found;
}

std::string default_state_root() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (::geteuid() != 0 && runtime != nullptr && *runtime != '\0') {
        return std::string{runtime} + "/kos-oci";
    }
    return "/run/kos-oci";
}

}  // namespace kos::oci
