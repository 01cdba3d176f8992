// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The control service: listens, and keeps a session for each host that is connected.
#pragma once

#include "kosinit/control/session.hpp"

#include <functional>
#include <list>
#include <memory>

namespace kos::init {

/// A listening vsock socket on \p port.
[[nodiscard]] Outcome<sys::UniqueFd> listen_vsock(std::uint32_t port);

class Server {
   public:
    /// Connections beyond this are refused.
    static constexpr std::size_t most_sessions = 64;

    Server(Context& context, Supervisor& supervisor) : context_(context), supervisor_(supervisor) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// \p listener is a listening socket; of vsock, only the host itself is let in.
    [[nodiscard]] Outcome<void> listen(sys::UniqueFd listener);

    void container_changed(const Container& container);
    /// Everything has ended: calls \p on_reported once a host that was told has closed, or when
    /// \p milliseconds are over.
    void finish(std::uint32_t milliseconds, std::function<void()> on_reported);

   private:
    void accept();
    void drop(const Session* session);
    void check_reported();

    Context& context_;
    Supervisor& supervisor_;
    sys::UniqueFd listener_;
    std::list<std::unique_ptr<Session>> sessions_;
    bool was_told_ = false;
    std::function<void()> on_reported_;
};

}  // namespace kos::init
