// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device behind a volume, as the root server gives it (lib/vm/layout.hpp). All volumes of a
// guest signal one notification, which nobody waits for but who has asked a device.
#pragma once

#include "lib/vm/info.hpp"
#include "lib/vm/layout.hpp"
#include "vmm/virtio/driver/device_port.hpp"

#include <array>
#include <string_view>

namespace kos::vmm {

class VolumePort final : public virtio::DevicePort {
   public:
    /// \p number: among the guest's volumes.
    VolumePort(VirtualAddress registers, unsigned number)
        : registers_(registers), number_(number) {}

    [[nodiscard]] std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value) override;
    void wait() override;
    void rearm() override;

   private:
    VirtualAddress registers_;
    unsigned number_;
};

/// The part of the memory of all volumes, which lies at \p physical, that is number \p number's.
[[nodiscard]] virtio::DeviceMemory volume_memory(unsigned number, std::uint64_t physical);

/// Up to its end or the first NUL.
[[nodiscard]] inline std::string_view text_of(const std::array<char, 24>& text) {
    const std::string_view whole{text.data(), text.size()};
    return whole.substr(0, whole.find('\0'));
}

}  // namespace kos::vmm
