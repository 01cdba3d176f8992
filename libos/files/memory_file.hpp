// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An open regular file in memory.
#pragma once

#include "libos/files/file.hpp"
#include "libos/files/file_system.hpp"

namespace kos::libos {

class MemoryFile final : public File {
   public:
    MemoryFile(FileSystem& files, NodeId node, unsigned flags)
        : File(flags), files_(files), node_(node) {
        files.memory().hold(node);
    }

    Outcome<Word> read(MutableBytes bytes) override;
    Outcome<Word> read_at(MutableBytes bytes, Word offset) override;
    /// At the end with O_APPEND, else at the position.
    Outcome<Word> write(Bytes bytes) override;
    /// With O_APPEND at the end as well, as pwrite(2) has it on Linux.
    Outcome<Word> write_at(Bytes bytes, Word offset) override;
    Outcome<Word> seek(std::int64_t offset, abi::Whence whence) override;
    void describe(abi::Stat& stat) const override { files_.describe(node_, stat); }
    [[nodiscard]] std::optional<NodeId> node() const override { return node_; }
    void closed() override { files_.memory().release(node_); }

   private:
    Outcome<Word> write_unlocked(Bytes bytes, Word& offset);

    FileSystem& files_;
    NodeId node_;
    Word position_ = 0;
};

}  // namespace kos::libos
