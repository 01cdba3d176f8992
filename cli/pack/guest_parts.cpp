// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/guest_parts.hpp"

#include "cli/file/file.hpp"
#include "cli/oci/rootfs.hpp"
#include "cli/pack/guest_modules.hpp"
#include "cli/pack/initrd.hpp"
#include "cli/squashfs/writer.hpp"
#include "lib/base/bytes.hpp"

#include <filesystem>

namespace kos::pack {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<oci::Node> file(std::string content, std::uint32_t mode) {
    auto node = std::make_shared<oci::Node>();
    node->type = oci::NodeType::File;
    node->mode = mode;
    node->content = std::move(content);
    return node;
}

/// Puts a file at a path whose directories are made.
void put(oci::RootFs& tree, const std::string& path, std::shared_ptr<oci::Node> node) {
    const std::string folder = path.substr(0, path.rfind('/'));
    tree.make_directories(folder);
    tree.find(folder)->children[path.substr(path.rfind('/') + 1)] = {std::move(node)};
}

void put_modules(oci::RootFs& tree, const GuestModules& modules) {
    if (modules.modules.empty()) return;
    const std::string folder = "/lib/modules/" + modules.release;
    for (const GuestModule& module : modules.modules) {
        put(tree, folder + "/" + module.path, file(module.content, 0644));
    }
    put(tree, folder + "/modules.dep", file(modules.dependencies, 0644));
}

}  // namespace

Outcome<std::vector<std::byte>> read_guest_kernel(const std::string& folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{fs::path{folder} / "boot", error}) {
        if (!entry.path().filename().string().starts_with("vmlinuz-")) continue;
        const std::string content = KOS_TRY(file::read(entry.path()));
        constexpr std::size_t at_magic = 56;
        if (content.compare(at_magic, 4, "ARM\x64") != 0) {
            return fail(ErrorCode::File, entry.path().string(), "it is no arm64 Image");
        }
        const Bytes bytes = as_bytes(content);
        return std::vector<std::byte>{bytes.begin(), bytes.end()};
    }
    return fail(ErrorCode::File, (fs::path{folder} / "boot").string(),
                "there is no kernel vmlinuz-…");
}

Outcome<GuestParts> make_guest_parts(const GuestPrograms& programs) {
    GuestParts parts;
    parts.kernel = KOS_TRY(read_guest_kernel(programs.kernel_folder));
    const GuestModules modules = KOS_TRY(find_guest_modules(programs.kernel_folder));

    oci::RootFs initrd;
    put(initrd, "/init", file(programs.kosinit, 0755));
    put_modules(initrd, modules);
    parts.initrd = KOS_TRY(make_initrd(initrd));

    // One file with two names: it looks at argv[0].
    oci::RootFs linux1;
    const auto program = file(programs.kosinit, 0755);
    put(linux1, "/bin/kosinit", program);
    put(linux1, "/bin/runc", program);
    put_modules(linux1, modules);
    parts.linux1 = KOS_TRY(squashfs::make_squashfs(linux1));
    return parts;
}

}  // namespace kos::pack
