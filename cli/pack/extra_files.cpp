// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/extra_files.hpp"

#include <memory>
#include <utility>

namespace kos::pack {

Outcome<void> put(const ExtraFile& file, oci::RootFs& rootfs) {
    const std::size_t slash = file.path.rfind('/');
    const std::string folder = file.path.substr(0, slash);
    rootfs.make_directories(folder);
    const auto place = rootfs.resolve(folder.empty() ? "/" : folder);
    oci::Node* parent = place ? rootfs.find(place->path) : nullptr;
    if (parent == nullptr || parent->type != oci::NodeType::Directory) {
        return fail(ErrorCode::File, file.path, "its folder cannot be made in the image");
    }
    auto node = std::make_shared<oci::Node>();
    node->type = oci::NodeType::File;
    node->mode = file.mode;
    node->user = file.user;
    node->group = file.group;
    node->content = file.content;
    parent->children[file.path.substr(slash + 1)] = {std::move(node)};
    return {};
}

Outcome<void> add_hosts(const std::vector<ExtraHost>& hosts, const std::string& of_networks,
                        oci::RootFs& rootfs) {
    if (hosts.empty() && of_networks.empty()) return {};
    ExtraFile file{.path = "/etc/hosts", .content = of_networks, .mode = 0644};
    const std::string* own = rootfs.read("/etc/hosts");
    if (file.content.empty() && own != nullptr) file.content = *own;
    if (!file.content.empty() && !file.content.ends_with('\n')) file.content += '\n';
    for (const ExtraHost& host : hosts) file.content += host.address + " " + host.name + "\n";
    return put(file, rootfs);
}

}  // namespace kos::pack
