// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A machine that runs guests outside (lib/vm/external.hpp): its devices, of which each VMM gets
// one.
#pragma once

#include "lib/base/address.hpp"
#include "lib/manifest/view.hpp"
#include "lib/vm/external.hpp"
#include "rootserver/boot/guest_device_range.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/boot/root_vspace.hpp"
#include "rootserver/trouble.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::rootserver {

class ExternalGuests {
   public:
    struct Device {
        sel4::Cap<sel4::Frame> registers;
        std::array<sel4::Cap<sel4::Frame>, external::window_pages> windows;
        sel4::Cap<sel4::IrqHandler> interrupt;
    };

    /// Makes and maps the devices of the image's microVMs.
    static Attempt<ExternalGuests> create(RootMemory& memory, const RootCSpace& cspace,
                                          RootVSpace& vspace, const GuestDeviceRange& range,
                                          const manifest::ImageView& image);

    /// The device of app \p number, which is a microVM.
    [[nodiscard]] const std::optional<Device>& device(std::uint32_t number) const {
        return devices_[number];
    }
    /// Ends the guest of app \p number, if it has one: its VMM cannot any more.
    void end(std::uint32_t number) const;

   private:
    static constexpr std::size_t max_guests = 16;

    std::array<std::optional<Device>, max_guests> devices_{};
};

}  // namespace kos::rootserver
