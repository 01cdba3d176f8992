// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/metadata_writer.hpp"

#include <sqfs/dir_writer.h>
#include <sqfs/id_table.h>
#include <sqfs/meta_writer.h>
#include <sqfs/xattr_writer.h>

namespace kos::squashfs {
namespace {

using oci::Node;
using oci::NodeType;

/// Linux's NAME_MAX.
constexpr std::size_t longest_name = 255;

class MetadataWriter {
   public:
    static Outcome<MetadataWriter> create(const InodeTable& table, FileData& contents,
                                          sqfs_compressor_t& compressor, MemoryFile& file) {
        MetadataWriter writer{table, contents, compressor, file};
        writer.inodes_ =
            KOS_TRY(created(sqfs_meta_writer_create(file.handle(), &compressor, 0), "inode table"));
        writer.listings_ = KOS_TRY(created(
            sqfs_meta_writer_create(file.handle(), &compressor, SQFS_META_WRITER_KEEP_IN_MEMORY),
            "directory table"));
        writer.directories_ = KOS_TRY(created(
            sqfs_dir_writer_create(writer.listings_.get(), SQFS_DIR_WRITER_CREATE_EXPORT_TABLE),
            "directories"));
        writer.ids_ = KOS_TRY(created(sqfs_id_table_create(0), "owners"));
        writer.xattrs_ = KOS_TRY(created(sqfs_xattr_writer_create(0), "extended attributes"));
        return writer;
    }

    Outcome<void> write(sqfs_super_t& super) {
        super.inode_table_start = file_.size();
        references_.reserve(table_.inodes().size());
        for (const Inode& inode : table_.inodes()) KOS_TRY(write_inode(inode));
        super.inode_count = static_cast<sqfs_u32>(references_.size());
        super.root_inode_ref = references_.back();
        KOS_TRY(check(sqfs_meta_writer_flush(inodes_.get()), "inode table"));
        KOS_TRY(check(sqfs_meta_writer_flush(listings_.get()), "directory table"));
        super.directory_table_start = file_.size();
        KOS_TRY(check(sqfs_meta_write_write_to_file(listings_.get()), "directory table"));
        return write_tables(super);
    }

   private:
    MetadataWriter(const InodeTable& table, FileData& contents, sqfs_compressor_t& compressor,
                   MemoryFile& file)
        : table_(table), contents_(contents), compressor_(compressor), file_(file) {}

    Outcome<void> write_inode(const Inode& inode) {
        const Node& node = *inode.node;
        const std::uint32_t number = static_cast<std::uint32_t>(references_.size()) + 1;
        const std::uint32_t xattrs = KOS_TRY(add_xattrs(node));
        InodePointer written = KOS_TRY(make_inode(inode, number, xattrs));
        sqfs_inode_t& base = written->base;
        base.mode = mode_of(node);
        base.mod_time = clamped_time(node.modified);
        base.inode_number = number;
        KOS_TRY(check(sqfs_id_table_id_to_index(ids_.get(), node.user, &base.uid_idx), "owners"));
        KOS_TRY(check(sqfs_id_table_id_to_index(ids_.get(), node.group, &base.gid_idx), "owners"));

        sqfs_u64 block = 0;
        sqfs_u32 offset = 0;
        sqfs_meta_writer_get_position(inodes_.get(), &block, &offset);
        references_.push_back(block << 16 | offset);
        return check(sqfs_meta_writer_write_inode(inodes_.get(), written.get()), "inode table");
    }

    Outcome<InodePointer> make_inode(const Inode& inode, std::uint32_t number,
                                     std::uint32_t xattrs) {
        const Node& node = *inode.node;
        if (node.type == NodeType::Directory) return make_directory(inode, xattrs);
        InodePointer made = node.type == NodeType::File ? std::move(contents_.inodes[number - 1])
                                                        : KOS_TRY(make_special_inode(node));
        KOS_TRY(set_links_and_xattrs(*made, inode.links, xattrs));
        return made;
    }

    Outcome<InodePointer> make_directory(const Inode& inode, std::uint32_t xattrs) {
        KOS_TRY(check(sqfs_dir_writer_begin(directories_.get(), 0), "directories"));
        for (const auto& [name, entry] : inode.node->children) {
            // libsquashfs would write an image that Linux cannot read.
            if (name.size() > longest_name) {
                return fail(ErrorCode::Squashfs, name, "the name is longer than 255 bytes");
            }
            const std::uint32_t number = table_.number_of(*entry.node);
            KOS_TRY(check(sqfs_dir_writer_add_entry(directories_.get(), name.c_str(), number,
                                                    references_[number - 1], mode_of(*entry.node)),
                          name));
        }
        KOS_TRY(check(sqfs_dir_writer_end(directories_.get()), "directories"));
        InodePointer made{
            sqfs_dir_writer_create_inode(directories_.get(), inode.links, xattrs, inode.parent)};
        if (!made) return fail(ErrorCode::Squashfs, "directories", "out of memory");
        return made;
    }

    Outcome<std::uint32_t> add_xattrs(const Node& node) {
        if (node.xattrs.empty()) return no_xattrs;
        KOS_TRY(check(sqfs_xattr_writer_begin(xattrs_.get(), 0), "extended attributes"));
        for (const auto& [key, value] : node.xattrs) {
            KOS_TRY(
                check(sqfs_xattr_writer_add(xattrs_.get(), key.c_str(), value.data(), value.size()),
                      "extended attribute " + key));
        }
        sqfs_u32 index = 0;
        KOS_TRY(check(sqfs_xattr_writer_end(xattrs_.get(), &index), "extended attributes"));
        return index;
    }

    Outcome<void> write_tables(sqfs_super_t& super) {
        sqfs_file_t* const file = file_.handle();
        KOS_TRY(check(sqfs_frag_table_write(contents_.fragments.get(), file, &super, &compressor_),
                      "fragment table"));
        KOS_TRY(check(
            sqfs_dir_writer_write_export_table(directories_.get(), file, &compressor_,
                                               super.inode_count, super.root_inode_ref, &super),
            "export table"));
        KOS_TRY(check(sqfs_id_table_write(ids_.get(), file, &super, &compressor_), "owners"));
        return check(sqfs_xattr_writer_flush(xattrs_.get(), file, &super, &compressor_),
                     "extended attributes");
    }

    const InodeTable& table_;
    FileData& contents_;
    sqfs_compressor_t& compressor_;
    MemoryFile& file_;
    Handle<sqfs_meta_writer_t> inodes_;
    Handle<sqfs_meta_writer_t> listings_;
    Handle<sqfs_dir_writer_t> directories_;
    Handle<sqfs_id_table_t> ids_;
    Handle<sqfs_xattr_writer_t> xattrs_;
    std::vector<sqfs_u64> references_;  ///< of the inodes written so far, by number
};

}  // namespace

Outcome<void> write_metadata(const InodeTable& table, FileData& contents,
                             sqfs_compressor_t& compressor, MemoryFile& file, sqfs_super_t& super) {
    auto writer = KOS_TRY(MetadataWriter::create(table, contents, compressor, file));
    return writer.write(super);
}

}  // namespace kos::squashfs
