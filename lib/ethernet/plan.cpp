// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/ethernet/plan.hpp"

namespace kos::ethernet {

PlanMember PlanView::member(std::uint32_t number) const {
    return read_at<PlanMember>(blob_, sizeof(PlanHead) + std::uint64_t{number} * sizeof(PlanMember))
        .value_or(PlanMember{});
}

std::string_view PlanView::name(std::uint32_t number) const {
    const PlanMember one = member(number);
    return as_text(slice(blob_, text_at() + one.name_offset, one.name_length).value_or(Bytes{}));
}

std::optional<PlanView> PlanView::create(Bytes blob) {
    const auto head = read_at<PlanHead>(blob, 0);
    if (!head || head->magic != PlanHead::expected_magic ||
        head->version != PlanHead::expected_version || head->size != blob.size() ||
        head->members > max_members) {
        return std::nullopt;
    }
    const PlanView view{blob, *head};
    if (view.text_at() + head->text_size != blob.size()) return std::nullopt;
    for (std::uint32_t i = 0; i < head->members; ++i) {
        const PlanMember one = view.member(i);
        if (!range_within(one.name_offset, one.name_length, head->text_size)) return std::nullopt;
    }
    return view;
}

}  // namespace kos::ethernet
