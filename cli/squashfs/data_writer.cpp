// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/data_writer.hpp"

#include <sqfs/block_processor.h>
#include <sqfs/block_writer.h>

namespace kos::squashfs {
namespace {

/// Blocks under way for each thread: enough that none waits for the one that reads.
constexpr std::uint32_t backlog_for_thread = 10;

constexpr std::size_t no_alignment = 0;

/// Takes what the processor allocated for its inodes, on errors too.
std::vector<InodePointer> owned(std::vector<sqfs_inode_generic_t*>& raw) {
    std::vector<InodePointer> inodes;
    inodes.reserve(raw.size());
    for (sqfs_inode_generic_t* inode : raw) inodes.emplace_back(inode);
    return inodes;
}

/// \p raw has a place for each inode of the table, which must not move meanwhile.
Outcome<void> feed(const InodeTable& table, sqfs_block_processor_t& processor,
                   std::vector<sqfs_inode_generic_t*>& raw) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const oci::Node& node = *table.inodes()[i].node;
        if (node.type != oci::NodeType::File) continue;
        const std::string& content = node.content;
        KOS_TRY(check(sqfs_block_processor_begin_file(&processor, &raw[i], nullptr, 0), "data"));
        if (!content.empty()) {  // libsquashfs 1.2 crashes on nothing
            KOS_TRY(check(sqfs_block_processor_append(&processor, content.data(), content.size()),
                          "data"));
        }
        KOS_TRY(check(sqfs_block_processor_end_file(&processor), "data"));
    }
    return check(sqfs_block_processor_finish(&processor), "data");
}

}  // namespace

Outcome<FileData> write_data(const InodeTable& table, const DataOptions& options,
                             sqfs_compressor_t& compressor, MemoryFile& file) {
    auto fragments = KOS_TRY(created(sqfs_frag_table_create(0), "fragment table"));
    const auto writer =
        KOS_TRY(created(sqfs_block_writer_create(file.handle(), no_alignment, 0), "block writer"));
    std::vector<sqfs_inode_generic_t*> raw(table.inodes().size());
    Outcome<void> fed;
    {
        const auto processor = KOS_TRY(
            created(sqfs_block_processor_create(options.block_size, &compressor, options.threads,
                                                std::size_t{options.threads} * backlog_for_thread,
                                                writer.get(), fragments.get()),
                    "block processor"));
        fed = feed(table, *processor, raw);
    }
    std::vector<InodePointer> inodes = owned(raw);
    KOS_TRY(std::move(fed));
    return FileData{std::move(inodes), std::move(fragments)};
}

}  // namespace kos::squashfs
