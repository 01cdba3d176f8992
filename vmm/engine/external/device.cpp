// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/external/device.hpp"

#include <algorithm>

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

}  // namespace kos::external
