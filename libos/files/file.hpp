// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An open file: what descriptors refer to. Each kind of file overrides what it can do; the rest
// answers as Linux does for a file that cannot.
#pragma once

#include "lib/base/bytes.hpp"
#include "libos/abi/file.hpp"
#include "libos/core/answer.hpp"
#include "libos/files/name_index.hpp"

#include <cstdint>
#include <optional>

namespace kos::libos {

class Epoll;
class Socket;

class File {
   public:
    virtual Outcome<Word> read(MutableBytes /*bytes*/) { return Err{Errno::Einval}; }
    virtual Outcome<Word> read_at(MutableBytes /*bytes*/, Word /*offset*/) {
        return Err{Errno::Espipe};
    }
    virtual Outcome<Word> write(Bytes /*bytes*/) { return Err{Errno::Einval}; }
    virtual Outcome<Word> write_at(Bytes /*bytes*/, Word /*offset*/) { return Err{Errno::Espipe}; }
    virtual Outcome<Word> seek(std::int64_t /*offset*/, abi::Whence /*whence*/) {
        return Err{Errno::Espipe};
    }
    /// getdents64(2) into `entries`.
    virtual Outcome<Word> list(MutableBytes /*entries*/) { return Err{Errno::Enotdir}; }
    /// What makes this file other than a node of the tree, for fstat(2).
    virtual void describe(abi::Stat& stat) const = 0;
    /// What poll(2) reports: PollEntry::in and so on. Input and output may be left out unless they
    /// are \p wanted: an answer may be work, also of others.
    [[nodiscard]] virtual std::uint16_t readiness(std::uint16_t /*wanted*/) const {
        return abi::PollEntry::in | abi::PollEntry::out;
    }
    /// The node of the tree that is open, where one is.
    [[nodiscard]] virtual std::optional<NodeId> node() const { return std::nullopt; }
    /// Whether epoll(7) can watch it; regular files and directories it refuses.
    [[nodiscard]] virtual bool watchable() const { return false; }
    /// Counts what may have changed the readiness: edge-triggered watches compare it.
    [[nodiscard]] virtual std::uint32_t changes() const { return 0; }
    /// This file as an epoll(7) set, where it is one.
    [[nodiscard]] virtual Epoll* as_epoll() { return nullptr; }
    /// This file as a socket, where it is one.
    [[nodiscard]] virtual Socket* as_socket() { return nullptr; }
    /// The last descriptor is gone.
    virtual void closed() {}

    [[nodiscard]] unsigned flags() const { return __atomic_load_n(&flags_, __ATOMIC_RELAXED); }
    void set_flags(unsigned flags) { __atomic_store_n(&flags_, flags, __ATOMIC_RELAXED); }
    [[nodiscard]] bool readable() const {
        return (flags() & abi::open_flag::access_mode) != abi::open_flag::write_only;
    }
    [[nodiscard]] bool writable() const {
        return (flags() & abi::open_flag::access_mode) != abi::open_flag::read_only;
    }
    [[nodiscard]] bool blocking() const { return (flags() & abi::open_flag::nonblock) == 0; }

   protected:
    /// `flags`: of open(2), access mode and status.
    explicit File(unsigned flags) : flags_(flags) {}
    ~File() = default;

   private:
    unsigned flags_;
};

}  // namespace kos::libos
