// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Message sockets (docs/msg.md): what containers see as a SEQPACKET UNIX socket goes over vsock to
// the host, as frames of a little-endian u32 length and a payload.
//
//     container ── SEQPACKET ──► kosinit ── vsock stream, a connection for each ──► host
//
// Neither side is read while the other does not take what came before; an end that is closed for
// writing is passed on as such, with what was sent before it.
#pragma once

#include "kosinit/setup/guest_config.hpp"
#include "kosinit/supervise/context.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>

namespace kos::init {

/// Longest payload of a frame; a longer message or frame ends its connection.
inline constexpr std::size_t longest_message = 64u << 10;

class BridgedConnection;

class Bridge {
   public:
    /// Makes a connected or connecting stream to the host; tests have another.
    using Connect = std::function<sys::Result<sys::UniqueFd>(std::uint32_t port)>;
    static constexpr std::size_t most_connections = 1024;

    Bridge(Context& context, Connect connect);
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;
    ~Bridge();

    /// Listens at `FOLDER/NAME.sock`, which every user may connect to.
    [[nodiscard]] Outcome<void> listen(const std::string& folder, const MessageSocket& socket);

   private:
    void accept(sys::Fd listener, std::uint32_t port);

    Context& context_;
    Connect connect_;
    std::list<sys::UniqueFd> listeners_;
    std::list<std::unique_ptr<BridgedConnection>> connections_;
};

/// A stream to a vsock port of the host, not waited for.
[[nodiscard]] sys::Result<sys::UniqueFd> connect_to_host(std::uint32_t port);

}  // namespace kos::init
