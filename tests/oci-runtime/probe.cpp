// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Prints what a process sees of the world it was started in, as JSON. Arguments: paths to look at.
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace {

using nlohmann::json;

/// The text of a file, or the error in words: files of /proc differ in what they let whom read.
std::string text_of(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return std::strerror(errno);
    std::string text;
    char buffer[4096];
    ssize_t count = 0;
    while ((count = ::read(fd, buffer, sizeof buffer)) > 0)
        text.append(buffer, static_cast<std::size_t>(count));
    if (count < 0) text = std::strerror(errno);
    ::close(fd);
    return text;
}

std::string link_of(const std::string& path) {
    char buffer[4096];
    const ssize_t size = ::readlink(path.c_str(), buffer, sizeof buffer);
    return size < 0 ? std::strerror(errno) : std::string{buffer, static_cast<std::size_t>(size)};
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

json lines_of(const std::string& path) {
    json lines = json::array();
    std::istringstream stream{text_of(path)};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

json status() {
    json rows;
    std::istringstream stream{text_of("/proc/self/status")};
    for (std::string line; std::getline(stream, line);) {
        const auto colon = line.find(":\t");
        if (colon != std::string::npos) rows[line.substr(0, colon)] = line.substr(colon + 2);
    }
    return rows;
}

json limits() {
    json rows = json::array();
    for (int resource = 0; resource < RLIM_NLIMITS; ++resource) {
        rlimit64 limit{};
        ::prlimit64(0, static_cast<__rlimit_resource>(resource), nullptr, &limit);
        rows.push_back({limit.rlim_cur, limit.rlim_max});
    }
    return rows;
}

json descriptors() {
    json rows;
    for (int fd = 0; fd < 64; ++fd) {
        const int flags = ::fcntl(fd, F_GETFL);
        if (flags < 0) continue;
        struct stat file {};
        ::fstat(fd, &file);
        rows[std::to_string(fd)] = {file.st_mode & S_IFMT, flags & O_ACCMODE, ::fcntl(fd, F_GETFD)};
    }
    return rows;
}

/// A file system object without what differs from run to run.
json node(const std::string& path) {
    struct stat file {};
    if (::lstat(path.c_str(), &file) != 0) return std::strerror(errno);
    json row{{"mode", file.st_mode}, {"uid", file.st_uid}, {"gid", file.st_gid}};
    if (S_ISLNK(file.st_mode)) row["target"] = link_of(path);
    if (S_ISCHR(file.st_mode) || S_ISBLK(file.st_mode))
        row["device"] = {major(file.st_rdev), minor(file.st_rdev)};
    return row;
}

/// A path that a config masks or makes read-only: how much can be read, and whether it can be
/// written.
json looked_at(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) return std::strerror(errno);
    json row;
    row["entries"] = S_ISDIR(file.st_mode) ? json(names_in(path)) : json(text_of(path).size());
    row["write"] = ::access(path.c_str(), W_OK) == 0 ? "yes" : std::strerror(errno);
    return row;
}

json tree(const std::string& folder) {
    json rows;
    for (const std::string& name : names_in(folder)) {
        const std::string path = folder + "/" + name;
        rows[path] = node(path);
        if (rows[path].contains("mode") && S_ISDIR(rows[path]["mode"].get<unsigned>()) &&
            name != "fd") {
            rows.update(tree(path));
        }
    }
    return rows;
}

}  // namespace

int main(int argc, char** argv, char** environment) {
    json seen;
    seen["descriptors"] = descriptors();
    seen["arguments"] = std::vector<std::string>(argv, argv + argc);
    seen["environment"] = json::array();
    for (char** entry = environment; *entry != nullptr; ++entry)
        seen["environment"].push_back(*entry);
    const mode_t mask = ::umask(0);
    seen["umask"] = mask;
    seen["cwd"] = link_of("/proc/self/cwd");
    seen["root"] = link_of("/proc/self/root");
    seen["status"] = status();
    seen["limits"] = limits();
    seen["process"] = {
        {"pid", ::getpid()}, {"ppid", ::getppid()}, {"pgid", ::getpgrp()}, {"sid", ::getsid(0)}};
    seen["prctl"] = {{"dumpable", ::prctl(PR_GET_DUMPABLE)},
                     {"keepcaps", ::prctl(PR_GET_KEEPCAPS)},
                     {"securebits", ::prctl(PR_GET_SECUREBITS)},
                     {"subreaper",
                      [] {
                          int is = 0;
                          ::prctl(PR_GET_CHILD_SUBREAPER, &is);
                          return is;
                      }()},
                     {"pdeathsig",
                      [] {
                          int signal = 0;
                          ::prctl(PR_GET_PDEATHSIG, &signal);
                          return signal;
                      }()},
                     {"timerslack", ::prctl(PR_GET_TIMERSLACK)}};
    seen["scheduler"] = {::sched_getscheduler(0), ::getpriority(PRIO_PROCESS, 0),
                         ::syscall(SYS_ioprio_get, 1, 0)};
    for (const char* name : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}) {
        seen["namespaces"][name] = link_of(std::string{"/proc/self/ns/"} + name);
    }
    for (const char* name :
         {"uid_map", "gid_map", "setgroups", "oom_score_adj", "personality", "coredump_filter",
          "cgroup", "timens_offsets", "sessionid", "loginuid"}) {
        seen["proc"][name] = text_of(std::string{"/proc/self/"} + name);
    }
    for (const char* name : {"hostname", "domainname", "msgmax", "shmmni"}) {
        seen["sysctl"][name] = text_of(std::string{"/proc/sys/kernel/"} + name);
    }
    seen["sysctl"]["ip_forward"] = text_of("/proc/sys/net/ipv4/ip_forward");
    seen["interfaces"] = text_of("/sys/class/net/lo/flags");
    seen["mounts"] = lines_of("/proc/self/mountinfo");
    for (const json& line : seen["mounts"]) {
        std::istringstream words{line.get<std::string>()};
        std::string point;
        for (int field = 0; field < 5; ++field) words >> point;
        if (point.rfind("/proc/", 0) != 0) seen["points"][point] = node(point);
    }
    seen["devices"] = tree("/dev");
    seen["top"] = names_in("/");
    for (int index = 1; index < argc; ++index) seen["paths"][argv[index]] = looked_at(argv[index]);
    std::printf("%s\n", seen.dump(-1, ' ', true, json::error_handler_t::replace).c_str());
    return 0;
}
