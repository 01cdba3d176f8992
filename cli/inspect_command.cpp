// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos inspect: what apps would be given, before anything runs, and what those of an instance were.

#include "cli/commands.hpp"
#include "cli/image_input.hpp"
#include "cli/instance/name.hpp"
#include "cli/instance/owner.hpp"
#include "cli/report/system_image.hpp"
#include "cli/target_input.hpp"
#include "cli/tmpfs_input.hpp"

#include <filesystem>
#include <iostream>
#include <memory>

namespace kos::cli {
namespace {

struct Options {
    std::string image;
    std::string format = "text";
    TargetOptions target;  ///< objects have the sizes of its kernel's
    std::vector<std::string> tmpfs{};
    bool native = false;
    bool microvm = false;
};

/// Files go before instances: they were here first, and may lie in any folder.
bool is_instance(const std::string& image) {
    return !is_reference(image) && !std::filesystem::exists(image) && instance::is_name(image) &&
           instance::Folder::find(image);
}

/// It has its own target and kind.
Outcome<int> inspect_instance(const Options& options) {
    const bool has_options = options.native || options.microvm || !options.tmpfs.empty() ||
                             !options.target.foreign.empty() ||
                             options.target.target != Target::Simulator;
    if (has_options) return fail(ErrorCode::Usage, "inspect", options.image + " is an instance");
    const auto folder = KOS_TRY(instance::Folder::find(options.image));
    std::cout << KOS_TRY(instance::read_inspection(folder, options.format == "json"));
    return 0;
}

Outcome<int> inspect(const Options& options) {
    if (is_instance(options.image)) return inspect_instance(options);
    KOS_TRY(check_target(options.target));
    const sel4::KernelAbi abi = KOS_TRY(abi_of(options.target));
    pack::PackOptions kind;
    if (options.native) kind.kind = manifest::AppKind::Native;
    if (options.microvm) kind.kind = manifest::AppKind::MicroVm;
    kind.container.tmpfs = KOS_TRY(tmpfs_of(options.tmpfs));
    if (!kind.container.tmpfs.empty() && !is_reference(options.image)) {
        return fail(ErrorCode::Usage, "--tmpfs", options.image + " is packed already");
    }
    const auto image = KOS_TRY(is_reference(options.image) ? pack_reference(options.image, kind)
                                                           : read_file(options.image));
    const auto view = KOS_TRY(report::open_system_image(image, options.image));
    if (options.format == "json") {
        std::cout << report::printed(report::inspect_to_json(view, abi));
    } else {
        std::cout << report::inspect_to_text(view, abi);
    }
    return 0;
}

}  // namespace

void add_inspect_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "inspect", "Show apps' capability manifests and address spaces, also before they run");
    auto options = std::make_shared<Options>();
    command
        ->add_option("IMAGE", options->image,
                     "oci:PATH[:TAG], kos:NAME, docker:NAME, a LinuxKit file, FILE.yml, a system "
                     "image file, or the NAME of an instance")
        ->required();
    command->add_option("--format", options->format, "text or json")
        ->check(CLI::IsMember({"text", "json"}));
    add_target_option(*command, options->target);
    add_tmpfs_option(*command, options->tmpfs);
    CLI::Option* native = command->add_flag("--native", options->native, "as a native app");
    command->add_flag("--microvm", options->microvm, "as a microVM")->excludes(native);
    command->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

}  // namespace kos::cli
