// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos pack: an image becomes a system image file.

#include "cli/commands.hpp"
#include "cli/image_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/tmpfs_input.hpp"

#include <memory>

namespace kos::cli {
namespace {

struct Options {
    std::string image;
    std::string output;
    std::uint64_t memory = 0;
    std::vector<std::string> tmpfs{};
    bool native = false;
    bool microvm = false;
};

Outcome<int> pack_image(const Options& options) {
    pack::PackOptions kind;
    if (options.native) kind.kind = manifest::AppKind::Native;
    if (options.microvm) kind.kind = manifest::AppKind::MicroVm;
    kind.container.tmpfs = KOS_TRY(tmpfs_of(options.tmpfs));
    const auto image = KOS_TRY(pack_reference(options.image, kind));
    if (options.memory != 0) {
        const auto view = KOS_TRY(report::open_system_image(image, options.image));
        KOS_TRY(report::admit(view, sel4::default_abi(), options.memory));
    }
    KOS_TRY(write_file(options.output, image));
    return 0;
}

}  // namespace

void add_pack_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("pack", "Pack an image into a system image file");
    auto options = std::make_shared<Options>();
    command
        ->add_option("IMAGE", options->image,
                     "oci:PATH[:TAG], kos:NAME, docker:NAME, or a LinuxKit file, FILE.yml")
        ->required();
    command->add_option("-o,--output", options->output, "the system image to write")->required();
    command
        ->add_option("--memory", options->memory,
                     "refuse what cannot fit in so much memory, such as 64M")
        ->transform(CLI::AsSizeValue(false))
        ->option_text("SIZE");
    add_tmpfs_option(*command, options->tmpfs);
    CLI::Option* native = command->add_flag("--native", options->native, "as a native app");
    command->add_flag("--microvm", options->microvm, "as a microVM")->excludes(native);
    command->callback([options, &action] { action = [options] { return pack_image(*options); }; });
}

}  // namespace kos::cli
