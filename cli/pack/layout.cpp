// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/layout.hpp"

#include "cli/pack/seccomp_ahead.hpp"
#include "cli/squashfs/writer.hpp"

#include <memory>
#include <utility>

namespace kos::pack {
namespace {

oci::Entry file_of(std::string content) {
    auto node = std::make_shared<oci::Node>();
    node->type = oci::NodeType::File;
    node->mode = 0644;
    node->content = std::move(content);
    return {std::move(node)};
}

Outcome<void> add_container(GuestContainer container, oci::RootFs& disk) {
    const std::string folder = "/containers/" + container.folder;
    disk.make_directories(folder);
    auto& files = disk.find(folder)->children;
    if (auto filter = KOS_TRY(compile_seccomp_ahead(container.config))) {
        files["seccomp.bpf"] = file_of(std::move(*filter));
    }
    files["config.json"] = file_of(std::move(container.config));
    if (!container.runtime.empty()) files["runtime.json"] = file_of(std::move(container.runtime));
    if (!container.service.empty()) files["service.json"] = file_of(std::move(container.service));
    files["rootfs"] = {std::make_shared<oci::Node>(std::move(container.rootfs.root()))};
    return {};
}

}  // namespace

Outcome<std::vector<std::byte>> make_layout_disk(LayoutSource layout) {
    oci::RootFs disk = std::move(layout.files);
    disk.make_directories("/containers");
    disk.make_directories("/boot");
    for (GuestContainer& container : layout.containers) {
        KOS_TRY(add_container(std::move(container), disk));
    }
    disk.find("/containers")->children["guest.json"] = file_of(std::move(layout.guest));
    return squashfs::make_squashfs(disk);
}

}  // namespace kos::pack
