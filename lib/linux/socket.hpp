// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages with descriptors over UNIX sockets (unix(7), SCM_RIGHTS).
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kos::sys {

/// Two connected SOCK_SEQPACKET ends: message boundaries are kept, and an end that is closed reads
/// as such at the other.
[[nodiscard]] Result<std::pair<UniqueFd, UniqueFd>> socket_pair();

/// Connects to a listening stream socket. Paths longer than sun_path go through a directory
/// descriptor. \p flags are those of socket(2): with SOCK_NONBLOCK, EAGAIN where the listener has
/// as many waiting as it takes.
[[nodiscard]] Result<UniqueFd> connect_stream(const std::string& path, int flags = 0);

/// Listens at \p path, which only the owner may connect to. A socket that nobody listens on any
/// more is replaced; EADDRINUSE where somebody does, or where another kind of file is there.
[[nodiscard]] Result<UniqueFd> listen_stream(const std::string& path);

/// Until there is something to read, or the end; whether it was in time.
[[nodiscard]] bool wait_readable(Fd fd, std::chrono::steady_clock::time_point deadline);

/// The other end of a UNIX socket is a process of our user.
[[nodiscard]] bool has_own_peer(Fd socket);

[[nodiscard]] Result<void> send_message(Fd socket, std::string_view text, Fd descriptor = -1);

struct Message {
    std::string text;
    UniqueFd descriptor;  ///< the first that came along; further ones are closed
};

/// The next message; nothing where the peer has closed its end.
[[nodiscard]] Result<std::optional<Message>> receive_message(Fd socket);

}  // namespace kos::sys
