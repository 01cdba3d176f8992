// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/plan.hpp"

namespace kos::message {

namespace {

bool lies_within(const PlanRange& range, std::uint32_t count) {
    return range_within(range.first, range.count, count);
}

}  // namespace

std::uint64_t PlanView::addresses_at() const {
    return sizeof(PlanHead) + std::uint64_t{head_.members} * sizeof(PlanMember);
}
std::uint64_t PlanView::sockets_at() const {
    return addresses_at() + std::uint64_t{head_.addresses} * sizeof(PlanAddress);
}
std::uint64_t PlanView::texts_at() const {
    return sockets_at() + std::uint64_t{head_.sockets} * sizeof(PlanSocket);
}

PlanMember PlanView::member(std::uint32_t number) const {
    return read_at<PlanMember>(blob_, sizeof(PlanHead) + std::uint64_t{number} * sizeof(PlanMember))
        .value_or(PlanMember{});
}
std::uint32_t PlanView::members_with_lanes() const {
    std::uint32_t count = 0;
    for (std::uint32_t m = 0; m < head_.members; ++m) count += member(m).has_lanes != 0 ? 1 : 0;
    return count;
}
PlanAddress PlanView::address(const PlanRange& range, std::uint32_t index) const {
    const std::uint64_t number = std::uint64_t{range.first} + index;
    return read_at<PlanAddress>(blob_, addresses_at() + number * sizeof(PlanAddress))
        .value_or(PlanAddress{});
}
PlanSocket PlanView::socket(const PlanRange& range, std::uint32_t index) const {
    const std::uint64_t number = std::uint64_t{range.first} + index;
    return read_at<PlanSocket>(blob_, sockets_at() + number * sizeof(PlanSocket))
        .value_or(PlanSocket{});
}
std::string_view PlanView::text(std::uint32_t number) const {
    const auto place =
        read_at<PlanText>(blob_, texts_at() + std::uint64_t{number} * sizeof(PlanText));
    if (number >= head_.texts || !place) return {};
    const std::uint64_t text = texts_at() + std::uint64_t{head_.texts} * sizeof(PlanText);
    return as_text(slice(blob_, text + place->offset, place->length).value_or(Bytes{}));
}

bool PlanView::is_sound() const {
    const std::uint64_t text = texts_at() + std::uint64_t{head_.texts} * sizeof(PlanText);
    if (head_.members > max_members || text + head_.text_size > blob_.size()) return false;
    for (std::uint32_t i = 0; i < head_.texts; ++i) {
        const auto place =
            read_at<PlanText>(blob_, texts_at() + std::uint64_t{i} * sizeof(PlanText));
        if (!place || !range_within(place->offset, place->length, head_.text_size)) return false;
    }
    const PlanRange all{std::uint32_t{0}, head_.addresses};
    for (std::uint32_t i = 0; i < head_.addresses; ++i) {
        if (address(all, i).network >= max_networks) return false;
    }
    const PlanRange sockets{std::uint32_t{0}, head_.sockets};
    for (std::uint32_t i = 0; i < head_.sockets; ++i) {
        if (socket(sockets, i).name >= head_.texts) return false;
    }
    for (std::uint32_t i = 0; i < head_.members; ++i) {
        const PlanMember one = member(i);
        if (one.name >= head_.texts || !lies_within(one.addresses, head_.addresses) ||
            !lies_within(one.sockets, head_.sockets) || !lies_within(one.publishes, head_.texts)) {
            return false;
        }
    }
    return true;
}

std::optional<PlanView> PlanView::create(Bytes blob) {
    const auto head = read_at<PlanHead>(blob, 0);
    if (!head || head->magic != PlanHead::expected_magic ||
        head->version != PlanHead::expected_version || head->size != blob.size()) {
        return std::nullopt;
    }
    const PlanView view{blob, *head};
    if (!view.is_sound()) return std::nullopt;
    return view;
}

}  // namespace kos::message
