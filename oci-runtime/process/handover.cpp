// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/handover.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/socket.hpp"

namespace kos::oci {

Result<void> write_pid_file(const std::string& path, pid_t pid) {
    if (path.empty()) return {};
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    const auto directory = KOS_TRY(
        explain(sys::open(AT_FDCWD, folder.c_str(), O_PATH | O_DIRECTORY), "--pid-file", path));
    return explain(sys::replace_file(directory.get(), name.c_str(), std::to_string(pid), 0644),
                   "--pid-file", path);
}

Result<void> send_terminal(const std::string& socket_path, const sys::UniqueFd& master) {
    const sys::UniqueFd socket =
        KOS_TRY(explain(sys::connect_stream(socket_path), "--console-socket", socket_path));
    return explain(sys::send_message(socket.get(), "/dev/ptmx", master.get()), "--console-socket",
                   socket_path);
}

}  // namespace kos::oci
