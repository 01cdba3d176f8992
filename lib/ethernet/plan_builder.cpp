// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/ethernet/plan_builder.hpp"

namespace kos::ethernet {

std::vector<std::byte> make_plan(const std::vector<Member>& members) {
    std::vector<PlanMember> records;
    std::string text;
    for (const Member& member : members) {
        PlanMember record;
        record.app = member.app;
        record.name_offset = static_cast<std::uint32_t>(text.size());
        record.name_length = static_cast<std::uint32_t>(member.name.size());
        record.mac = member.mac;
        text += member.name;
        records.push_back(record);
    }
    const Bytes table = std::as_bytes(std::span{records});
    PlanHead head;
    head.members = static_cast<std::uint32_t>(records.size());
    head.text_size = static_cast<std::uint32_t>(text.size());
    head.size = static_cast<std::uint32_t>(sizeof head + table.size() + text.size());
    std::vector<std::byte> blob;
    for (const Bytes part : {bytes_of(head), table, as_bytes(text)}) {
        blob.insert(blob.end(), part.begin(), part.end());
    }
    return blob;
}

}  // namespace kos::ethernet
