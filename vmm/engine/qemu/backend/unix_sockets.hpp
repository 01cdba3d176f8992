// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's vsock streams as UNIX sockets on the host, in Firecracker's manner (README.md).
//
//   host program ──► PATH: "CONNECT 1001\n" ◄── "OK 1073741824\n" ──► stream to the guest's port
//   1001 guest connects to port 1000 of the host ──► PATH_1000 ──► host program
#pragma once

#include "lib/linux/event_loop.hpp"
#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace kos::qemu {

class UnixSockets final : public virtio::SocketHost {
   public:
    static constexpr std::uint32_t window = 256 << 10;

    /// Listens at \p path. \p loop outlives this object.
    [[nodiscard]] static sys::Result<std::unique_ptr<UnixSockets>> create(sys::EventLoop& loop,
                                                                          std::string path);
    /// Without a name: only `connect` opens streams, those of the guest are refused.
    explicit UnixSockets(sys::EventLoop& loop) : loop_(loop) {}
    ~UnixSockets();
    UnixSockets(const UnixSockets&) = delete;
    UnixSockets& operator=(const UnixSockets&) = delete;
    /// The device that this is the host's end of; before anything happens.
    void attach(virtio::Socket& device) { device_ = &device; }

    /// Opens a stream between \p socket, which must not block, and the guest's \p port, as after
    /// CONNECT. The socket is closed where there is none to open.
    void connect(sys::UniqueFd socket, std::uint32_t port);

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override;
    void connected(virtio::StreamId id) override;
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override;
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override;
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override;
    void closed(virtio::StreamId id) override;

   private:
    struct Stream {
        sys::UniqueFd socket;
        std::string backlog;  ///< bytes of the guest that the socket does not take yet
        std::uint32_t host_port = 0;
        bool asked = false;           ///< a host program waits for its OK
        bool reading = true;          ///< wait for bytes of the host program
        bool ended = false;           ///< it sends nothing more
        bool guest_finished = false;  ///< the guest sends nothing more
        bool guest_deaf = false;      ///< the guest receives nothing more
    };

    UnixSockets(sys::EventLoop& loop, std::string path, sys::UniqueFd listener)
        : loop_(loop), path_(std::move(path)), listener_(std::move(listener)) {}

    void accept();
    void listen(bool on);
    void read_request(sys::Fd socket, std::uint32_t events);
    bool open(virtio::StreamId id, sys::UniqueFd socket, std::uint32_t host_port, bool asked);
    void handle(virtio::StreamId id, std::uint32_t events);
    void write_backlog(virtio::StreamId id, Stream& stream);
    void finish_if_through(virtio::StreamId id, Stream& stream);
    void update(const Stream& stream);
    void drop(virtio::StreamId id);

    sys::EventLoop& loop_;
    std::string path_;
    sys::UniqueFd listener_;
    bool listens_ = true;
    virtio::Socket* device_ = nullptr;
    std::unordered_map<std::uint16_t, Stream> streams_;
    std::unordered_map<sys::Fd, sys::UniqueFd> asking_;  ///< host programs before their CONNECT
    std::uint32_t next_port_ = 1u << 30;
};

}  // namespace kos::qemu
