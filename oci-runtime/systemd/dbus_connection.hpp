// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A connection to a message bus: authenticated by who we are (SASL EXTERNAL), one call at a time.
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/systemd/dbus_message.hpp"

#include <deque>
#include <string>

namespace kos::oci {

class DbusConnection {
   public:
    /// `socket`: path of the bus's UNIX socket.
    [[nodiscard]] static Result<DbusConnection> open(const std::string& socket);

    /// The answer; an error that the bus or the called program gave is a failure.
    [[nodiscard]] Result<DbusMessage> call(const DbusCall& call, const std::string& body);

    /// The next signal, of those that came during calls first.
    [[nodiscard]] Result<DbusMessage> next_signal();

   private:
    explicit DbusConnection(sys::UniqueFd socket) : socket_(std::move(socket)) {}

    [[nodiscard]] Result<void> authenticate();
    [[nodiscard]] Result<DbusMessage> read_message();
    [[nodiscard]] Result<void> read_more();
    [[nodiscard]] Result<void> write(std::string_view text);

    sys::UniqueFd socket_;
    std::string input_;
    std::deque<DbusMessage> signals_;
    std::uint32_t serial_ = 0;
};

}  // namespace kos::oci
