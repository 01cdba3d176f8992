// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos inspect: what an app would be given, before anything runs.

#include "cli/commands.hpp"
#include "cli/image_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/target_input.hpp"
#include "cli/tmpfs_input.hpp"

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

bool is_reference(const std::string& image) {
    return image.starts_with("oci:") || image.starts_with("oci-archive:") ||
           is_linuxkit_file(image);
}

Outcome<int> inspect(const Options& options) {
    KOS_TRY(check_target(options.target));
    sel4::KernelAbi abi = sel4::default_abi();
    if (options.target.target == Target::Qemu) abi = KOS_TRY(installed_abi(options.target.board));
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
        "inspect", "Show an app's capability manifest and address space before it runs");
    auto options = std::make_shared<Options>();
    command->add_option("IMAGE", options->image, "oci:PATH[:TAG], or a system image file")
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
