// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/reader.hpp"

#include "cli/squashfs/handle.hpp"
#include "cli/squashfs/memory_file.hpp"

#include <algorithm>
#include <sqfs/compressor.h>
#include <sqfs/data_reader.h>
#include <sqfs/dir.h>
#include <sqfs/dir_reader.h>
#include <sqfs/error.h>
#include <sqfs/inode.h>
#include <sqfs/super.h>
#include <utility>

namespace kos::squashfs {

namespace {

using InodeAllocation = Allocation<sqfs_inode_generic_t>;

/// Whoever reads an image did not make it: it is damaged.
Err<Error> damaged(int result, const std::string& where) {
    return fail(ErrorCode::ImageCorrupt, where, failure(result, where).value.detail);
}

Outcome<void> check_read(int result, const std::string& where) {
    if (result < 0) return damaged(result, where);
    return {};
}

bool is_file(const sqfs_inode_generic_t& inode) {
    return inode.base.type == SQFS_INODE_FILE || inode.base.type == SQFS_INODE_EXT_FILE;
}

bool is_directory(const sqfs_inode_generic_t& inode) {
    return inode.base.type == SQFS_INODE_DIR || inode.base.type == SQFS_INODE_EXT_DIR;
}

}  // namespace

struct Reader::Parts {
    explicit Parts(Bytes image) : file({image.begin(), image.end()}) {}

    Outcome<void> open();
    /// Null where nothing has that path.
    Outcome<InodeAllocation> find(const std::string& path);

    MemoryFile file;
    sqfs_u64 left = most_content;
    sqfs_super_t super{};
    Handle<sqfs_compressor_t> compressor;
    Handle<sqfs_dir_reader_t> directories;
    Handle<sqfs_data_reader_t> data;
};

Outcome<void> Reader::Parts::open() {
    KOS_TRY(check_read(sqfs_super_read(&super, file.handle()), "super block"));
    // libsquashfs allocates as many entries before it reads one. It uses none of the other counts.
    if (super.fragment_entry_count > file.size()) {
        return fail(ErrorCode::ImageCorrupt, "super block",
                    "there are more fragments than the image has bytes");
    }
    sqfs_compressor_config_t config;
    KOS_TRY(check_read(
        sqfs_compressor_config_init(&config, static_cast<SQFS_COMPRESSOR>(super.compression_id),
                                    super.block_size, SQFS_COMP_FLAG_UNCOMPRESS),
        "compression"));
    sqfs_compressor_t* made = nullptr;
    KOS_TRY(check_read(sqfs_compressor_create(&config, &made), "compression"));
    compressor.reset(made);
    directories = KOS_TRY(
        created(sqfs_dir_reader_create(&super, compressor.get(), file.handle(), 0), "directories"));
    data = KOS_TRY(created(
        sqfs_data_reader_create(file.handle(), super.block_size, compressor.get(), 0), "contents"));
    return check_read(sqfs_data_reader_load_fragment_table(data.get(), &super), "fragments");
}

Outcome<InodeAllocation> Reader::Parts::find(const std::string& path) {
    sqfs_inode_generic_t* inode = nullptr;
    const int result =
        sqfs_dir_reader_find_by_path(directories.get(), nullptr, path.c_str(), &inode);
    if (result == SQFS_ERROR_NO_ENTRY || result == SQFS_ERROR_NOT_DIR) return InodeAllocation{};
    KOS_TRY(check_read(result, path));
    return InodeAllocation{inode};
}

Reader::Reader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader::~Reader() = default;

Outcome<Reader> Reader::create(Bytes image) {
    auto parts = std::make_unique<Parts>(image);
    KOS_TRY(parts->open());
    return Reader{std::move(parts)};
}

Outcome<std::optional<std::string>> Reader::content(const std::string& path) {
    const InodeAllocation inode = KOS_TRY(parts_->find(path));
    if (inode == nullptr || !is_file(*inode)) return std::optional<std::string>{};
    sqfs_u64 size = 0;
    KOS_TRY(check_read(sqfs_inode_get_file_size(inode.get(), &size), path));
    if (size > largest_file) {
        return fail(ErrorCode::ImageCorrupt, path, "the file is larger than 64 MiB");
    }
    if (size > parts_->left) {
        return fail(ErrorCode::ImageCorrupt, path, "the image's files are larger than 256 MiB");
    }
    parts_->left -= size;
    std::string content(size, '\0');
    const auto wanted = static_cast<sqfs_u32>(size);
    const sqfs_s32 read =
        sqfs_data_reader_read(parts_->data.get(), inode.get(), 0, content.data(), wanted);
    KOS_TRY(check_read(read, path));
    if (static_cast<sqfs_u32>(read) != wanted) return damaged(SQFS_ERROR_CORRUPTED, path);
    return std::optional{std::move(content)};
}

Outcome<std::vector<std::string>> Reader::names(const std::string& path) {
    std::vector<std::string> names;
    const InodeAllocation inode = KOS_TRY(parts_->find(path));
    if (inode == nullptr || !is_directory(*inode)) return names;
    sqfs_dir_reader_t* const reader = parts_->directories.get();
    KOS_TRY(check_read(sqfs_dir_reader_open_dir(reader, inode.get(), 0), path));
    for (;;) {
        sqfs_dir_entry_t* read = nullptr;
        const int result = sqfs_dir_reader_read(reader, &read);
        KOS_TRY(check_read(result, path));
        const Allocation<sqfs_dir_entry_t> entry{read};
        if (result > 0) break;
        if (names.size() == most_names) {
            return fail(ErrorCode::ImageCorrupt, path, "the directory has more than 16,384 names");
        }
        names.emplace_back(reinterpret_cast<const char*>(entry->name), entry->size + 1u);
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace kos::squashfs
