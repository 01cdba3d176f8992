// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What boot made and every spawn uses.
#pragma once

#include "lib/base/chacha20.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/boot/system_image.hpp"

#include <array>
#include <cstdint>

namespace kos::rootserver {

class ExternalGuests;
class VolumeDevices;

struct Root {
    RootMemory& memory;
    RootCSpace& cspace;
    const SystemImage& image;
    /// Where requests and faults of all apps arrive.
    sel4::Cap<sel4::Endpoint> endpoint;
    sel4::Cap<sel4::SchedControl> sched_control;
    /// An empty slot for capabilities that live during one step.
    sel4::CPtr scratch_slot;

    ChaChaKey seed{};
    std::uint64_t boot_time = 0;  ///< seconds since 1970 when the counter was 0
    std::uint64_t counter_hz = 1;
    bool virtual_counter = false;

    unsigned gic_version = 0;  ///< 2 or 3; 0: guests have no interrupt controller
    /// Two slots that stay empty: the CSpace of all guests' threads.
    sel4::Cap<sel4::CNode> empty_cspace;
    static constexpr unsigned empty_cspace_bits = 1;
    /// Of version 2: the frames that guests have in the place of GICC; else null.
    std::array<sel4::Cap<sel4::Frame>, 2> gic_v2_cpu;
    /// Where the machine runs guests outside; null where the kernel does.
    const ExternalGuests* external = nullptr;
    /// Null where the machine has no disks for them.
    const VolumeDevices* volumes = nullptr;
};

}  // namespace kos::rootserver
