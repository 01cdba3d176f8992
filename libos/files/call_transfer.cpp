// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Moving bytes between files and the app's memory.
#include "libos/core/process.hpp"
#include "libos/dispatch/calls.hpp"
#include "libos/net/socket.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace kos::libos::calls {

namespace {

/// A place in the file that comes with the call, or the file's own position.
using Position = std::optional<Word>;

Outcome<FileReference> readable(Descriptor descriptor) {
    FileReference file = KOS_TRY(process().descriptors.get(descriptor));
    if (!file->readable()) return Err{Errno::Ebadf};
    return file;
}

Outcome<FileReference> writable(Descriptor descriptor) {
    FileReference file = KOS_TRY(process().descriptors.get(descriptor));
    if (!file->writable()) return Err{Errno::Ebadf};
    return file;
}

Outcome<Position> position_of(std::int64_t offset) {
    if (offset < 0) return Err{Errno::Einval};
    return Position{static_cast<Word>(offset)};
}

Answer read_into(File& file, MutableBytes bytes, Position position) {
    return position ? file.read_at(bytes, *position) : file.read(bytes);
}

bool keeps_messages_apart(File& file) {
    const Socket* const socket = file.as_socket();
    return socket != nullptr && socket->keeps_messages_apart();
}

/// Whether a read that has got bytes gets more at once: what came is not kept waiting.
bool has_more(File& file) {
    if (keeps_messages_apart(file)) return false;
    return !file.watchable() || (file.readiness(abi::PollEntry::in) & abi::PollEntry::in) != 0;
}

Answer write_from(File& file, Bytes bytes, Position position) {
    auto written = position ? file.write_at(bytes, *position) : file.write(bytes);
    if (!written && written.error() == Errno::Epipe) raise(abi::signal::pipe);
    return written;
}

Outcome<MutableBytes> buffer_of(Word address, Word size) {
    return user_bytes(address, std::min(size, abi::transfer_max));
}

/// Does `transfer` with one buffer after another, until one is not used up.
template <class Transfer>
Answer for_each_buffer(UserPointer<abi::IoVector> vectors, Word count, Position position,
                       Transfer transfer) {
    if (count > abi::io_vector_max) return Err{Errno::Einval};
    Word total = 0;
    for (Word i = 0; i < count; ++i) {
        const abi::IoVector vector = KOS_TRY(vectors.at(i).read());
        if (vector.length == 0) continue;
        const MutableBytes bytes = KOS_TRY(buffer_of(vector.base, vector.length));
        const auto moved = transfer(bytes, position ? Position{*position + total} : position);
        if (!moved) {
            if (total > 0) return total;
            return Err{moved.error()};
        }
        total += *moved;
        if (*moved < bytes.size()) break;
    }
    return total;
}

/// The buffers as one, where they are small: standard output's lines then travel in one request.
Outcome<Bytes> gather(UserPointer<abi::IoVector> vectors, Word count, MutableBytes storage) {
    std::size_t used = 0;
    for (Word i = 0; i < count; ++i) {
        const abi::IoVector vector = KOS_TRY(vectors.at(i).read());
        if (vector.length > storage.size() - used) return Err{Errno::Enomem};
        const MutableBytes bytes = KOS_TRY(user_bytes(vector.base, vector.length));
        std::memcpy(storage.data() + used, bytes.data(), bytes.size());
        used += bytes.size();
    }
    return Bytes{storage.first(used)};
}

}  // namespace

Answer read(Descriptor file, Word buffer, Word size) {
    const FileReference open = KOS_TRY(readable(file));
    return open->read(KOS_TRY(buffer_of(buffer, size)));
}

Answer pread64(Descriptor file, Word buffer, Word size, std::int64_t offset) {
    const FileReference open = KOS_TRY(readable(file));
    const Position position = KOS_TRY(position_of(offset));
    return read_into(*open, KOS_TRY(buffer_of(buffer, size)), position);
}

Answer readv(Descriptor file, UserPointer<abi::IoVector> vectors, Word count) {
    const FileReference open = KOS_TRY(readable(file));
    bool has_read = false;
    return for_each_buffer(vectors, count, std::nullopt,
                           [&](MutableBytes bytes, Position at) -> Answer {
                               if (std::exchange(has_read, true) && !has_more(*open))
                                   return Word{0};
                               return read_into(*open, bytes, at);
                           });
}

Answer preadv(Descriptor file, UserPointer<abi::IoVector> vectors, Word count,
              std::int64_t offset) {
    const FileReference open = KOS_TRY(readable(file));
    const Position position = KOS_TRY(position_of(offset));
    return for_each_buffer(vectors, count, position, [&](MutableBytes bytes, Position at) {
        return read_into(*open, bytes, at);
    });
}

Answer write(Descriptor file, Word buffer, Word size) {
    const FileReference open = KOS_TRY(writable(file));
    return write_from(*open, KOS_TRY(buffer_of(buffer, size)), std::nullopt);
}

Answer pwrite64(Descriptor file, Word buffer, Word size, std::int64_t offset) {
    const FileReference open = KOS_TRY(writable(file));
    const Position position = KOS_TRY(position_of(offset));
    return write_from(*open, KOS_TRY(buffer_of(buffer, size)), position);
}

Answer writev(Descriptor file, UserPointer<abi::IoVector> vectors, Word count) {
    const FileReference open = KOS_TRY(writable(file));
    if (count > abi::io_vector_max) return Err{Errno::Einval};
    std::array<std::byte, 768> storage;
    if (const auto gathered = gather(vectors, count, storage)) {
        return write_from(*open, *gathered, std::nullopt);
    }
    if (count > 1 && keeps_messages_apart(*open)) return Err{Errno::Emsgsize};
    return for_each_buffer(vectors, count, std::nullopt,
                           [&](Bytes bytes, Position at) { return write_from(*open, bytes, at); });
}

Answer lseek(Descriptor file, std::int64_t offset, int whence) {
    const FileReference open = KOS_TRY(process().descriptors.get(file));
    if (whence < 0 || whence > static_cast<int>(abi::Whence::Hole)) return Err{Errno::Einval};
    return open->seek(offset, static_cast<abi::Whence>(whence));
}

Answer sendfile(Descriptor target, Descriptor source, UserPointer<std::int64_t> offset,
                Word count) {
    const FileReference out = KOS_TRY(writable(target));
    const FileReference in = KOS_TRY(readable(source));
    Position position;
    if (!offset.is_null()) position = KOS_TRY(position_of(KOS_TRY(offset.read())));
    std::array<std::byte, 1024> storage;
    Word total = 0;
    while (total < count) {
        const MutableBytes part{storage.data(), std::min<Word>(storage.size(), count - total)};
        const Word taken =
            KOS_TRY(read_into(*in, part, position ? Position{*position + total} : position));
        if (taken == 0) break;
        total += KOS_TRY(write_from(*out, part.first(taken), std::nullopt));
    }
    if (position) {
        KOS_TRY(offset.write(static_cast<std::int64_t>(*position + total)));
    }
    return total;
}

Answer getdents64(Descriptor directory, Word buffer, unsigned size) {
    const FileReference open = KOS_TRY(process().descriptors.get(directory));
    return open->list(KOS_TRY(user_bytes(buffer, size)));
}

}  // namespace kos::libos::calls
