// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Runs a system image in the host simulator.
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/guests/volume.hpp"
#include "cli/run/session.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/sel4/abi.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kos::sim {
class CorePool;
}

namespace kos::run {

/// Starts to make the machine's cores in the background, which takes longer than packing an image.
std::shared_ptr<sim::CorePool> prepare_cores();

struct SimulatorOptions {
    std::uint64_t memory = 256u << 20;  ///< bytes; rounded down to large pages
    bool trace = false;                 ///< the session gets the root server's invocations
    std::optional<std::uint64_t> seed;  ///< for a run that can be repeated, its clock included
    std::optional<std::chrono::seconds> timeout;       ///< on the host's clock
    std::shared_ptr<sim::CorePool> cores;              ///< of prepare_cores(), or none
    std::vector<guests::Volume> volumes{};             ///< of apps by their names
    bool uplink = false;                               ///< guests have a way to the host's network
    sel4::KernelAbi kernel_abi = sel4::default_abi();  ///< the simulated kernel's labels and sizes
};

/// Runs until every app is gone. KOS-E-TARGET where the target stops earlier.
Outcome<void> run_in_simulator(Bytes image, const std::string& where,
                               const SimulatorOptions& options, Session& session,
                               control::Attendant* attendant = nullptr);

}  // namespace kos::run
