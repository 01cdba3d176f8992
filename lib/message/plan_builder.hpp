// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Makes the blob that lib/message/plan.hpp reads. Hosted.
#pragma once

#include "lib/message/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kos::message {

struct MemberAddress {
    std::uint32_t network = 0;
    std::uint32_t ipv4 = 0;
};
struct MemberSocket {
    std::string name{};
    std::uint64_t networks = 0;
};
struct Member {
    std::uint32_t app = 0;
    std::string name{};
    std::vector<MemberAddress> addresses{};
    std::vector<MemberSocket> sockets{};
    std::vector<std::string> publishes{};
    bool has_lanes = false;
};

/// In the order of the members' numbers.
[[nodiscard]] std::vector<std::byte> make_plan(const std::vector<Member>& members);

}  // namespace kos::message
