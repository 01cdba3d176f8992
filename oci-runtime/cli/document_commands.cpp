// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// spec, features, compile-seccomp.
#include "lib/linux/file.hpp"
#include "oci-runtime/cli/command.hpp"
#include "oci-runtime/cli/features.hpp"
#include "oci-runtime/cli/spec_template.hpp"
#include "oci-runtime/process/seccomp_setup.hpp"

#include <algorithm>
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

constexpr auto compile_seccomp_options = std::to_array<Option>({
    {"bundle", 'b', true, "folder with config.json (default: the working directory)"},
    {"machine", 'm', true, "x86_64, aarch64 or riscv64 (default: this one)"},
});

Result<int> compile_seccomp(const Global& global, const Arguments& arguments) {
    Machine machine = this_machine;
    if (arguments.has("machine")) {
        const std::string name = arguments.value("machine");
        const auto* row = std::ranges::find(machine_names, name, &Name<Machine>::name);
        if (row == machine_names.end()) return fail("--machine", "unknown name \"" + name + "\"");
        machine = row->value;
    }
    const std::string bundle = arguments.has("bundle") ? arguments.value("bundle") : ".";
    if (!KOS_TRY(compile_seccomp_ahead(bundle, machine))) {
        global.log.warning(bundle + "/config.json: /linux/seccomp is missing: nothing to compile");
    }
    return 0;
}

constexpr auto commands = std::to_array<Command>({
    {"spec", "[--rootless]", "write an example config.json", spec_options, Order::Mixed, 0, 0,
     spec},
    {"compile-seccomp", "[OPTION…]", "compile a bundle's filter ahead, into seccomp.bpf",
     compile_seccomp_options, Order::Mixed, 0, 0, compile_seccomp},
    {"features", "", "print what this runtime supports", no_options, Order::Mixed, 0, 0, features},
});

}  // namespace

std::span<const Command> document_commands() { return commands; }

}  // namespace kos::oci
