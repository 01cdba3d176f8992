// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sockets: layouts of Linux on aarch64 (sendmsg(2)).
#pragma once

#include <cstdint>

namespace kos::libos::abi {

/// struct msghdr.
struct MessageHeader {
    std::uint64_t name;
    std::uint32_t name_size;
    std::uint32_t padding;
    std::uint64_t vectors;
    std::uint64_t vector_count;
    std::uint64_t control;
    std::uint64_t control_size;
    std::uint32_t flags;
    std::uint32_t padding2;
};
static_assert(sizeof(MessageHeader) == 56);

}  // namespace kos::libos::abi
