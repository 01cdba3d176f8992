// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos import: an image into the local store, by a name.

#include "cli/commands.hpp"
#include "cli/system/store.hpp"

#include <memory>

namespace kos::cli {
namespace {

struct Options {
    std::string image, name;
};

Outcome<int> import_image(const Options& options) {
    const auto reference = KOS_TRY(oci::parse_reference(options.image));
    KOS_TRY(system::Store{system::store_folder()}.import(reference, options.name));
    return 0;
}

}  // namespace

void add_import_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "import", "Put an image into the local store, for kos:NAME and docker:NAME");
    auto options = std::make_shared<Options>();
    command->add_option("IMAGE", options->image, "oci:PATH[:TAG]")->required();
    command->add_option("NAME", options->name, "such as apps/client or mosquitto:2")->required();
    command->callback(
        [options, &action] { action = [options] { return import_image(*options); }; });
}

}  // namespace kos::cli
