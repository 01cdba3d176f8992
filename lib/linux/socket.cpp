// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/socket.hpp"

#include "lib/linux/file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace kos::sys {

Result<std::pair<UniqueFd, UniqueFd>> socket_pair() {
    std::array<Fd, 2> ends{};
    KOS_TRY(done(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data())));
    return std::pair{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Result<UniqueFd> connect_stream(const std::string& path, int flags) {
    UniqueFd socket{KOS_TRY(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)))};
    const UniqueFd target = KOS_TRY(open(AT_FDCWD, path.c_str(), O_PATH));
    const std::string short_path = path_of(target.get());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, short_path.c_str(), short_path.size() + 1);
    KOS_TRY(
        done(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address)));
    return socket;
}

Result<UniqueFd> listen_stream(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return Err{Errno{ENAMETOOLONG}};
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const auto name = reinterpret_cast<const sockaddr*>(&address);
    UniqueFd socket{KOS_TRY(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)))};
    // Before bind, which gives the file the socket's own permissions.
    KOS_TRY(done(::fchmod(socket.get(), S_IRUSR | S_IWUSR)));
    int bound = ::bind(socket.get(), name, sizeof address);
    if (bound != 0 && errno == EADDRINUSE) {
        const auto there = connect_stream(path);
        if (there || !(there.error() == ECONNREFUSED)) return Err{Errno{EADDRINUSE}};
        KOS_TRY(done(::unlink(path.c_str())));
        bound = ::bind(socket.get(), name, sizeof address);
    }
    KOS_TRY(done(bound));
    KOS_TRY(done(::listen(socket.get(), SOMAXCONN)));
    return socket;
}

bool wait_readable(Fd fd, std::chrono::steady_clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                              deadline - std::chrono::steady_clock::now())
                              .count();
        if (left <= 0) return false;
        pollfd waiting{fd, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

bool has_own_peer(Fd socket) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.uid == ::geteuid();
}

Result<void> send_message(Fd socket, std::string_view text, Fd descriptor) {
    iovec part{const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Fd))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(Fd));
        std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) return last_error();
    }
    return {};
}

namespace {

/// Takes ownership of every descriptor of the message; keeps the first.
UniqueFd take_descriptors(msghdr& message) {
    UniqueFd first;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(Fd);
        for (std::size_t i = 0; i < count; ++i) {
            Fd fd;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            UniqueFd owned{fd};
            if (!first) first = std::move(owned);
        }
    }
    return first;
}

}  // namespace

Result<std::optional<Message>> receive_message(Fd socket) {
    std::array<char, 16384> buffer;
    iovec part{buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(Fd))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t size;
    while ((size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0) {
        if (errno != EINTR) return last_error();
    }
    UniqueFd descriptor = take_descriptors(message);
    if (size == 0) return std::optional<Message>{};
    return std::optional{
        Message{std::string{buffer.data(), static_cast<std::size_t>(size)}, std::move(descriptor)}};
}

}  // namespace kos::sys
