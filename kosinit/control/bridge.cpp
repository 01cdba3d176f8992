// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/control/bridge.hpp"

#include "kosinit/control/bridged_connection.hpp"
#include "lib/linux/file.hpp"

#include <sys/socket.h>
#include <sys/un.h>

// Needs what stands above.
#include <linux/vm_sockets.h>

namespace kos::init {

namespace {

sys::Result<sys::UniqueFd> listen_packets(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Err{sys::Errno{ENAMETOOLONG}};
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    sys::UniqueFd socket{
        KOS_TRY(sys::check(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)))};
    KOS_TRY(sys::done(
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address)));
    KOS_TRY(sys::done(::chmod(path.c_str(), 0666)));
    KOS_TRY(sys::done(::listen(socket.get(), SOMAXCONN)));
    return socket;
}

}  // namespace

sys::Result<sys::UniqueFd> connect_to_host(std::uint32_t port) {
    sys::UniqueFd socket{
        KOS_TRY(sys::check(::socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)))};
    sockaddr_vm address{};
    address.svm_family = AF_VSOCK;
    address.svm_cid = VMADDR_CID_HOST;
    address.svm_port = port;
    const int made =
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (made != 0 && errno != EINPROGRESS) return sys::last_error();
    return socket;
}

Bridge::Bridge(Context& context, Connect connect)
    : context_(context), connect_(std::move(connect)) {}

Bridge::~Bridge() {
    for (const sys::UniqueFd& listener : listeners_) context_.loop.remove(listener.get());
}

Outcome<void> Bridge::listen(const std::string& folder, const MessageSocket& socket) {
    const std::string path = folder + "/" + socket.socket + ".sock";
    KOS_TRY(explain(sys::make_directories(folder, 0755), ErrorCode::GuestMount, folder));
    sys::UniqueFd listener =
        KOS_TRY(explain(listen_packets(path), ErrorCode::GuestNetwork, path, "listening"));
    const sys::Fd fd = listener.get();
    listeners_.push_back(std::move(listener));
    return explain(
        context_.loop.add(fd, EPOLLIN,
                          [this, fd, port = socket.port](std::uint32_t) { accept(fd, port); }),
        ErrorCode::GuestInternal, path, "epoll");
}

void Bridge::accept(sys::Fd listener, std::uint32_t port) {
    sys::UniqueFd packets{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!packets || connections_.size() >= most_connections) return;
    // Closed at once where the host does not listen: the container reads the end of the connection.
    auto stream = connect_(port);
    if (!stream) return;
    const auto place = connections_.emplace(connections_.end());
    *place = std::make_unique<BridgedConnection>(
        context_, std::move(packets), std::move(*stream),
        [this, place] { context_.timers.after(0, [this, place] { connections_.erase(place); }); });
}

}  // namespace kos::init
