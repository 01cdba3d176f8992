// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A device on a UNIX socket: one front end at a time, and the next one after it.
#pragma once

#include "lib/linux/event_loop.hpp"
#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"
#include "vmm/engine/qemu/vhost_user/session.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kos::vhost_user {

class Server final : public KickWatcher {
   public:
    /// Listens at \p path, which must not be there yet, or be a socket that nobody listens on.
    /// \p loop and \p device outlive the server.
    [[nodiscard]] static sys::Result<std::unique_ptr<Server>> create(sys::EventLoop& loop,
                                                                     virtio::Device& device,
                                                                     const std::string& path,
                                                                     Session::Log log);
    /// As create, for a socket that listens already.
    [[nodiscard]] static sys::Result<std::unique_ptr<Server>> adopt(sys::EventLoop& loop,
                                                                    virtio::Device& device,
                                                                    sys::UniqueFd listener,
                                                                    Session::Log log);
    /// As create, for a socket that is connected to the only front end there will be.
    [[nodiscard]] static sys::Result<std::unique_ptr<Server>> connected(sys::EventLoop& loop,
                                                                        virtio::Device& device,
                                                                        sys::UniqueFd connection,
                                                                        Session::Log log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Called whenever a front end has gone, its device reset.
    std::function<void()> on_disconnect;
    [[nodiscard]] bool connected() const { return session_ != nullptr; }

    void watch(unsigned queue, sys::Fd kick) override;
    void unwatch(sys::Fd kick) override;

   private:
    Server(sys::EventLoop& loop, virtio::Device& device, Session::Log log, sys::UniqueFd listener)
        : loop_(loop), device_(device), log_(std::move(log)), listener_(std::move(listener)) {}

    void accept();
    sys::Result<void> take(sys::UniqueFd connection);
    void serve();
    void disconnect();

    sys::EventLoop& loop_;
    virtio::Device& device_;
    Session::Log log_;
    sys::UniqueFd listener_, connection_;
    std::unique_ptr<Session> session_;
};

}  // namespace kos::vhost_user
