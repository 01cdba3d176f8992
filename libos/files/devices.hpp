// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Files that are not in the image: the standard streams and the memory devices.
#pragma once

#include "libos/core/lock.hpp"
#include "libos/files/file.hpp"
#include "libos/files/file_system.hpp"
#include "libos/random/random.hpp"

namespace kos::libos {

/// Standard output or error: the manager's console. To the app it is a pipe.
class OutputStream final : public File {
   public:
    /// `lock`: shared by all streams, so that lines of several threads do not mix.
    OutputStream(Word stream, Lock& lock)
        : File(abi::open_flag::write_only), stream_(stream), lock_(lock) {}

    Outcome<Word> write(Bytes bytes) override;
    void describe(abi::Stat& stat) const override;
    [[nodiscard]] std::uint16_t readiness(std::uint16_t /*wanted*/) const override {
        return abi::PollEntry::out;
    }
    [[nodiscard]] bool watchable() const override { return true; }

   private:
    Word stream_;
    Lock& lock_;
};

/// Standard input: at its end.
class EmptyInput final : public File {
   public:
    EmptyInput() : File(abi::open_flag::read_only) {}

    Outcome<Word> read(MutableBytes /*bytes*/) override { return Word{0}; }
    void describe(abi::Stat& stat) const override;
    [[nodiscard]] std::uint16_t readiness(std::uint16_t /*wanted*/) const override {
        return abi::PollEntry::in | abi::PollEntry::hang_up;
    }
    [[nodiscard]] bool watchable() const override { return true; }
};

/// /dev/null, /dev/zero, /dev/full, /dev/random and /dev/urandom.
class MemoryDevice final : public File {
   public:
    MemoryDevice(const FileSystem& files, NodeId node, Random& random, unsigned flags)
        : File(flags), files_(files), node_(node), random_(random) {}

    /// Whether a device node is one of them.
    [[nodiscard]] static bool serves(const cpio::Metadata& metadata);

    Outcome<Word> read(MutableBytes bytes) override;
    Outcome<Word> read_at(MutableBytes bytes, Word /*offset*/) override { return read(bytes); }
    Outcome<Word> write(Bytes bytes) override;
    Outcome<Word> write_at(Bytes bytes, Word /*offset*/) override { return write(bytes); }
    Outcome<Word> seek(std::int64_t /*offset*/, abi::Whence /*whence*/) override { return Word{0}; }
    void describe(abi::Stat& stat) const override { files_.describe(node_, stat); }
    [[nodiscard]] std::optional<NodeId> node() const override { return node_; }

   private:
    [[nodiscard]] std::uint32_t minor() const {
        return files_.tree()[node_].metadata.special_minor;
    }

    const FileSystem& files_;
    NodeId node_;
    Random& random_;
};

}  // namespace kos::libos
