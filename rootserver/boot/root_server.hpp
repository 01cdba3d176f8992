// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root server as a whole, from the boot information to the last app's end. A program or a test
// says what it runs on.
#pragma once

#include "lib/sel4/bootinfo.hpp"
#include "rootserver/boot/boot_parameters.hpp"
#include "rootserver/boot/external_guests.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/boot/root_vspace.hpp"
#include "rootserver/boot/system_image.hpp"
#include "rootserver/boot/timeline.hpp"
#include "rootserver/boot/volume_devices.hpp"
#include "rootserver/console/interrupt.hpp"
#include "rootserver/console/uart.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/supervise/alarm.hpp"
#include "rootserver/supervise/supervisor.hpp"
#include "rootserver/supervise/wakeup.hpp"
#include "rootserver/trace/tracer.hpp"
#include "rootserver/trouble.hpp"

#include <optional>

namespace kos::rootserver {

/// What the root server runs on.
struct Platform {
    const sel4::BootInfo& boot_info;
    Clock clock;
    AlarmProgram alarm;
    /// In place of the device tree's console.
    std::optional<msg::ConsoleSink> console;
    std::optional<ConsoleSource> console_source;
};

class RootServer {
   public:
    RootServer(const Platform& platform, const BootParameters& parameters);
    RootServer(const RootServer&) = delete;
    RootServer& operator=(const RootServer&) = delete;

    /// Everything until the first app can be spawned. After a failure, report() it: there may be a
    /// console already.
    Attempt<> boot();
    /// Runs the apps. boot() has succeeded.
    void run();

    void report(const Trouble& trouble);
    /// Null before there is a console.
    [[nodiscard]] msg::ControlWriter* console() { return console_ ? &*console_ : nullptr; }
    [[nodiscard]] RootMemory& memory() { return memory_; }
    [[nodiscard]] RootCSpace& cspace() { return *cspace_; }
    [[nodiscard]] Supervisor& supervisor() { return *supervisor_; }

   private:
    Attempt<> open_console();
    Attempt<> open_image();
    Attempt<> make_supervisor();
    /// Null where no guest will need it.
    Attempt<sel4::Cap<sel4::CNode>> make_empty_cspace();
    /// The frames that GICv2 gives guests, where a guest will need them; null otherwise.
    Attempt<std::array<sel4::Cap<sel4::Frame>, 2>> open_guest_interrupts();
    Attempt<> open_console_source(const Wakeup& wakeup);

    Platform platform_;
    BootParameters parameters_;
    Timeline timeline_;
    std::optional<Tracer> tracer_;
    RootMemory memory_;
    RootVSpace vspace_;
    std::optional<Pl011> uart_;
    std::optional<ConsoleSource> console_source_;
    std::optional<Interrupt> console_interrupt_;
    std::optional<msg::ControlWriter> console_;
    std::optional<RootCSpace> cspace_;
    std::optional<SystemImage> image_;
    std::optional<ExternalGuests> external_;
    std::optional<VolumeDevices> volumes_;
    std::optional<Root> root_;
    std::optional<Alarm> alarm_;
    std::optional<Supervisor> supervisor_;
};

}  // namespace kos::rootserver
