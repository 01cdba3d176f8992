// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/external/device.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace kos::external {

// The machine reads and writes the windows when a register is accessed: their bytes must be there
// before, and are looked at behind.
std::uint32_t Device::read(Register which) const {
    const std::uint32_t value = *reinterpret_cast<const volatile std::uint32_t*>(
        registers_ + static_cast<std::uint32_t>(which));
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return value;
}

void Device::write(Register which, std::uint32_t value) const {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    *reinterpret_cast<volatile std::uint32_t*>(registers_ + static_cast<std::uint32_t>(which)) =
        value;
}

MutableBytes Device::receive(MutableBytes target) const {
    const std::size_t count = std::min<std::size_t>(read(Register::Received), target.size());
    std::memcpy(target.data(), windows_ + receive_window, count);
    if (count != 0) write(Register::Received, static_cast<std::uint32_t>(count));
    return target.first(count);
}

std::size_t Device::send(Bytes bytes) const {
    const std::size_t count = std::min<std::size_t>(read(Register::Room), bytes.size());
    std::memcpy(windows_ + send_window, bytes.data(), count);
    if (count != 0) write(Register::Room, static_cast<std::uint32_t>(count));
    return count;
}

Bytes Device::records() const {
    return {windows_ + record_window, std::min(read(Register::Records), window_size)};
}

void Device::send_records(Bytes records) const {
    std::memcpy(windows_ + send_record_window, records.data(), records.size());
    write(Register::SendRecords, static_cast<std::uint32_t>(records.size()));
}

}  // namespace kos::external
