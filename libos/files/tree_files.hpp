// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Open files of the tree: regular files and directories.
#pragma once

#include "libos/core/lock.hpp"
#include "libos/files/file.hpp"
#include "libos/files/file_system.hpp"

namespace kos::libos {

class RegularFile final : public File {
   public:
    RegularFile(const FileSystem& files, NodeId node, unsigned flags)
        : File(flags), files_(files), node_(node) {}

    Outcome<Word> read(MutableBytes bytes) override;
    Outcome<Word> read_at(MutableBytes bytes, Word offset) override;
    Outcome<Word> seek(std::int64_t offset, abi::Whence whence) override;
    void describe(abi::Stat& stat) const override { files_.describe(node_, stat); }
    [[nodiscard]] std::optional<NodeId> node() const override { return node_; }

   private:
    [[nodiscard]] Bytes data() const { return files_.tree()[node_].data; }
    Outcome<std::int64_t> base_of(abi::Whence whence, std::int64_t offset) const;

    const FileSystem& files_;
    NodeId node_;
    Lock lock_;
    Word position_ = 0;
};

class Directory final : public File {
   public:
    Directory(FileSystem& files, NodeId node, unsigned flags)
        : File(flags), files_(files), node_(node) {
        files.memory().hold(node);
    }
    void closed() override { files_.memory().release(node_); }

    Outcome<Word> read(MutableBytes /*bytes*/) override { return Err{Errno::Eisdir}; }
    Outcome<Word> read_at(MutableBytes /*bytes*/, Word /*offset*/) override {
        return Err{Errno::Eisdir};
    }
    Outcome<Word> seek(std::int64_t offset, abi::Whence whence) override;
    Outcome<Word> list(MutableBytes entries) override;
    void describe(abi::Stat& stat) const override { files_.describe(node_, stat); }
    [[nodiscard]] std::optional<NodeId> node() const override { return node_; }

   private:
    // Positions: 0 is ".", 1 is "..", then a child's number, or that of its place
    // in a directory in memory, plus 2; end_position behind the last.
    static constexpr Word end_position = 0x7fff'ffff;
    struct Listed {
        std::string_view name;
        NodeId node;
        Word next;
    };
    [[nodiscard]] std::optional<Listed> entry_at(Word position) const;
    [[nodiscard]] Word position_of(NodeId child) const;

    FileSystem& files_;
    NodeId node_;
    Word position_ = 0;
};

/// A file or directory that was opened with O_PATH: a place, not its contents.
class PathFile final : public File {
   public:
    PathFile(FileSystem& files, NodeId node)
        : File(abi::open_flag::path), files_(files), node_(node) {
        files.memory().hold(node);
    }
    void closed() override { files_.memory().release(node_); }

    Outcome<Word> read(MutableBytes /*bytes*/) override { return Err{Errno::Ebadf}; }
    Outcome<Word> read_at(MutableBytes /*bytes*/, Word /*offset*/) override {
        return Err{Errno::Ebadf};
    }
    Outcome<Word> seek(std::int64_t /*offset*/, abi::Whence /*whence*/) override {
        return Err{Errno::Ebadf};
    }
    Outcome<Word> list(MutableBytes /*entries*/) override { return Err{Errno::Ebadf}; }
    void describe(abi::Stat& stat) const override { files_.describe(node_, stat); }
    [[nodiscard]] std::optional<NodeId> node() const override { return node_; }

   private:
    FileSystem& files_;
    NodeId node_;
};

}  // namespace kos::libos
