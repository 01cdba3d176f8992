// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/file.hpp"
#include "oci-runtime/cgroup/cgroup.hpp"

#include <charconv>
#include <dirent.h>
#include <memory>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

namespace kos::oci {

namespace {

void pause_briefly() {
    const timespec millisecond{0, 1'000'000};
    ::nanosleep(&millisecond, nullptr);
}

/// The groups directly below.
std::vector<std::string> children_of(const std::string& path) {
    struct Close {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };
    std::vector<std::string> children;
    const std::unique_ptr<DIR, Close> stream{::opendir(path.c_str())};
    if (!stream) return children;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
        children.push_back(path + "/" + std::string{name});
    }
    return children;
}

void collect_processes(const std::string& path, std::vector<int>& pids) {
    const auto text = sys::read_file(AT_FDCWD, (path + "/cgroup.procs").c_str());
    if (text) {
        for (const std::string_view line : split(*text, '\n')) {
            int pid = 0;
            std::from_chars(line.data(), line.data() + line.size(), pid);
            if (pid > 0) pids.push_back(pid);
        }
    }
    for (const std::string& child : children_of(path)) collect_processes(child, pids);
}

sys::Result<void> remove_folder(const std::string& path) {
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != EBUSY) return sys::last_error();
    for (const std::string& child : children_of(path)) KOS_TRY(remove_folder(child));
    // Processes that were killed take a moment to leave.
    for (int attempt = 0; attempt < 2000; ++attempt) {
        if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
        if (errno != EBUSY) return sys::last_error();
        pause_briefly();
    }
    return sys::last_error();
}

struct FreezerFiles {
    std::string control;
    const char* freeze;
    const char* thaw;
    std::string state;
    const char* frozen;  ///< found in `state` when everything stands still
};

FreezerFiles freezer_of(const CgroupFolder& folder) {
    if (folder.unified()) {
        return {folder.path + "/cgroup.freeze", "1", "0", folder.path + "/cgroup.events",
                "frozen 1"};
    }
    const std::string state = folder.path + "/freezer.state";
    return {state, "FROZEN", "THAWED", state, "FROZEN"};
}

bool reads_frozen(const FreezerFiles& files) {
    const auto state = sys::read_file(AT_FDCWD, files.state.c_str());
    return state && state->find(files.frozen) != std::string::npos;
}

}  // namespace

Result<void> Cgroup::freeze() const {
    const CgroupFolder* folder = folder_of("freezer");
    if (folder == nullptr) return fail("pause", "the container has no freezer cgroup");
    const FreezerFiles files = freezer_of(*folder);
    // A v1 freezer may miss a process that is just forking; writing again gets it.
    for (int attempt = 0; attempt < 5000; ++attempt) {
        if (attempt % 50 == 0) {
            KOS_TRY(explain(sys::write_file(AT_FDCWD, files.control.c_str(), files.freeze), "pause",
                            files.control));
        }
        if (reads_frozen(files)) return {};
        pause_briefly();
    }
    static_cast<void>(thaw());
    return fail("pause", "the container's processes do not stop");
}

Result<void> Cgroup::thaw() const {
    const CgroupFolder* folder = folder_of("freezer");
    if (folder == nullptr) return fail("resume", "the container has no freezer cgroup");
    const FreezerFiles files = freezer_of(*folder);
    return explain(sys::write_file(AT_FDCWD, files.control.c_str(), files.thaw), "resume",
                   files.control);
}

bool Cgroup::is_frozen() const {
    const CgroupFolder* folder = folder_of("freezer");
    if (folder == nullptr) return false;
    if (!folder->unified()) return reads_frozen(freezer_of(*folder));
    const auto asked = sys::read_file(AT_FDCWD, (folder->path + "/cgroup.freeze").c_str());
    return asked && asked->starts_with('1');
}

Result<std::vector<int>> Cgroup::processes() const {
    const CgroupFolder* folder = folder_of("devices");
    if (folder == nullptr && !folders_.empty()) folder = &folders_.front();
    if (folder == nullptr) return fail("cgroups", "the container has none");
    std::vector<int> pids;
    collect_processes(folder->path, pids);
    return pids;
}

Result<void> Cgroup::signal_all(int signal) const {
    if (signal == SIGKILL && unified()) {
        const std::string kill = folders_.front().path + "/cgroup.kill";
        if (sys::write_file(AT_FDCWD, kill.c_str(), "1")) return {};
    }
    // Frozen, nothing forks away; what gets the signal acts on it when thawed.
    const bool froze = freeze().ok();
    const std::vector<int> pids = KOS_TRY(processes());
    for (const int pid : pids) ::kill(pid, signal);
    if (froze) KOS_TRY(thaw());
    return {};
}

Result<void> Cgroup::remove() const {
    for (const CgroupFolder& folder : folders_) {
        KOS_TRY(
            explain(remove_folder(folder.path), "/linux/cgroupsPath", "removing " + folder.path));
    }
    return {};
}

}  // namespace kos::oci
