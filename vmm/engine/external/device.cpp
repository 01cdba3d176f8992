// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/external/device.hpp"

#include <algorithm>
#include <cstring>

namespace kos::external {

std::uint32_t Device::read(Register which) const {
    return *reinterpret_cast<const volatile std::uint32_t*>(page_ +
                                                            static_cast<std::uint32_t>(which));
}

void Device::write(Register which, std::uint32_t value) const {
    *reinterpret_cast<volatile std::uint32_t*>(page_ + static_cast<std::uint32_t>(which)) = value;
}

MutableBytes Device::receive(MutableBytes target) const {
    const std::size_t count = std::min<std::size_t>(read(Register::Received), target.size());
    const auto* window = reinterpret_cast<const volatile std::uint8_t*>(page_ + receive_window);
    for (std::size_t i = 0; i < count; ++i) target[i] = std::byte{window[i]};
    if (count != 0) write(Register::Received, static_cast<std::uint32_t>(count));
    return target.first(count);
}

std::size_t Device::send(Bytes bytes) const {
    const std::size_t count = std::min<std::size_t>(read(Register::Room), bytes.size());
    auto* window = reinterpret_cast<volatile std::uint8_t*>(page_ + send_window);
    for (std::size_t i = 0; i < count; ++i) window[i] = std::to_integer<std::uint8_t>(bytes[i]);
    if (count != 0) write(Register::Room, static_cast<std::uint32_t>(count));
    return count;
}

// Eight bytes an access: each is an exit of the simulator's.
Bytes Device::peek_records(MutableBytes target) const {
    const std::size_t count = std::min<std::size_t>(read(Register::Records), target.size());
    const auto* window = reinterpret_cast<const volatile std::uint64_t*>(page_ + record_window);
    for (std::size_t at = 0; at < count; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = window[at / sizeof word];
        std::memcpy(target.data() + at, &word, std::min(sizeof word, count - at));
    }
    return target.first(count);
}

void Device::send_records(Bytes records) const {
    auto* window = reinterpret_cast<volatile std::uint64_t*>(page_ + record_window);
    for (std::size_t at = 0; at < records.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, records.data() + at, std::min(sizeof word, records.size() - at));
        window[at / sizeof word] = word;
    }
    write(Register::SendRecords, static_cast<std::uint32_t>(records.size()));
}

}  // namespace kos::external
