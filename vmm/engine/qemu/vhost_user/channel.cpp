// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/vhost_user/channel.hpp"

#include <sys/socket.h>

namespace kos::vhost_user {

namespace {

void take_descriptors(msghdr& message, std::vector<sys::UniqueFd>& descriptors) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(sys::Fd);
        for (std::size_t i = 0; i < count; ++i) {
            sys::Fd fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
}

/// Fills \p target; false where the socket was closed before its first byte.
sys::Result<bool> receive_all(sys::Fd socket, MutableBytes target,
                              std::vector<sys::UniqueFd>& descriptors) {
    bool started = false;
    while (!target.empty()) {
        iovec part{target.data(), target.size()};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(max_regions * sizeof(sys::Fd))> control{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return sys::last_error();
        take_descriptors(message, descriptors);
        if ((message.msg_flags & MSG_CTRUNC) != 0) return Err{sys::Errno{EBADMSG}};
        if (size == 0 && started) return Err{sys::Errno{EBADMSG}};
        if (size == 0) return false;
        started = true;
        target = target.subspan(static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace

sys::Result<std::optional<Message>> receive(sys::Fd socket) {
    Message message;
    Header header;
    const MutableBytes place = std::as_writable_bytes(std::span{&header, 1});
    if (!KOS_TRY(receive_all(socket, place, message.descriptors))) {
        return std::optional<Message>{};
    }
    if ((header.flags & flag_version_mask) != flag_version || header.size > max_payload) {
        return Err{sys::Errno{EBADMSG}};
    }
    message.request = static_cast<Request>(header.request);
    message.flags = header.flags;
    message.payload.resize(header.size);
    if (header.size != 0 && !KOS_TRY(receive_all(socket, message.payload, message.descriptors))) {
        return Err{sys::Errno{EBADMSG}};
    }
    if (message.descriptors.size() > max_regions) return Err{sys::Errno{EBADMSG}};
    return std::optional{std::move(message)};
}

sys::Result<void> reply(sys::Fd socket, Request request, Bytes payload) {
    const Header header{static_cast<std::uint32_t>(request), flag_version | flag_reply,
                        static_cast<std::uint32_t>(payload.size())};
    std::vector<std::byte> bytes(sizeof header + payload.size());
    std::memcpy(bytes.data(), &header, sizeof header);
    if (!payload.empty()) {
        std::memcpy(bytes.data() + sizeof header, payload.data(), payload.size());
    }
    // Replies are small and the front end waits for them: they fit into the socket's buffer.
    const ssize_t sent =
        KOS_TRY(sys::check(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL)));
    if (static_cast<std::size_t>(sent) != bytes.size()) return Err{sys::Errno{EPIPE}};
    return {};
}

}  // namespace kos::vhost_user
