// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/inode.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace kos::squashfs {
namespace {

using oci::NodeType;

/// Linux's new_encode_dev: 12 bits of major within 20 of minor.
Outcome<std::uint32_t> device_number(const oci::Node& node) {
    const std::uint32_t major = node.device_major, minor = node.device_minor;
    if (major >= 1u << 12 || minor >= 1u << 20) {
        return fail(ErrorCode::Squashfs,
                    "device " + std::to_string(major) + ":" + std::to_string(minor),
                    "its numbers are too large");
    }
    return (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}

/// With \p payload bytes behind it. calloc, as libsquashfs frees it with free.
sqfs_inode_generic_t* allocate(std::size_t payload) {
    void* memory = std::calloc(1, sizeof(sqfs_inode_generic_t) + payload);
    return static_cast<sqfs_inode_generic_t*>(memory);
}

std::uint16_t type_bits(NodeType type) {
    switch (type) {
        case NodeType::File:
            return SQFS_INODE_MODE_REG;
        case NodeType::Directory:
            return SQFS_INODE_MODE_DIR;
        case NodeType::Symlink:
            return SQFS_INODE_MODE_LNK;
        case NodeType::CharDevice:
            return SQFS_INODE_MODE_CHR;
        case NodeType::BlockDevice:
            return SQFS_INODE_MODE_BLK;
        case NodeType::Fifo:
            return SQFS_INODE_MODE_FIFO;
    }
    return 0;
}

}  // namespace

Outcome<InodePointer> make_special_inode(const oci::Node& node) {
    const std::size_t payload = node.type == NodeType::Symlink ? node.content.size() : 0;
    InodePointer inode{allocate(payload)};
    if (!inode) return fail(ErrorCode::Squashfs, "inode", "out of memory");
    if (node.type == NodeType::Symlink) {
        inode->base.type = SQFS_INODE_SLINK;
        inode->data.slink = {.nlink = 1, .target_size = static_cast<sqfs_u32>(payload)};
        inode->payload_bytes_available = static_cast<sqfs_u32>(payload);
        inode->payload_bytes_used = static_cast<sqfs_u32>(payload);
        if (payload != 0) std::memcpy(inode->extra, node.content.data(), payload);
    } else if (node.type == NodeType::Fifo) {
        inode->base.type = SQFS_INODE_FIFO;
        inode->data.ipc.nlink = 1;
    } else {
        inode->base.type = node.type == NodeType::CharDevice ? SQFS_INODE_CDEV : SQFS_INODE_BDEV;
        inode->data.dev = {.nlink = 1, .devno = KOS_TRY(device_number(node))};
    }
    return inode;
}

std::uint16_t mode_of(const oci::Node& node) {
    return static_cast<std::uint16_t>(type_bits(node.type) | (node.mode & 07777));
}

std::uint32_t clamped_time(std::int64_t seconds) {
    constexpr std::int64_t latest = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, latest));
}

Outcome<void> set_links_and_xattrs(sqfs_inode_generic_t& inode, std::uint32_t links,
                                   std::uint32_t xattrs) {
    const bool is_file =
        inode.base.type == SQFS_INODE_FILE || inode.base.type == SQFS_INODE_EXT_FILE;
    if (xattrs != no_xattrs || (is_file && links > 1)) {
        KOS_TRY(check(sqfs_inode_make_extended(&inode), "inode"));
        KOS_TRY(check(sqfs_inode_set_xattr_index(&inode, xattrs), "inode"));
    }
    if (is_file) {
        if (links > 1) inode.data.file_ext.nlink = links;
        return {};
    }
    // Every other inode of the format begins with the count.
    inode.data.ipc.nlink = links;
    return {};
}

}  // namespace kos::squashfs
