// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/plan_builder.hpp"

#include <algorithm>

namespace kos::message {

namespace {

template <class T>
void append(std::vector<std::byte>& to, const std::vector<T>& items) {
    const auto bytes = std::as_bytes(std::span{items});
    to.insert(to.end(), bytes.begin(), bytes.end());
}

template <class T>
std::uint32_t count(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
}

}  // namespace

std::vector<std::byte> make_plan(const std::vector<Member>& members) {
    std::vector<PlanMember> records;
    std::vector<PlanAddress> addresses;
    std::vector<PlanSocket> sockets;
    std::vector<PlanText> texts;
    std::string text;
    const auto add_text = [&](const std::string& added) {
        texts.push_back(
            {static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(added.size())});
        text += added;
        return count(texts) - 1;
    };
    for (const Member& member : members) {
        PlanMember record;
        record.app = member.app;
        record.name = add_text(member.name);
        record.addresses = {count(addresses), count(member.addresses)};
        for (const MemberAddress& one : member.addresses) {
            addresses.push_back({one.network, one.ipv4});
        }
        record.sockets = {count(sockets), count(member.sockets)};
        for (const MemberSocket& one : member.sockets) {
            sockets.push_back({one.networks, add_text(one.name), std::uint32_t{0}});
        }
        record.publishes = {count(texts), count(member.publishes)};
        for (const std::string& protocol : member.publishes) add_text(protocol);
        record.has_lanes = member.has_lanes ? 1u : 0u;
        records.push_back(record);
    }
    PlanHead head;
    head.members = count(records);
    head.addresses = count(addresses);
    head.sockets = count(sockets);
    head.texts = count(texts);
    head.text_size = static_cast<std::uint32_t>(text.size());
    std::vector<std::byte> blob;
    append(blob, std::vector<PlanHead>{head});
    append(blob, records);
    append(blob, addresses);
    append(blob, sockets);
    append(blob, texts);
    append(blob, std::vector<char>(text.begin(), text.end()));
    head.size = static_cast<std::uint32_t>(blob.size());
    std::copy_n(bytes_of(head).begin(), sizeof head, blob.begin());
    return blob;
}

}  // namespace kos::message
