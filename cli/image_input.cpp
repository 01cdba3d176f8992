// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/image_input.hpp"

#include "cli/file/file.hpp"
#include "cli/linuxkit/layout.hpp"
#include "cli/system/store.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kos::cli {

std::string target_folder() {
    const char* folder = std::getenv("KOS_TARGET_DIR");
    return folder != nullptr ? folder : KOS_TARGET_DIR;
}

namespace {

constexpr const char* seccomp_profile = "/usr/share/containers/seccomp.json";

std::string environment_or(const char* name, const char* otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

/// Debian's kernel, fetched once: the script prints its folder.
Outcome<std::string> kernel_folder() {
    if (const char* folder = std::getenv("KOS_GUEST_KERNEL")) return std::string{folder};
    const std::string script = KOS_SOURCE_DIR "/scripts/guest-kernel";
    std::FILE* pipe = ::popen(script.c_str(), "r");
    if (pipe == nullptr) return fail(ErrorCode::File, script);
    std::string output;
    std::array<char, 512> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
    if (::pclose(pipe) != 0 || output.empty()) {
        return fail(ErrorCode::File, script,
                    "it found no kernel for guests; KOS_GUEST_KERNEL can name a folder with "
                    "boot/vmlinuz-… and lib/modules/…");
    }
    output.erase(output.find_last_not_of('\n') + 1);
    return output.substr(output.rfind('\n') + 1);
}

}  // namespace

std::string kosinit_path() { return environment_or("KOS_KOSINIT", KOS_KOSINIT); }

Outcome<pack::GuestSupply> guest_supply() {
    pack::GuestSupply supply;
    supply.programs.kosinit = KOS_TRY(file::read(kosinit_path()));
    supply.programs.kernel_folder = KOS_TRY(kernel_folder());
    if (auto profile = file::read(environment_or("KOS_SECCOMP_PROFILE", seccomp_profile))) {
        supply.seccomp_profile = std::move(profile).value();
    } else {
        supply.notes.push_back(std::string{"there is no seccomp profile "} + seccomp_profile +
                               " (Debian's package is golang-github-containers-common): the "
                               "container runs without a filter");
    }
    return supply;
}

void tell(const std::vector<std::string>& notes) {
    for (const std::string& note : notes) std::fprintf(stderr, "kos: note: %s\n", note.c_str());
}

namespace {

Outcome<oci::Image> load_stored(std::string_view name) {
    const system::Store store{system::store_folder()};
    return oci::load_image(KOS_TRY(store.find(system::stored_name(name).name)));
}

/// kos:NAME or docker:NAME.
bool has_scheme_of_store(std::string_view reference) {
    return system::stored_name(reference).kind.has_value();
}

bool names_layout(std::string_view reference) {
    return reference.starts_with("oci:") || reference.starts_with("oci-archive:");
}

Outcome<oci::Image> load_one(const std::string& reference) {
    if (has_scheme_of_store(reference)) return load_stored(reference);
    return oci::load_image(KOS_TRY(oci::parse_reference(reference)));
}

/// What a LinuxKit file at \p folder calls an image.
Outcome<oci::Image> load_named(const std::filesystem::path& folder, const std::string& name) {
    if (names_layout(name)) {
        oci::ImageReference reference = KOS_TRY(oci::parse_reference(name));
        reference.path = (folder / reference.path).string();
        return oci::load_image(reference);
    }
    return load_stored(name);
}

/// A file says for each container what options say for an image.
Outcome<void> check_linuxkit_options(const std::string& file, const pack::PackOptions& options) {
    const pack::ProcessOverrides& process = options.process;
    const bool is_given =
        !process.arguments.empty() || process.entrypoint || !process.environment.empty() ||
        process.working_directory || process.user || process.read_only_root || options.uplink ||
        !options.container.tmpfs.empty() || options.kind == manifest::AppKind::Native;
    if (!is_given) return {};
    return fail(
        ErrorCode::Usage, file,
        "arguments, --native, --net and options of an image are for the file to say, for each "
        "container");
}

Outcome<std::vector<std::byte>> pack_linuxkit(const std::string& file,
                                              const pack::PackOptions& options) {
    KOS_TRY(check_linuxkit_options(file, options));
    const std::filesystem::path folder = std::filesystem::path{file}.parent_path();
    auto loaded = KOS_TRY(linuxkit::load_layout(
        file, [&](const std::string& name) { return load_named(folder, name); }));
    tell(loaded.notes);
    const auto programs = KOS_TRY(pack::load_target_programs(target_folder()));
    pack::Packed packed = KOS_TRY(
        pack::pack_layout(std::move(loaded.layout), options.restart, programs, guest_supply));
    tell(packed.notes);
    return std::move(packed.image);
}

}  // namespace

pack::PackOptions with_kind_of_name(pack::PackOptions options, const std::string& reference) {
    if (!options.kind) options.kind = system::stored_name(reference).kind;
    return options;
}

bool is_linuxkit_file(const std::string& reference) {
    if (names_layout(reference) || has_scheme_of_store(reference)) return false;
    return reference.ends_with(".yml") || reference.ends_with(".yaml");
}

bool is_reference(const std::string& image) {
    return names_layout(image) || has_scheme_of_store(image) || is_linuxkit_file(image);
}

Outcome<std::vector<std::byte>> pack_apps(pack::SystemSource system) {
    const auto programs = KOS_TRY(pack::load_target_programs(target_folder()));
    pack::Packed packed = KOS_TRY(pack::pack_system(std::move(system), programs, guest_supply));
    tell(packed.notes);
    return std::move(packed.image);
}

Outcome<std::vector<oci::Image>> load_images(const std::string& reference,
                                             const pack::PackOptions& options) {
    std::vector<oci::Image> images;
    if (!is_linuxkit_file(reference)) {
        images.push_back(KOS_TRY(load_one(reference)));
        return images;
    }
    KOS_TRY(check_linuxkit_options(reference, options));
    const std::filesystem::path folder = std::filesystem::path{reference}.parent_path();
    (void)KOS_TRY(
        linuxkit::load_layout(reference, [&](const std::string& name) -> Outcome<oci::Image> {
            images.push_back(KOS_TRY(load_named(folder, name)));
            return images.back();
        }));
    return images;
}

Outcome<std::vector<std::byte>> pack_reference(const std::string& reference,
                                               const pack::PackOptions& options) {
    if (is_linuxkit_file(reference)) return pack_linuxkit(reference, options);
    pack::SystemSource system;
    system.apps.push_back({KOS_TRY(load_one(reference)), with_kind_of_name(options, reference)});
    return pack_apps(std::move(system));
}

Outcome<std::vector<std::byte>> read_file(const std::string& path) {
    const std::string content = KOS_TRY(file::read(path));
    const Bytes bytes = as_bytes(content);
    return std::vector<std::byte>{bytes.begin(), bytes.end()};
}

Outcome<void> write_file(const std::string& path, Bytes content) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    const std::string_view text = as_text(content);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) return fail(ErrorCode::File, path);
    return {};
}

}  // namespace kos::cli
