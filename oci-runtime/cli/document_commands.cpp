// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// spec, features.
#include "lib/linux/file.hpp"
#include "oci-runtime/cli/command.hpp"
#include "oci-runtime/cli/features.hpp"
#include "oci-runtime/cli/spec_template.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace kos::oci {

namespace {

constexpr auto spec_options = std::to_array<Option>({
    {"bundle", 'b', true, "folder to write config.json to"},
    {"rootless", '\0', false, "for a user without privileges"},
});
constexpr std::array<Option, 0> no_options{};

Result<int> spec(const Global&, const Arguments& arguments) {
    const std::string folder = arguments.has("bundle") ? arguments.value("bundle") : ".";
    const std::string path = folder + "/config.json";
    const auto file = KOS_TRY(explain(
        sys::open(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666), path, "making it"));
    KOS_TRY(explain(sys::write_all(file.get(), spec_template(arguments.has("rootless"))), path,
                    "writing"));
    return 0;
}

Result<int> features(const Global&, const Arguments&) {
    static_cast<void>(sys::write_all(1, features_document() + "\n"));
    return 0;
}

constexpr auto commands = std::to_array<Command>({
    {"spec", "[--rootless]", "write an example config.json", spec_options, Order::Mixed, 0, 0,
     spec},
    {"features", "", "print what this runtime supports", no_options, Order::Mixed, 0, 0, features},
});

}  // namespace

std::span<const Command> document_commands() { return commands; }

}  // namespace kos::oci
