// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as what the other end has written into a lane: its head, then the start of its ring.
// The records that are found are no longer than messages are, and looking ends.

#include "lib/message/lane.hpp"

#include "lib/base/panic.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

using namespace kos::message;

/// Only as far as the input reaches it is not zero.
struct Memory {
    std::vector<std::uint64_t> words =
        std::vector<std::uint64_t>(lane_size / sizeof(std::uint64_t));
    std::byte* bytes = reinterpret_cast<std::byte*>(words.data());
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Memory memory;
    const std::size_t head = std::min(size, sizeof(LaneHead));
    const std::size_t rest = std::min<std::size_t>(size - head, lane_ring_size);
    std::byte* const ring = memory.bytes + kos::page_size + lane_ring_size;
    std::memset(memory.bytes, 0, sizeof(LaneHead));
    std::memcpy(memory.bytes, data, head);
    if (rest > 0) std::memcpy(ring, data + head, rest);
    const Lane lane{memory.bytes, 0};
    std::array<std::byte, longest_message> bytes;
    std::uint64_t read = 0;
    while (const auto record = lane.next_record()) {
        if (record->size > longest_message) kos::panic("a record is longer than a message");
        lane.copy_record(*record, bytes);
        lane.drop_record(*record);
        read += record_size(record->size);
        if (read > lane_ring_size) kos::panic("more records than a ring holds");
    }
    if (lane.pending() != 0) kos::panic("what is no record stays");
    if (rest > 0) std::memset(ring, 0, rest);
    return 0;
}
