// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/target_input.hpp"

#include "cli/choice.hpp"
#include "cli/image_input.hpp"
#include "cli/kernel/install.hpp"

#include <string>
#include <vector>

namespace kos::cli {
namespace {

/// Guests come on top of what the simulated machine has for native apps.
std::uint64_t guest_memory_of(const manifest::ImageView& view) {
    std::uint64_t bytes = 0;
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        const manifest::App app = view.app(number);
        if (app.vm != 0) bytes += view.vm(app).memory;
    }
    return bytes;
}

/// An option that was given and means nothing on the target; empty where there is none.
std::string foreign_option(const CLI::App& command, Target target) {
    const std::vector<std::string> of_simulator{"--memory", "--as-installed", "--net"};
    const std::vector<std::string> of_qemu{"--board", "--placement"};
    for (const std::string& name : target == Target::Qemu ? of_simulator : of_qemu) {
        const CLI::Option* option = command.get_option_no_throw(name);
        if (option != nullptr && option->count() != 0) return name;
    }
    return {};
}

}  // namespace

void add_target_option(CLI::App& command, TargetOptions& options) {
    add_choice<Target>(
        command, "--target", {{"sim", Target::Simulator}, {"qemu", Target::Qemu}}, options.target,
        "sim: the host simulator (default); qemu: seL4 under QEMU, with the kernel that "
        "SEL4_PREFIX or MICROKIT_SDK names");
    command.add_option("--board", options.board, "that QEMU emulates: a folder of boards/");
    command.parse_complete_callback(
        [&command, &options] { options.foreign = foreign_option(command, options.target); });
}

void add_target_options(CLI::App& command, TargetOptions& options) {
    add_target_option(command, options);
    using boot_image::Placement;
    add_choice<Placement>(
        command, "--placement",
        {{"outside", Placement::Outside}, {"root-image", Placement::RootImage}}, options.placement,
        "of the system image: outside the RAM that the kernel manages, or in the root server's "
        "image (default: outside where the board has such RAM)");
    command.add_option("--memory", options.memory, "of the simulated machine, such as 64M")
        ->transform(CLI::AsSizeValue(false))
        ->option_text("SIZE");
    add_choice<bool>(command, "--net", {{"none", false}, {"passt", true}}, options.simulator.uplink,
                     "of microVMs: passt, a way out to the host's network; none (default)");
    command.add_flag("--as-installed", options.as_installed,
                     "the simulated kernel has the labels and sizes of objects of the kernel that "
                     "SEL4_PREFIX or MICROKIT_SDK names");
    run::SimulatorOptions& simulator = options.simulator;
    command.add_option("--seed", simulator.seed, "a number: the same gives the same run");
    command.add_option_function<std::uint64_t>(
        "--timeout",
        [&simulator](std::uint64_t seconds) { simulator.timeout = std::chrono::seconds{seconds}; },
        "stop after so many seconds");
}

Outcome<void> check_target(const TargetOptions& options) {
    if (!options.foreign.empty()) {
        return fail(ErrorCode::Usage, options.foreign, "it is not an option of this --target");
    }
    if (options.target == Target::Qemu) KOS_TRY(run::find_board(options.board));
    return {};
}

Outcome<sel4::KernelAbi> installed_abi(const std::string& board) {
    return KOS_TRY(kernel::find_install(board, kernel::process_environment())).abi;
}

Outcome<sel4::KernelAbi> abi_of(const TargetOptions& options) {
    if (options.target == Target::Qemu) return installed_abi(options.board);
    return options.simulator.kernel_abi;
}

Outcome<void> prepare_target(TargetOptions& options) {
    KOS_TRY(check_target(options));
    if (options.target == Target::Simulator) options.simulator.cores = run::prepare_cores();
    return {};
}

Outcome<void> fit_machine(const manifest::ImageView& image, TargetOptions& options) {
    run::SimulatorOptions& simulator = options.simulator;
    simulator.memory = options.memory.value_or(simulator.memory + guest_memory_of(image));
    if (options.as_installed) {
        simulator.kernel_abi = KOS_TRY(installed_abi(options.board));
        simulator.kernel_abi.flags = sel4::default_abi().flags;  // the machine's own
    }
    return {};
}

Outcome<void> run_on_target(Bytes image, const std::string& where, const TargetOptions& options,
                            run::Session& session, control::Attendant& attendant) {
    const run::SimulatorOptions& common = options.simulator;
    if (options.target == Target::Qemu) {
        return run::run_in_qemu(image,
                                {options.board, target_folder(), common.timeout, options.placement,
                                 common.trace, common.seed, common.volumes},
                                session, &attendant);
    }
    return run::run_in_simulator(image, where, common, session, &attendant);
}

}  // namespace kos::cli
