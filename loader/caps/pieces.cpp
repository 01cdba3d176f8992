// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/pieces.hpp"

#include "lib/base/address.hpp"

#include <algorithm>

namespace kos::caps {

PieceList pieces_of(const ObjectList& objects) {
    PieceList pieces;
    const auto add = [&pieces](unsigned size_bits) {
        if (!pieces.push_back(static_cast<std::uint8_t>(size_bits))) {
            panic("pieces_of: more pieces than an address has bits");
        }
    };
    add(objects.object_cnode_bytes_bits());
    const std::uint64_t rest = pages_for(objects.object_bytes()) * page_size;
    for (unsigned bits = 64; bits-- > page_bits;) {
        if ((rest >> bits & 1) != 0) add(bits);
    }
    return pieces;
}

std::optional<RetypeStep> RetypeSteps::next() {
    const auto groups = objects_.groups();
    if (group_ == groups.size()) return std::nullopt;
    const ObjectGroup& group = groups[group_];

    // Whole objects always fit where a piece has room: see the head of pieces.hpp.
    const std::uint64_t room = (std::uint64_t{1} << pieces_[piece_]) - used_;
    const std::uint64_t fitting = room >> group.bytes_bits;
    if (fitting == 0) panic("RetypeSteps: a piece is smaller than the object due");
    const std::uint64_t count =
        std::min({fitting, std::uint64_t{group.count - done_}, sel4::retype_fan_out_limit});
    const RetypeStep step{piece_,
                          group.kind,
                          group.type,
                          group.size_bits,
                          group.first_slot + done_,
                          static_cast<std::uint32_t>(count)};
    advance(group, step);
    return step;
}

void RetypeSteps::advance(const ObjectGroup& group, const RetypeStep& step) {
    done_ += step.count;
    if (done_ == group.count) {
        ++group_;
        done_ = 0;
    }
    used_ += std::uint64_t{step.count} << group.bytes_bits;
    if (used_ == std::uint64_t{1} << pieces_[piece_]) {
        ++piece_;
        used_ = 0;
    }
}

}  // namespace kos::caps
