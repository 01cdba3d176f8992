// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos sbom: what a system image of an image or of a compose project would be made of, or what a
// packed one is.

#include "cli/commands.hpp"
#include "cli/file/file.hpp"
#include "cli/image_input.hpp"
#include "cli/pack/guest_modules.hpp"
#include "cli/pack/guest_parts.hpp"
#include "cli/project_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/sbom/packed.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

namespace kos::cli {
namespace {

using manifest::AppKind;
using sbom::Component;

struct Options {
    std::string image;
    compose::ProjectOptions project;
    std::string output;
    bool native = false;
    bool microvm = false;
};

/// The document, and what it is of.
struct Bill {
    std::string name;
    std::vector<Component> parts;
};

Outcome<sbom::Own> own_programs() {
    sbom::Own own;
    own.programs = KOS_TRY(pack::load_target_programs(target_folder()));
    own.version = KOS_VERSION;
    return own;
}

/// What every guest is started from.
Outcome<void> add_guest(const sbom::Own& own, std::vector<Component>& parts) {
    const pack::GuestSupply supply = KOS_TRY(guest_supply());
    // One file with two names.
    for (const char* name : {"kosinit", "kos-oci"}) {
        parts.push_back(sbom::own_component(name, supply.programs.kosinit, own));
    }
    const std::string& folder = supply.programs.kernel_folder;
    Component kernel = sbom::kernel_component(KOS_TRY(pack::read_guest_kernel(folder)));
    const pack::GuestModules modules = KOS_TRY(pack::find_guest_modules(folder));
    for (const pack::GuestModule& module : modules.modules) {
        kernel.parts.push_back(
            sbom::file_component("file", module.path, modules.release, as_bytes(module.content)));
    }
    parts.push_back(std::move(kernel));
    return {};
}

/// kos's own parts of a system whose apps are of these kinds.
Outcome<std::vector<Component>> own_parts(const std::set<AppKind>& kinds) {
    const sbom::Own own = KOS_TRY(own_programs());
    std::vector<Component> parts = sbom::program_components(kinds, own);
    if (kinds.contains(AppKind::MicroVm)) KOS_TRY(add_guest(own, parts));
    return parts;
}

/// Of an image, or of a LinuxKit file.
Outcome<Bill> bill_of_image(const std::string& image, const pack::PackOptions& options) {
    const std::vector<oci::Image> images = KOS_TRY(load_images(image, options));
    const AppKind kind =
        is_linuxkit_file(image)
            ? AppKind::MicroVm
            : KOS_TRY(pack::kind_of(images.front(), with_kind_of_name(options, image)));
    std::vector<Component> parts = KOS_TRY(own_parts({kind}));
    std::set<oci::Digest> seen;  // containers of one guest may share an image
    for (const oci::Image& each : images) {
        if (seen.insert(each.digest).second) parts.push_back(sbom::image_component(each));
    }
    // A folder of a machine is no part of the name.
    return Bill{image.substr(image.find_last_of('/') + 1), std::move(parts)};
}

/// Images are there once, with the services that run them.
Outcome<Bill> bill_of_project(const compose::ProjectOptions& options) {
    const compose::Project project = KOS_TRY(read_project(options));
    auto services = KOS_TRY(plan_project(project));
    const pack::SystemSource source = KOS_TRY(load_project(project, services));
    std::vector<Component> parts = KOS_TRY(own_parts(KOS_TRY(pack::kinds_of(source))));
    std::map<oci::Digest, Component> images;
    for (const pack::AppSource& app : source.apps) {
        Component& image =
            images.try_emplace(app.image.digest, sbom::image_component(app.image)).first->second;
        image.properties.emplace_back("kos:service", app.options.name.value_or(""));
    }
    for (auto& [digest, image] : images) parts.push_back(std::move(image));
    return Bill{project.name, std::move(parts)};
}

Outcome<Bill> bill_of_packed(const std::string& path) {
    const auto image = KOS_TRY(read_file(path));
    const auto view = KOS_TRY(report::open_system_image(image, path));
    sbom::Own own = KOS_TRY(own_programs());
    if (auto kosinit = file::read(kosinit_path())) own.kosinit = std::move(kosinit).value();
    return Bill{path.substr(path.find_last_of('/') + 1),
                KOS_TRY(sbom::packed_components(view, image, own))};
}

Outcome<Bill> bill_of(const Options& options) {
    const bool has_kind = options.native || options.microvm;
    if (!options.image.empty() && is_reference(options.image)) {
        pack::PackOptions kind;
        if (options.native) kind.kind = AppKind::Native;
        if (options.microvm) kind.kind = AppKind::MicroVm;
        return bill_of_image(options.image, kind);
    }
    if (has_kind) {
        return fail(ErrorCode::Usage, options.native ? "--native" : "--microvm",
                    "it is for an image, oci:PATH[:TAG]");
    }
    return options.image.empty() ? bill_of_project(options.project) : bill_of_packed(options.image);
}

Outcome<int> write_sbom(const Options& options) {
    const Bill bill = KOS_TRY(bill_of(options));
    const std::string text =
        sbom::document_of(bill.name, bill.parts, KOS_VERSION)
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
    CLI::App* command =
        app.add_subcommand("sbom", "List what a system image is made of (CycloneDX 1.5)");
    auto options = std::make_shared<Options>();
    CLI::Option* image =
        command->add_option("IMAGE", options->image,
                            "oci:PATH[:TAG], kos:NAME, docker:NAME, a LinuxKit file, FILE.yml, or "
                            "a system image file; none: the project");
    add_project_options(*command, options->project);
    for (const char* name : {"--file", "--project-name", "--env-file", "--profile"}) {
        command->get_option(name)->excludes(image);
    }
    command->add_option("-o,--output", options->output, "file; otherwise standard output");
    CLI::Option* native = command->add_flag("--native", options->native, "as a native app");
    command->add_flag("--microvm", options->microvm, "as a microVM")->excludes(native);
    command->callback([options, &action] { action = [options] { return write_sbom(*options); }; });
}

}  // namespace kos::cli
