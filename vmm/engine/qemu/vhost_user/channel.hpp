// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages over a connected stream socket. Descriptors that come along are owned at once, so that
// none is lost whatever the message turns out to be.
#pragma once

#include "lib/linux/result.hpp"
#include "vmm/engine/qemu/vhost_user/message.hpp"

#include <optional>

namespace kos::vhost_user {

/// The next message; nothing where the front end has closed its end. EBADMSG for what is none:
/// another version, a payload that is too large or cut off.
[[nodiscard]] sys::Result<std::optional<Message>> receive(sys::Fd socket);

/// Answers \p request.
[[nodiscard]] sys::Result<void> reply(sys::Fd socket, Request request, Bytes payload);

}  // namespace kos::vhost_user
