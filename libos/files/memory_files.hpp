// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The app's file systems in memory (tmpfs): nodes of the tree that come and go, each a name of a
// file here. Names may share a file (hard links). A name that is removed while something refers to
// it (an open file, the working directory) keeps its node until that lets go.
//
//   Tree: Node (name, mode, owner) ──► File (size, times, counts) ──► PageStore (contents)
//
// All functions but release() are called with FileSystem's lock held. They check what limits and
// names demand; who may do what is the caller's part (changes.hpp). Times of access are kept as
// utimensat(2) sets them, as on a file system that is mounted with noatime.
#pragma once

#include "libos/abi/file.hpp"
#include "libos/core/answer.hpp"
#include "libos/files/page_store.hpp"
#include "libos/files/tree.hpp"
#include "libos/time/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kos::libos {

/// What a new file is given.
struct NewFile {
    std::uint32_t mode = 0;  ///< with its type
    std::uint32_t user = 0;
    std::uint32_t group = 0;
};

class MemoryFiles {
   public:
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 43;  ///< of a file

    MemoryFiles(Tree& tree, const Clock& clock) : tree_(tree), clock_(clock) {}

    /// Where their memory lies; nothing where the image asks for none.
    [[nodiscard]] static Range region_of(const Tree& tree);
    /// Takes that memory, which is there, and makes the roots.
    void create(const Range& region);

    /// The file system that a node is in; nothing for a node of the image.
    [[nodiscard]] std::optional<std::uint16_t> mount_of(NodeId id) const;

    /// A file named `name` in `directory`. ENOSPC, ENAMETOOLONG.
    Outcome<NodeId> make(NodeId directory, std::string_view name, const NewFile& file);
    /// A file without a name (O_TMPFILE), in the file system of `directory`.
    Outcome<NodeId> make_unnamed(NodeId directory, const NewFile& file);
    /// Another name for the file of `id`.
    Outcome<void> link(NodeId id, NodeId directory, std::string_view name);
    /// Removes a name, of a directory too, which must be empty.
    void remove(NodeId id);
    /// Gives a node another place, where none of that name is. ENAMETOOLONG.
    Outcome<void> move(NodeId id, NodeId directory, std::string_view name);
    /// The target of a link that was just made.
    Outcome<void> set_target(NodeId link, std::string_view target);

    /// Something refers to the node, or no longer does.
    void hold(NodeId id);
    void release(NodeId id);
    /// Frees what nobody refers to any more.
    void tidy();

    [[nodiscard]] std::uint64_t size(NodeId id) const { return file_of(id).size; }
    Word read(NodeId id, MutableBytes bytes, std::uint64_t offset) const;
    /// ENOSPC and EFBIG where nothing can be written.
    Outcome<Word> write(NodeId id, Bytes bytes, std::uint64_t offset);
    Outcome<void> resize(NodeId id, std::uint64_t size);
    /// posix_fallocate(3); with `keep_size` the file stays as long as it is.
    Outcome<void> allocate(NodeId id, std::uint64_t offset, std::uint64_t size, bool keep_size);
    /// Where data or a hole (Whence::Data, Whence::Hole) starts from `offset` on: ENXIO.
    [[nodiscard]] Outcome<std::uint64_t> seek(NodeId id, std::uint64_t offset,
                                              abi::Whence whence) const;

    /// Changes what all names of the file have in common; with a new time of change.
    void set_mode(NodeId id, std::uint32_t permissions);
    void set_owner(NodeId id, std::uint32_t user, std::uint32_t group);
    void set_times(NodeId id, std::optional<abi::TimeSpec> accessed,
                   std::optional<abi::TimeSpec> modified);
    [[nodiscard]] abi::TimeSpec now() const;

    /// The part of stat(2) that differs from a file of the image.
    void describe(NodeId id, abi::Stat& stat) const;
    void describe_mount(std::uint16_t mount, abi::StatFs& result) const;

    /// The first name in a directory whose number is at least `sequence`.
    [[nodiscard]] NodeId listed_from(NodeId directory, Word sequence) const;
    [[nodiscard]] Word sequence_of(NodeId id) const;

   private:
    struct File {
        std::uint64_t size = 0;
        abi::TimeSpec accessed{}, modified{}, changed{};
        std::uint32_t names = 0;  ///< that can be found
        std::uint32_t nodes = 0;  ///< that refer to it; 0: it is free
        std::uint32_t pages = 0;
        std::uint16_t mount = 0;
        bool has_more = false;  ///< pages behind its size (FALLOC_FL_KEEP_SIZE)
    };
    struct Name {
        std::uint32_t holds;
        std::uint32_t sequence;  ///< of its place: later ones are higher
        std::array<char, abi::name_max + 1> text;
    };
    struct Mount {
        NodeId root = no_node;
        std::uint32_t limit = 0;  ///< pages
        std::uint32_t used = 0;
        bool was_full = false;  ///< which was logged
    };

    [[nodiscard]] std::uint32_t number_of(NodeId id) const { return tree_[id].file; }
    [[nodiscard]] const File& file_of(NodeId id) const { return files_[number_of(id)]; }
    [[nodiscard]] File& file_of(NodeId id) { return files_[number_of(id)]; }
    [[nodiscard]] bool has_name_slot(NodeId id) const;
    [[nodiscard]] Name& name_of(NodeId id) { return names_[tree_.memory_number(id)]; }
    Outcome<NodeId> claim_node();
    Outcome<std::uint16_t> claim_file(std::uint16_t mount);
    Outcome<std::string_view> keep_name(NodeId id, std::string_view name);
    void enter(NodeId id, NodeId directory, std::string_view name);
    void leave(NodeId id);
    void touch(NodeId id);
    void free(NodeId id);
    void drop_pages(NodeId id, std::uint64_t first);
    Outcome<NodeId> claim(NodeId directory, const NewFile& file);
    std::byte* page_for(NodeId id, std::uint32_t index);
    template <class Change>
    void change_all(NodeId id, Change change);

    Tree& tree_;
    const Clock& clock_;
    PageStore pages_;
    std::span<Name> names_;
    std::span<File> files_;
    std::array<Mount, native::memory_files::most_mounts> mounts_{};
    std::uint16_t mount_count_ = 0;
    std::uint32_t next_sequence_ = 0;
    std::uint32_t names_used_ = 0;
    bool untidy_ = false;  ///< something may be free
};

}  // namespace kos::libos
