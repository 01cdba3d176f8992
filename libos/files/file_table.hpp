// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Descriptors and the open files they refer to. A file lives as long as a descriptor or a running
// call refers to it, so that a close(2) in one thread does not pull it away from under another.
#pragma once

#include "libos/core/lock.hpp"
#include "libos/core/private_memory.hpp"
#include "libos/files/file.hpp"

#include <array>
#include <new>
#include <span>
#include <utility>

namespace kos::libos {

class FileTable;

/// An open file with its count of references; in use while it has any.
struct OpenFile {
    alignas(16) std::array<std::byte, 112> storage;
    File* file;
    std::uint32_t references;
};

/// Keeps a file open during a call.
class [[nodiscard]] FileReference {
   public:
    FileReference(FileTable& table, OpenFile& open) : table_(&table), open_(&open) {}
    FileReference(FileReference&& other) noexcept
        : table_(other.table_), open_(std::exchange(other.open_, nullptr)) {}
    FileReference& operator=(FileReference&&) = delete;
    FileReference(const FileReference&) = delete;
    FileReference& operator=(const FileReference&) = delete;
    ~FileReference();

    File& operator*() const { return *open_->file; }
    File* operator->() const { return open_->file; }
    [[nodiscard]] OpenFile& open() const { return *open_; }

   private:
    FileTable* table_;
    OpenFile* open_;
};

class FileTable {
   public:
    static constexpr std::size_t capacity = 1024;  ///< RLIMIT_NOFILE

    explicit FileTable(PrivateMemory& memory)
        : descriptors_(memory.take<Descriptor>(capacity)),
          files_(memory.take<OpenFile>(capacity)) {}

    /// Makes a file; it goes unless a descriptor is given to it. ENFILE: too many.
    template <class Kind, class... Arguments>
    Outcome<FileReference> make(Arguments&&... arguments) {
        static_assert(sizeof(Kind) <= sizeof(OpenFile::storage));
        static_assert(alignof(Kind) <= alignof(OpenFile));
        const Locked locked(lock_);
        for (OpenFile& open : files_) {
            if (open.references != 0) continue;
            open.file = new (open.storage.data()) Kind(std::forward<Arguments>(arguments)...);
            open.references = 1;
            return FileReference{*this, open};
        }
        return Err{Errno::Enfile};
    }

    /// The lowest free descriptor at or above `lowest`. EMFILE.
    Outcome<Word> install(const FileReference& file, bool close_on_exec, Word lowest = 0);
    /// That very descriptor; what was there is closed.
    Outcome<Word> install_at(Word descriptor, const FileReference& file, bool close_on_exec);
    /// The file behind a descriptor: EBADF.
    Outcome<FileReference> get(int descriptor);
    /// EBADF where get() would fail.
    Outcome<void> check(int descriptor);
    Outcome<void> close(int descriptor);

    Outcome<bool> close_on_exec(int descriptor);
    Outcome<void> set_close_on_exec(int descriptor, bool value);

   private:
    friend class FileReference;
    struct Descriptor {
        OpenFile* open;
        bool close_on_exec;
    };

    Outcome<Descriptor*> at(int descriptor);
    void release(OpenFile& open);

    Lock lock_;
    std::span<Descriptor> descriptors_;
    std::span<OpenFile> files_;
};

inline FileReference::~FileReference() {
    if (open_ != nullptr) table_->release(*open_);
}

}  // namespace kos::libos
