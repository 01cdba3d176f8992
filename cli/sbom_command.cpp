// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos sbom: what a system image of an image would be made of.

#include "cli/commands.hpp"
#include "cli/image_input.hpp"
#include "cli/pack/guest_modules.hpp"
#include "cli/pack/guest_parts.hpp"
#include "cli/sbom/component.hpp"

#include <cstdio>
#include <memory>
#include <set>

namespace kos::cli {
namespace {

using sbom::Component;
using sbom::file_component;

struct Options {
    std::string image;
    std::string output;
    bool native = false;
    bool microvm = false;
};

Component own(const std::string& name, const std::string& content) {
    return file_component("application", name, KOS_VERSION, as_bytes(content));
}

/// What every guest is started from.
Outcome<void> add_guest(std::vector<Component>& parts) {
    const pack::GuestSupply supply = KOS_TRY(guest_supply());
    parts.push_back(own("kosinit", supply.programs.kosinit));
    // One file with two names.
    parts.push_back(own("kos-oci", supply.programs.kosinit));
    const std::string& folder = supply.programs.kernel_folder;
    Component kernel = sbom::kernel_component(KOS_TRY(pack::read_guest_kernel(folder)));
    const pack::GuestModules modules = KOS_TRY(pack::find_guest_modules(folder));
    for (const pack::GuestModule& module : modules.modules) {
        kernel.parts.push_back(
            file_component("file", module.path, modules.release, as_bytes(module.content)));
    }
    parts.push_back(std::move(kernel));
    return {};
}

Outcome<int> write_sbom(const Options& options) {
    pack::PackOptions kind;
    if (options.native) kind.kind = manifest::AppKind::Native;
    if (options.microvm) kind.kind = manifest::AppKind::MicroVm;
    const std::vector<oci::Image> images = KOS_TRY(load_images(options.image, kind));
    const bool is_microvm =
        is_linuxkit_file(options.image) ||
        KOS_TRY(pack::kind_of(images.front(), kind)) == manifest::AppKind::MicroVm;
    const auto programs = KOS_TRY(pack::load_target_programs(target_folder()));
    std::vector<Component> parts{own("rootserver.elf", programs.root_server)};
    if (is_microvm) {
        parts.push_back(own("vmm.elf", programs.vmm));
        KOS_TRY(add_guest(parts));
    } else {
        parts.push_back(own("libos.elf", programs.libos));
    }
    std::set<oci::Digest> seen;  // containers of one guest may share an image
    for (const oci::Image& image : images) {
        if (seen.insert(image.digest).second) parts.push_back(sbom::image_component(image));
    }
    // A folder of a machine is no part of the name.
    const std::string name = options.image.substr(options.image.find_last_of('/') + 1);
    const std::string text =
        sbom::document_of(name, parts, KOS_VERSION)
            .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
        "\n";
    if (!options.output.empty()) {
        KOS_TRY(write_file(options.output, as_bytes(text)));
    } else {
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
    return 0;
}

}  // namespace

void add_sbom_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "sbom", "List what a system image of an image is made of (CycloneDX 1.5)");
    auto options = std::make_shared<Options>();
    command->add_option("IMAGE", options->image, "oci:PATH[:TAG], or a LinuxKit file")->required();
    command->add_option("-o,--output", options->output, "file; otherwise standard output");
    CLI::Option* native = command->add_flag("--native", options->native, "as a native app");
    command->add_flag("--microvm", options->microvm, "as a microVM")->excludes(native);
    command->callback([options, &action] { action = [options] { return write_sbom(*options); }; });
}

}  // namespace kos::cli
