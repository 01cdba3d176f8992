// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/file_table.hpp"

namespace kos::libos {

/// Drops one reference. The table's lock must not be held: closing may wake others.
void FileTable::release(OpenFile& open) {
    {
        const Locked locked(lock_);
        if (open.references > 1) {
            --open.references;
            return;
        }
    }
    // This was the last one, so nobody else can find the file any more.
    open.file->closed();
    const Locked locked(lock_);
    open.references = 0;
}

Outcome<FileTable::Descriptor*> FileTable::at(int descriptor) {
    const auto index = static_cast<std::size_t>(descriptor);
    if (descriptor < 0 || index >= descriptors_.size() || descriptors_[index].open == nullptr) {
        return Err{Errno::Ebadf};
    }
    return &descriptors_[index];
}

Outcome<Word> FileTable::install(const FileReference& file, bool close_on_exec, Word lowest) {
    const Locked locked(lock_);
    for (std::size_t i = lowest; i < descriptors_.size(); ++i) {
        if (descriptors_[i].open != nullptr) continue;
        ++file.open().references;
        descriptors_[i] = {&file.open(), close_on_exec};
        return i;
    }
    return Err{Errno::Emfile};
}

Outcome<Word> FileTable::install_at(Word descriptor, const FileReference& file,
                                    bool close_on_exec) {
    if (descriptor >= descriptors_.size()) return Err{Errno::Ebadf};
    OpenFile* replaced = nullptr;
    {
        const Locked locked(lock_);
        ++file.open().references;
        replaced = descriptors_[descriptor].open;
        descriptors_[descriptor] = {&file.open(), close_on_exec};
    }
    if (replaced != nullptr) release(*replaced);
    return descriptor;
}

Outcome<FileReference> FileTable::get(int descriptor) {
    const Locked locked(lock_);
    OpenFile& open = *KOS_TRY(at(descriptor))->open;
    ++open.references;
    return FileReference{*this, open};
}

Outcome<void> FileTable::check(int descriptor) {
    const Locked locked(lock_);
    KOS_TRY(at(descriptor));
    return {};
}

Outcome<void> FileTable::close(int descriptor) {
    OpenFile* open = nullptr;
    {
        const Locked locked(lock_);
        open = std::exchange(KOS_TRY(at(descriptor))->open, nullptr);
    }
    release(*open);
    return {};
}

Outcome<bool> FileTable::close_on_exec(int descriptor) {
    const Locked locked(lock_);
    return KOS_TRY(at(descriptor))->close_on_exec;
}

Outcome<void> FileTable::set_close_on_exec(int descriptor, bool value) {
    const Locked locked(lock_);
    KOS_TRY(at(descriptor))->close_on_exec = value;
    return {};
}

}  // namespace kos::libos
