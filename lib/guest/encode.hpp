// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Frames to send, head included. Hosted: they are strings.
#pragma once

#include "lib/guest/messages.hpp"

#include <span>
#include <string>

namespace kos::guest {

/// A list of text for `Exec`, in \p storage; at most 65535.
[[nodiscard]] TextList make_list(std::span<const std::string> texts, std::string& storage);

/// Panics where the payload would be longer than `longest_payload`: whoever makes a message keeps
/// to it (`longest_part` for bytes).
[[nodiscard]] std::string encode(const Hello& message);
[[nodiscard]] std::string encode(const QueryStatus& message);
[[nodiscard]] std::string encode(const Attach& message);
[[nodiscard]] std::string encode(const Exec& message);
[[nodiscard]] std::string encode(const Signal& message);
[[nodiscard]] std::string encode(const QueryUsage& message);
[[nodiscard]] std::string encode(const SetTime& message);
[[nodiscard]] std::string encode(const Shutdown& message);
[[nodiscard]] std::string encode(const Input& message);
[[nodiscard]] std::string encode(const InputEnd& message);
[[nodiscard]] std::string encode(const Resize& message);
[[nodiscard]] std::string encode(const SignalProcess& message);
[[nodiscard]] std::string encode(const Done& message);
[[nodiscard]] std::string encode(const Failed& message);
[[nodiscard]] std::string encode(const GuestStatus& message);
[[nodiscard]] std::string encode(const ContainerStatus& message);
[[nodiscard]] std::string encode(const Log& message);
[[nodiscard]] std::string encode(const Lost& message);
[[nodiscard]] std::string encode(const Usage& message);
[[nodiscard]] std::string encode(const Started& message);
[[nodiscard]] std::string encode(const Output& message);
[[nodiscard]] std::string encode(const Exited& message);
[[nodiscard]] std::string encode(const GuestEnd& message);

/// Bytes that fit into one Log, Input or Output frame, whatever the container's name.
inline constexpr std::size_t longest_part = 32u << 10;

}  // namespace kos::guest
