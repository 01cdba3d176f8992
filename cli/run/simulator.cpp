// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/simulator.hpp"

#include "cli/run/repeatable.hpp"
#include "hostsim/machine/machine.hpp"
#include "lib/base/address.hpp"

#include <algorithm>
#include <array>
#include <ctime>
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
    machine.memory_size = align_down<std::uint64_t>(options.memory, large_page_size);
    machine.seed = options.seed ? seed_of(*options.seed) : random_seed();
    machine.boot_time =
        options.seed ? repeatable_boot_time : static_cast<std::uint64_t>(std::time(nullptr));
    machine.trace_root_server = options.trace;
    machine.cores = options.cores;
    if (options.timeout) machine.host_time_limit = *options.timeout;
    return machine;
}

}  // namespace

std::shared_ptr<sim::CorePool> prepare_cores() { return sim::prepare_cores(); }

Outcome<void> run_in_simulator(Bytes image, const std::string& where,
                               const SimulatorOptions& options, Session& session,
                               control::Attendant* attendant) {
    sim::MachineOptions machine_settings = machine_options(options);
    machine_settings.console = [&](Bytes bytes) { session.receive(bytes); };
    sim::Machine* running = nullptr;
    if (attendant != nullptr) {
        // Waits for nothing: a system that is idle has nothing to wait for but the end of the run.
        machine_settings.attend = [&](std::optional<std::chrono::nanoseconds> /*patience*/) {
            const auto bytes = attendant->attend();
            if (bytes) {
                running->send(as_bytes(*bytes));
            } else {
                running->stop();
            }
            return !bytes || !bytes->empty();
        };
    }
    const auto machine = KOS_TRY(sim::Machine::create(machine_settings, image, where));
    running = machine.get();
    const sim::RunSummary summary = machine->run();
    session.close();
    if (session.finished()) return {};
    return fail(ErrorCode::Target, where, std::string{sim::describe(summary.reason)});
}

}  // namespace kos::run
