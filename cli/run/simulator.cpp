// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/simulator.hpp"

#include "cli/guests/qemu_runner.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/repeatable.hpp"
#include "hostsim/machine/machine.hpp"
#include "lib/base/address.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <poll.h>
#include <random>

namespace kos::run {
namespace {

std::array<std::uint8_t, 32> random_seed() {
    std::array<std::uint8_t, 32> seed{};
    std::random_device device;
    std::generate(seed.begin(), seed.end(), [&] { return static_cast<std::uint8_t>(device()); });
    return seed;
}

sim::MachineOptions machine_options(const SimulatorOptions& options) {
    sim::MachineOptions machine;
    machine.kernel_abi = options.kernel_abi;
    machine.memory_size = align_down<std::uint64_t>(options.memory, large_page_size);
    machine.seed = options.seed ? seed_of(*options.seed) : random_seed();
    machine.boot_time =
        options.seed ? repeatable_boot_time : static_cast<std::uint64_t>(std::time(nullptr));
    machine.trace_root_server = options.trace;
    machine.cores = options.cores;
    if (options.timeout) machine.host_time_limit = *options.timeout;
    return machine;
}

/// Null where the image has no microVM.
Outcome<std::unique_ptr<guests::QemuRunner>> guest_runner(Bytes image, const std::string& where,
                                                          const SimulatorOptions& options,
                                                          Session& session) {
    const auto view = KOS_TRY(report::open_system_image(image, where));
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        if (view.app(number).vm == 0) continue;
        KOS_TRY(guests::volumes_of(view, options.volumes));
        return guests::QemuRunner::create(
            view, image, {.volumes = options.volumes, .uplink = options.uplink},
            [&session](std::uint32_t, const std::string& line) { session.note("guest: " + line); });
    }
    return std::unique_ptr<guests::QemuRunner>{};
}

int milliseconds_of(std::optional<std::chrono::nanoseconds> patience) {
    using std::chrono::milliseconds;
    auto time = std::chrono::ceil<milliseconds>(patience.value_or(control::Attendant::interval));
    return static_cast<int>(std::min<milliseconds>(time, control::Attendant::interval).count());
}

/// Until the attendant has something to do, or the time is over.
void wait_for(const control::Attendant& attendant,
              std::optional<std::chrono::nanoseconds> patience) {
    pollfd waiting{attendant.fd(), POLLIN, 0};
    (void)poll(&waiting, 1, milliseconds_of(patience));
}

/// Until a guest has news, the attendant something to do, or the time is over.
void wait_for(const guests::QemuRunner& guests, const control::Attendant* attendant,
              std::optional<std::chrono::nanoseconds> patience) {
    std::array<pollfd, 2> waiting{pollfd{guests.fd(), POLLIN, 0}, pollfd{-1, POLLIN, 0}};
    if (attendant != nullptr) waiting[1].fd = attendant->fd();
    (void)poll(waiting.data(), waiting.size(), milliseconds_of(patience));
}

}  // namespace

std::shared_ptr<sim::CorePool> prepare_cores() { return sim::prepare_cores(); }

Outcome<void> run_in_simulator(Bytes image, const std::string& where,
                               const SimulatorOptions& options, Session& session,
                               control::Attendant* attendant) {
    sim::MachineOptions machine_settings = machine_options(options);
    machine_settings.console = [&](Bytes bytes) { session.receive(bytes); };
    sim::Machine* running = nullptr;
    const auto guests = KOS_TRY(guest_runner(image, where, options, session));
    machine_settings.guests = guests.get();
    if (guests) {
        machine_settings.attend = [&](std::optional<std::chrono::nanoseconds> patience) {
            wait_for(*guests, attendant, patience);
            return false;
        };
    }
    if (attendant != nullptr) {
        machine_settings.is_waited_for = [&] { return attendant->is_waited_for(); };
        // Waits for guests alone: a system that is idle has nothing else to wait for but its end.
        machine_settings.attend = [&](std::optional<std::chrono::nanoseconds> patience) {
            if (guests) {
                wait_for(*guests, attendant, patience);
            } else if (attendant->waits_when_idle()) {
                wait_for(*attendant, patience);
            }
            const auto bytes = attendant->attend();
            if (bytes) {
                running->send(as_bytes(*bytes));
            } else {
                running->stop();
            }
            return !bytes || !bytes->empty() || attendant->waits_when_idle();
        };
    }
    const auto machine = KOS_TRY(sim::Machine::create(machine_settings, image, where));
    running = machine.get();
    if (attendant != nullptr) attendant->set_guests(guests.get());
    const sim::RunSummary summary = machine->run();
    if (attendant != nullptr) attendant->set_guests(nullptr);
    session.close();
    if (session.finished()) return {};
    if (const auto& failure = session.failure()) return fail(failure->code, where, failure->detail);
    return fail(ErrorCode::Target, where, std::string{sim::describe(summary.reason)});
}

}  // namespace kos::run
