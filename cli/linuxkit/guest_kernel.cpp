// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/guest_kernel.hpp"

#include "cli/compose/reader.hpp"

#include <algorithm>
#include <array>

namespace kos::linuxkit {

using compose::Value;

namespace {

/// What kosinit does, whatever the version.
constexpr auto init_images =
    std::to_array<std::string_view>({"linuxkit/init", "linuxkit/runc", "linuxkit/containerd"});

/// `linuxkit/init:TAG`, `docker.io/linuxkit/init@sha256:…`
std::string repository_of(std::string_view image) {
    if (image.starts_with("docker.io/")) image.remove_prefix(sizeof("docker.io/") - 1);
    return std::string{image.substr(0, image.find_first_of(":@"))};
}

/// What would take the guest out of kosinit's hands.
bool is_kosinits(std::string_view argument) {
    static constexpr auto names = std::to_array<std::string_view>(
        {"init", "rdinit", "root", "rootfstype", "rootflags", "initrd", "panic", "earlycon"});
    const std::string_view name = argument.substr(0, argument.find('='));
    return std::find(names.begin(), names.end(), name) != names.end();
}

Outcome<std::string> arguments_in(const Value& value, std::vector<std::string>& notes) {
    std::string kept;
    for (const std::string& word : KOS_TRY(compose::read_command(value))) {
        if (word.starts_with("console=")) {
            notes.push_back("kernel: cmdline: " + word + ": the console is kos's own");
        } else if (is_kosinits(word)) {
            return fail(ErrorCode::ComposeUnsupported, to_string(value.position),
                        "cmdline: " + word + ": it is kos's to say");
        } else {
            kept += (kept.empty() ? "" : " ") + word;
        }
    }
    return kept;
}

Outcome<void> read_kernel(const Value& kernel, KernelChoice& choice) {
    static constexpr auto keys = std::to_array<std::string_view>({"image", "cmdline"});
    static constexpr auto unsupported = std::to_array<compose::UnsupportedKey>({
        {"binary", "guests have one kernel for all; KOS_GUEST_KERNEL names its folder"},
        {"tar", "guests have one kernel for all; KOS_GUEST_KERNEL names its folder"},
        {"ucode", "it is for amd64"},
    });
    KOS_TRY(compose::check_keys(kernel, "kernel", keys, unsupported));
    if (const Value* image = kernel.find("image")) {
        const std::string name = KOS_TRY(compose::read_text(*image));
        if (repository_of(name) != "linuxkit/kernel") {
            return fail(ErrorCode::ComposeUnsupported, to_string(image->position),
                        "kernel: " + name +
                            ": guests have one kernel for all; KOS_GUEST_KERNEL names its folder");
        }
        choice.notes.push_back("kernel: " + name + ": the guest runs kos's own in its place");
    }
    if (const Value* line = kernel.find("cmdline")) {
        choice.arguments = KOS_TRY(arguments_in(*line, choice.notes));
    }
    return {};
}

Outcome<void> read_init(const Value& init, KernelChoice& choice) {
    KOS_TRY(compose::expect_list(init, "init"));
    for (const Value& image : init.items) {
        const std::string name = KOS_TRY(compose::read_text(image));
        const std::string repository = repository_of(name);
        if (std::find(init_images.begin(), init_images.end(), repository) == init_images.end()) {
            return fail(ErrorCode::ComposeUnsupported, to_string(image.position),
                        "init: " + name + ": the guest's init is kosinit; use onboot or files");
        }
        choice.notes.push_back("init: " + name + ": kosinit does what it does");
    }
    return {};
}

}  // namespace

Outcome<KernelChoice> kernel_of(const Value* kernel, const Value* init) {
    KernelChoice choice;
    if (kernel != nullptr && !kernel->is_null()) KOS_TRY(read_kernel(*kernel, choice));
    if (init != nullptr && !init->is_null()) KOS_TRY(read_init(*init, choice));
    return choice;
}

}  // namespace kos::linuxkit
