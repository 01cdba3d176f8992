// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/executable.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/cgroup/hierarchy.hpp"
#include "oci-runtime/process/strings.hpp"

#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_map>

namespace kos::oci {

namespace {

/// 0 where `path` is a file that this process may execute, or that only execve(2) can tell: a
/// filter may be loaded already that refuses these calls (faccessat2 is younger than many
/// profiles), else why it is not.
int why_not_executable(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return errno == EPERM || errno == ENOSYS ? 0 : errno;
    if (!S_ISREG(status.st_mode)) return S_ISDIR(status.st_mode) ? EISDIR : EACCES;
    if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) return 0;
    return errno == EPERM || errno == ENOSYS ? 0 : errno;
}

Err<Failure> cannot_execute(const std::string& name, int error) {
    // As execve(2) has it; engines tell by these words what kind of failure it is.
    if (error == EISDIR) {
        return fail("/process/args/0", "exec: \"" + name + "\": is a directory",
                    sys::Errno{EACCES});
    }
    return fail("/process/args/0", "exec: \"" + name + "\"", sys::Errno{error});
}

std::string home_of(std::uint32_t uid) {
    const auto passwd = sys::read_file(AT_FDCWD, "/etc/passwd");
    const std::string wanted = std::to_string(uid);
    if (!passwd) return "/";
    for (const std::string_view line : split(*passwd, '\n')) {
        // name:password:uid:gid:comment:home:shell; fields may be empty.
        std::string_view rest = line;
        std::string_view fields[7];
        for (std::string_view& field : fields) {
            const std::size_t colon = rest.find(':');
            field = rest.substr(0, colon);
            rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
        }
        if (fields[2] == wanted && !fields[5].empty()) return std::string{fields[5]};
    }
    return "/";
}

}  // namespace

Result<std::string> find_executable(const Process& process) {
    const std::string& name = process.args.front();
    if (name.find('/') != std::string::npos) {
        const int error = why_not_executable(name);
        if (error != 0) return cannot_execute(name, error);
        return name;
    }
    const char* variable = find_variable(process.env, "PATH");
    const std::string_view path = variable != nullptr ? variable : "";
    int error = ENOENT;
    for (const std::string_view folder : split(path, ':')) {
        std::string candidate = std::string{folder}.append("/").append(name);
        const int reason = name.empty() ? ENOENT : why_not_executable(candidate);
        if (reason == 0) return candidate;
        if (reason == EACCES) error = EACCES;
    }
    if (error == ENOENT) {
        return fail("/process/args/0",
                    "exec: \"" + name + "\": executable file not found in $PATH");
    }
    return cannot_execute(name, error);
}

std::vector<std::string> complete_environment(const Process& process) {
    std::vector<std::string> environment;
    std::unordered_map<std::string_view, std::size_t> places;
    for (const std::string& entry : process.env) {
        const std::string_view name = std::string_view{entry}.substr(0, entry.find('='));
        const auto [place, added] = places.emplace(name, environment.size());
        if (added) {
            environment.push_back(entry);
        } else {
            environment[place->second] = entry;
        }
    }
    if (!places.contains("HOME")) environment.push_back("HOME=" + home_of(process.user.uid));
    return environment;
}

}  // namespace kos::oci
