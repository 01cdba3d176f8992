// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a switch is told about the VMMs of its network: a blob of the system image, which the packer
// makes and the switch reads. Bounds are checked when it is opened.
//
//   PlanHead | PlanMember[] | text
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::ethernet {

/// Most VMMs of one switch.
inline constexpr std::uint32_t max_members = 64;

struct PlanHead {
    static constexpr std::uint64_t expected_magic = 0x4e4c'5057'5353'4f4b;  // "KOSSWPLN"
    static constexpr std::uint32_t expected_version = 1;

    Le64 magic = expected_magic;      // 0x00
    Le32 version = expected_version;  // 0x08
    Le32 members;                     // 0x0c: how many
    Le32 text_size;                   // 0x10: bytes
    Le32 size;                        // 0x14: bytes of the whole blob
};
static_assert(sizeof(PlanHead) == 0x18);

struct PlanMember {
    Le32 app;                                // 0x00: number in the system image
    Le32 name_offset;                        // 0x04: into the text
    Le32 name_length;                        // 0x08
    std::array<std::uint8_t, 6> mac{};       // 0x0c: of its guest's interface here
    std::array<std::uint8_t, 2> reserved{};  // 0x12
};
static_assert(sizeof(PlanMember) == 0x14);

class PlanView {
   public:
    /// Nothing where a part does not lie within \p blob, which outlives the view.
    static std::optional<PlanView> create(Bytes blob);

    [[nodiscard]] std::uint32_t member_count() const { return head_.members; }
    [[nodiscard]] PlanMember member(std::uint32_t number) const;
    [[nodiscard]] std::string_view name(std::uint32_t number) const;

   private:
    PlanView(Bytes blob, const PlanHead& head) : blob_(blob), head_(head) {}
    [[nodiscard]] std::uint64_t text_at() const {
        return sizeof(PlanHead) + std::uint64_t{head_.members} * sizeof(PlanMember);
    }

    Bytes blob_;
    PlanHead head_;
};

}  // namespace kos::ethernet
