// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a message server is told about its apps: a blob of the system image, which the packer makes
// and the server reads. Bounds are checked when it is opened.
//
//   PlanHead | PlanMember[] | PlanAddress[] | PlanSocket[] | PlanText[] | text
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::message {

/// Most networks of one message server.
inline constexpr std::uint32_t max_networks = 64;
/// Most apps of one message server.
inline constexpr std::uint32_t max_members = 128;

/// Elements [first, first + count) of a table.
struct PlanRange {
    Le32 first;
    Le32 count;
};

struct PlanHead {
    static constexpr std::uint64_t expected_magic = 0x4e4c'5047'534d'534b;  // "KSMSGPLN"
    static constexpr std::uint32_t expected_version = 2;

    Le64 magic = expected_magic;      // 0x00
    Le32 version = expected_version;  // 0x08
    Le32 members;                     // 0x0c: how many of each
    Le32 addresses;                   // 0x10
    Le32 sockets;                     // 0x14
    Le32 texts;                       // 0x18
    Le32 text_size;                   // 0x1c: bytes
    Le32 size;                        // 0x20: bytes of the whole blob
    Le32 reserved;                    // 0x24
};
static_assert(sizeof(PlanHead) == 0x28);

struct PlanMember {
    Le32 app;             // 0x00: number in the system image
    Le32 name;            // 0x04: number of a text
    PlanRange addresses;  // 0x08
    PlanRange sockets;    // 0x10
    PlanRange publishes;  // 0x18: texts: protocols that it may publish
    Le32 has_lanes;       // 0x20: 1: a native app, which can have lanes (lane.hpp)
    Le32 reserved;        // 0x24
};
static_assert(sizeof(PlanMember) == 0x28);

/// That a member is on a network, and its address there.
struct PlanAddress {
    Le32 network;  // 0x00: below max_networks
    Le32 ipv4;     // 0x04: 10.0.0.1 is 0x0a000001
};
static_assert(sizeof(PlanAddress) == 8);

/// A socket of a member's, and the networks that it opens to.
struct PlanSocket {
    Le64 networks;  // 0x00: bit n: network n
    Le32 name;      // 0x08: number of a text: msg0 for /var/run/msg0.sock
    Le32 reserved;  // 0x0c
};
static_assert(sizeof(PlanSocket) == 0x10);

struct PlanText {
    Le32 offset;  // 0x00: into the text
    Le32 length;  // 0x04
};
static_assert(sizeof(PlanText) == 8);

class PlanView {
   public:
    /// Nothing where a part does not lie within \p blob, which outlives the view.
    static std::optional<PlanView> create(Bytes blob);

    [[nodiscard]] std::uint32_t member_count() const { return head_.members; }
    [[nodiscard]] PlanMember member(std::uint32_t number) const;
    [[nodiscard]] std::uint32_t members_with_lanes() const;
    [[nodiscard]] PlanAddress address(const PlanRange& range, std::uint32_t index) const;
    [[nodiscard]] PlanSocket socket(const PlanRange& range, std::uint32_t index) const;
    [[nodiscard]] std::string_view text(std::uint32_t number) const;

   private:
    PlanView(Bytes blob, const PlanHead& head) : blob_(blob), head_(head) {}
    [[nodiscard]] std::uint64_t addresses_at() const;
    [[nodiscard]] std::uint64_t sockets_at() const;
    [[nodiscard]] std::uint64_t texts_at() const;
    [[nodiscard]] bool is_sound() const;

    Bytes blob_;
    PlanHead head_;
};

}  // namespace kos::message
