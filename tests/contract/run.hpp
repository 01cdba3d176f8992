// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Plays traces on the simulated machine, and on a real seL4 under QEMU: the same program, bytes and
// system image.
#pragma once

#include "cli/kernel/install.hpp"
#include "lib/base/error.hpp"
#include "tests/contract/parameters.hpp"
#include "tests/contract/transcript.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

namespace kos::contract {

/// A system image with the contract program of \p program_folder, which is given \p parameters, as
/// its root server.
[[nodiscard]] Outcome<std::vector<std::byte>> make_image(
    const std::filesystem::path& program_folder, const Parameters& parameters);

struct SimulatorSettings {
    unsigned root_cnode_bits = 12;
    sel4::KernelAbi kernel_abi = sel4::default_abi();
    /// Older ones answer differently here and there (sim::Behaviour).
    std::string_view version = "16.0";
    std::chrono::seconds limit{240};
};

/// As \p kernel is set up: the same numbers, so that messages with labels in them are the same.
[[nodiscard]] SimulatorSettings settings_like(const kernel::Install& kernel);
/// Whether \p kernel masks asynchronous aborts (Parameters::ignores_serror).
[[nodiscard]] bool masks_serror(const kernel::Install& kernel);

/// KOS-E-TARGET where the program does not get to its end.
[[nodiscard]] Outcome<Transcript> run_in_simulator(Bytes image, const SimulatorSettings& settings);

/// The same with \p kernel; the boot shim is in \p program_folder.
[[nodiscard]] Outcome<Transcript> run_on_sel4(Bytes image, const kernel::Install& kernel,
                                              const std::filesystem::path& program_folder,
                                              std::chrono::seconds limit);

}  // namespace kos::contract
