// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What commands take as a target, and a run on it.
#pragma once

#include "cli/boot/flat_image.hpp"
#include "cli/control/attendant.hpp"
#include "cli/run/qemu_target.hpp"
#include "cli/run/session.hpp"
#include "cli/run/simulator.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/view.hpp"
#include "lib/sel4/abi.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace kos::cli {

enum class Target : std::uint8_t { Simulator, Qemu };

struct TargetOptions {
    Target target = Target::Simulator;
    std::string board = run::QemuOptions{}.board;
    std::optional<boot_image::Placement> placement;
    std::optional<std::uint64_t> memory;  ///< of the simulated machine, guests included
    bool as_installed = false;  ///< the simulated kernel has the installed one's labels and sizes
    std::string foreign;        ///< an option that was given and means nothing on the target
    run::SimulatorOptions simulator;  ///< timeout, trace and seed are of either target
};

/// --target and --board. \p options outlives the command.
void add_target_option(CLI::App& command, TargetOptions& options);

/// Those, and what a run takes.
void add_target_options(CLI::App& command, TargetOptions& options);

/// Refuses an option that means nothing on the target, and a board that cannot be used.
Outcome<void> check_target(const TargetOptions& options);

/// The record of the kernel that the environment names for the board.
Outcome<sel4::KernelAbi> installed_abi(const std::string& board);

/// What objects cost on the target: the kernel that QEMU boots, or the simulated one.
Outcome<sel4::KernelAbi> abi_of(const TargetOptions& options);

/// Before an image is packed: checks the target, and has the simulator make its threads, which
/// leave the signals to whoever has asked for them before.
Outcome<void> prepare_target(TargetOptions& options);

/// Makes the simulated machine as asked for, or with what the image's guests need on top.
Outcome<void> fit_machine(const manifest::ImageView& image, TargetOptions& options);

/// \p where names the image in errors.
Outcome<void> run_on_target(Bytes image, const std::string& where, const TargetOptions& options,
                            run::Session& session, control::Attendant& attendant);

}  // namespace kos::cli
