// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/caller.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Linux 5.14.
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace kos::init {

namespace {

/// The process that a thread belongs to; 0 where it has gone.
pid_t process_of(pid_t thread) {
    const auto text =
        sys::read_file(AT_FDCWD, ("/proc/" + std::to_string(thread) + "/status").c_str());
    if (!text) return 0;
    constexpr std::string_view name = "\nTgid:\t";
    const std::size_t at = text->find(name);
    if (at == std::string::npos) return 0;
    pid_t process = 0;
    std::from_chars(text->data() + at + name.size(), text->data() + text->size(), process);
    return process;
}

sys::UniqueFd open_process(pid_t thread) {
    auto process = sys::open_pidfd(thread);
    // A thread that is not its process' first.
    if (!process) process = sys::open_pidfd(process_of(thread));
    return process ? std::move(*process) : sys::UniqueFd{};
}

std::uint64_t own_network() {
    static const std::uint64_t cookie = [] {
        const sys::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        return cookie_of(socket.get(), SO_NETNS_COOKIE);
    }();
    return cookie;
}

}  // namespace

std::optional<End> destination_of(const Call& call) {
    sockaddr_storage address{};
    const iovec here{&address, std::min(static_cast<std::size_t>(call.size), sizeof address)};
    const iovec there{reinterpret_cast<void*>(call.argument), here.iov_len};
    const ssize_t count = ::process_vm_readv(call.thread, &here, 1, &there, 1, 0);
    if (count <= 0) return std::nullopt;
    return end_of(address, static_cast<std::size_t>(count));
}

sys::UniqueFd stream_socket_of(const Call& call) {
    const sys::UniqueFd process = open_process(call.thread);
    sys::UniqueFd socket{
        static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), call.socket, 0))};
    const bool is_ours = socket && call.is_waiting() &&
                         option_of(socket.get(), SOL_SOCKET, SO_TYPE, 0) == SOCK_STREAM &&
                         option_of(socket.get(), SOL_SOCKET, SO_PROTOCOL, 0) == IPPROTO_TCP &&
                         cookie_of(socket.get(), SO_NETNS_COOKIE) == own_network();
    return is_ours ? std::move(socket) : sys::UniqueFd{};
}

int state_of(sys::Fd socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_state : 0;
}

}  // namespace kos::init
