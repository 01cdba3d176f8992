// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/initrd.hpp"

#include "loader/cpio/writer.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace kos::pack {
namespace {

std::uint32_t type_bits(oci::NodeType type) {
    switch (type) {
        case oci::NodeType::File:
            return cpio::type_regular;
        case oci::NodeType::Directory:
            return cpio::type_directory;
        case oci::NodeType::Symlink:
            return cpio::type_symlink;
        case oci::NodeType::CharDevice:
            return cpio::type_character;
        case oci::NodeType::BlockDevice:
            return cpio::type_block;
        case oci::NodeType::Fifo:
            return cpio::type_fifo;
    }
    return cpio::type_regular;
}

/// The format has 32 bits without a sign.
std::uint32_t clamped_time(std::int64_t seconds) {
    constexpr std::int64_t latest = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, latest));
}

cpio::Metadata metadata_of(const oci::Node& node) {
    cpio::Metadata metadata;
    metadata.mode = type_bits(node.type) | node.mode;
    metadata.user = node.user;
    metadata.group = node.group;
    metadata.modified = clamped_time(node.modified);
    // Those of directories are of this packer's own making (memory_files.hpp): layers have none.
    metadata.special_major = node.device_major;
    metadata.special_minor = node.device_minor;
    return metadata;
}

class InitrdWriter {
   public:
    Outcome<void> add(const std::string& path, const oci::Node& node) {
        if (const auto earlier = files_.find(&node); earlier != files_.end()) {
            return check(path, writer_.add_link(path, earlier->second));
        }
        auto file = writer_.add(path, metadata_of(node), as_bytes(node.content));
        if (!file) return refused(path, file.error());
        files_.emplace(&node, *file);
        const std::string prefix = path == "." ? "" : path + "/";
        for (const auto& [name, entry] : node.children) KOS_TRY(add(prefix + name, *entry.node));
        return {};
    }

    [[nodiscard]] std::vector<std::byte> finish() && { return std::move(writer_).finish(); }

   private:
    static Err<Error> refused(const std::string& path, cpio::WriteError error) {
        return fail(ErrorCode::LayerCorrupt, path, std::string{cpio::describe(error)});
    }
    static Outcome<void> check(const std::string& path,
                               const Result<void, cpio::WriteError>& result) {
        if (!result) return refused(path, result.error());
        return {};
    }

    cpio::Writer writer_;
    std::map<const oci::Node*, cpio::Writer::FileId> files_;
};

}  // namespace

Outcome<std::vector<std::byte>> make_initrd(const oci::RootFs& rootfs) {
    InitrdWriter writer;
    KOS_TRY(writer.add(".", rootfs.root()));
    return std::move(writer).finish();
}

}  // namespace kos::pack
