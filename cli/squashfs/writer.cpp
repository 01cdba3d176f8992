// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/writer.hpp"

#include "cli/squashfs/data_writer.hpp"
#include "cli/squashfs/handle.hpp"
#include "cli/squashfs/inode_table.hpp"
#include "cli/squashfs/memory_file.hpp"
#include "cli/squashfs/metadata_writer.hpp"

#include <algorithm>
#include <sqfs/compressor.h>
#include <sqfs/super.h>
#include <thread>

namespace kos::squashfs {
namespace {

/// What the image's size is rounded up to: the kernel reads whole pages.
constexpr std::size_t device_block = 4096;

Outcome<Handle<sqfs_compressor_t>> make_compressor(const Options& options) {
    sqfs_compressor_config_t config;
    KOS_TRY(
        check(sqfs_compressor_config_init(&config, SQFS_COMP_ZSTD, options.block_size, 0), "zstd"));
    config.level = options.level;
    sqfs_compressor_t* compressor = nullptr;
    KOS_TRY(check(sqfs_compressor_create(&config, &compressor), "zstd"));
    return Handle<sqfs_compressor_t>{compressor};
}

/// The time of the image is that of its newest file: nothing of the clock gets into it.
std::uint32_t newest_time(const InodeTable& table) {
    std::uint32_t newest = 0;
    for (const Inode& inode : table.inodes()) {
        newest = std::max(newest, clamped_time(inode.node->modified));
    }
    return newest;
}

}  // namespace

Outcome<std::vector<std::byte>> make_squashfs(const oci::RootFs& rootfs, const Options& options) {
    const InodeTable table{rootfs};
    const auto compressor = KOS_TRY(make_compressor(options));
    MemoryFile file;

    sqfs_super_t super;
    KOS_TRY(check(sqfs_super_init(&super, options.block_size, newest_time(table), SQFS_COMP_ZSTD),
                  "super block"));
    KOS_TRY(check(sqfs_super_write(&super, file.handle()), "super block"));
    const int option_bytes = compressor->write_options(compressor.get(), file.handle());
    KOS_TRY(check(option_bytes, "zstd"));
    if (option_bytes > 0) super.flags |= SQFS_FLAG_COMPRESSOR_OPTIONS;

    DataOptions data{.block_size = options.block_size, .threads = options.threads};
    if (data.threads == 0) data.threads = std::max(1U, std::thread::hardware_concurrency());
    FileData contents = KOS_TRY(write_data(table, data, *compressor, file));
    KOS_TRY(write_metadata(table, contents, *compressor, file, super));

    super.bytes_used = file.size();
    KOS_TRY(check(sqfs_super_write(&super, file.handle()), "super block"));
    std::vector<std::byte> image = std::move(file).take();
    image.resize((image.size() + device_block - 1) / device_block * device_block);
    return image;
}

}  // namespace kos::squashfs
