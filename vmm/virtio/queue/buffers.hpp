// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One direction of a chain: its parts as one sequence of bytes, with a cursor that only goes on.
//
//   parts:  [ header | data… ][ …data… ][ …data | status ]
//                    ^ the cursor; limited to what is left or to what `take` gave
//
// A copy of a cursor is another cursor over the same bytes. The guest may change them at any time.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/panic.hpp"
#include "vmm/guest/memory.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace kos::virtio {

/// Byte is `std::byte` where the device writes, `const std::byte` where it reads.
template <class Byte>
class Buffers {
   public:
    using Part = std::span<Byte>;

    Buffers() = default;
    /// \p size is that of all \p parts together; none is empty.
    Buffers(std::span<const MutableBytes> parts, std::uint64_t size) : parts_(parts), size_(size) {}

    /// Bytes that are left.
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// The longest part from here on that lies in one piece; empty at the end.
    [[nodiscard]] Part front() const {
        if (size_ == 0) return {};
        const MutableBytes rest = parts_.front().subspan(offset_);
        return rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), size_)));
    }
    /// Goes on by \p count bytes, at most `size()`.
    void skip(std::uint64_t count) {
        if (count > size_) panic("Buffers: skipped beyond the end");
        size_ -= count;
        while (count != 0) {
            const std::uint64_t rest = parts_.front().size() - offset_;
            if (count < rest) {
                offset_ += count;
                return;
            }
            count -= rest;
            offset_ = 0;
            parts_ = parts_.subspan(1);
        }
    }
    /// The next \p count bytes, at most `size()`, as buffers of their own; goes on behind them.
    [[nodiscard]] Buffers take(std::uint64_t count) {
        Buffers taken = *this;
        skip(count);
        taken.size_ = count;
        return taken;
    }

    /// Copies as much as fits into \p target and goes on; how much that was.
    std::uint64_t read(MutableBytes target) requires std::is_const_v<Byte> {
        return each(target.size(), [&target](Part part) {
            copy_once(target.first(part.size()), part);
            target = target.subspan(part.size());
        });
    }
    /// A copy of the T that comes next, or nothing (and no progress) where fewer bytes are left.
    template <class T>
    requires(std::is_const_v<Byte>&& std::is_trivially_copyable_v<T>)
        [[nodiscard]] std::optional<T> read() {
        if (size_ < sizeof(T)) return std::nullopt;
        T value;
        read(std::as_writable_bytes(std::span{&value, 1}));
        return value;
    }

    /// Copies as much of \p source as fits and goes on; how much that was.
    std::uint64_t write(Bytes source) requires(!std::is_const_v<Byte>) {
        return each(source.size(), [&source](Part part) {
            std::memcpy(part.data(), source.data(), part.size());
            source = source.subspan(part.size());
        });
    }
    /// Whether the whole of \p value fitted; writes nothing otherwise.
    template <class T>
    requires(!std::is_const_v<Byte> && std::is_trivially_copyable_v<T>)
        [[nodiscard]] bool write_value(const T& value) {
        if (size_ < sizeof(T)) return false;
        write(bytes_of(value));
        return true;
    }
    /// Zeroes the next \p count bytes, at most `size()`.
    void fill_zero(std::uint64_t count) requires(!std::is_const_v<Byte>) {
        each(count, [](Part part) { std::memset(part.data(), 0, part.size()); });
    }

    /// Calls \p use with each part of the next \p count bytes, or of all; goes on; how many that
    /// were.
    template <class Use>
    std::uint64_t each(std::uint64_t count, Use use) {
        const std::uint64_t total = std::min(count, size_);
        for (std::uint64_t left = total; left != 0;) {
            Part part = front();
            if (part.size() > left) part = part.first(static_cast<std::size_t>(left));
            use(part);
            skip(part.size());
            left -= part.size();
        }
        return total;
    }

   private:
    std::span<const MutableBytes> parts_;
    std::uint64_t offset_ = 0;  ///< into the first part
    std::uint64_t size_ = 0;
};

using ReadableBuffers = Buffers<const std::byte>;
using WritableBuffers = Buffers<std::byte>;

}  // namespace kos::virtio
