// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Memory that system calls name: addresses of the app, as values that must be asked for access.
//
// libos and its app share one address space, so isolation is not at stake here. A pointer that
// lies outside everything that an app can have answers EFAULT; one into a hole within is the
// app's own crash, where Linux would answer EFAULT too.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/native/address_space.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/answer.hpp"

#include <cstring>
#include <string_view>
#include <type_traits>

namespace kos::libos {

/// Where an app's pointers may point: [lowest, limit) without [hole, hole_end), which is libos's.
struct UserRange {
    static constexpr Word lowest = native::lowest_address.value();
    static constexpr Word hole = native::libos_base.value();
    static constexpr Word hole_end = native::stack_top.value() - native::stack_limit;
    static constexpr Word limit = native::user_limit.value();

    /// For tests, whose memory lies elsewhere: all but the address 0.
    bool is_everything = false;

    [[nodiscard]] constexpr bool covers(Word address, Word size) const {
        const auto end = checked_add(address, size);
        if (!end || is_everything) return end && address != 0;
        return address >= lowest && *end <= limit && (*end <= hole || address >= hole_end);
    }
};
/// In force.
extern UserRange user_range;

/// Memory of the app at `address`.
[[nodiscard]] inline Outcome<MutableBytes> user_bytes(Word address, Word size) {
    if (size == 0) return MutableBytes{};
    if (!user_range.covers(address, size)) return Err{Errno::Efault};
    return MutableBytes{sel4::vspace_pointer(address), static_cast<std::size_t>(size)};
}

/// A pointer argument. The object need not be aligned.
template <class T>
requires std::is_trivially_copyable_v<T>
class UserPointer {
   public:
    UserPointer() = default;
    explicit UserPointer(Word address) : address_(address) {}

    [[nodiscard]] Word address() const { return address_; }
    [[nodiscard]] bool is_null() const { return address_ == 0; }
    [[nodiscard]] UserPointer at(Word index) const {
        return UserPointer{address_ + index * sizeof(T)};
    }

    [[nodiscard]] Outcome<T> read() const {
        const MutableBytes bytes = KOS_TRY(user_bytes(address_, sizeof(T)));
        T value;
        std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
    [[nodiscard]] Outcome<void> write(const T& value) const {
        const MutableBytes bytes = KOS_TRY(user_bytes(address_, sizeof(T)));
        std::memcpy(bytes.data(), &value, sizeof(T));
        return {};
    }
    /// EFAULT where write() would fail.
    [[nodiscard]] Outcome<void> check() const {
        KOS_TRY(user_bytes(address_, sizeof(T)));
        return {};
    }
    /// Writes where the app gave a pointer at all.
    [[nodiscard]] Outcome<void> write_unless_null(const T& value) const {
        if (is_null()) return {};
        return write(value);
    }

   private:
    Word address_ = 0;
};

/// A NUL-terminated string argument.
class UserString {
   public:
    UserString() = default;
    explicit UserString(Word address) : address_(address) {}

    [[nodiscard]] bool is_null() const { return address_ == 0; }
    /// The characters; ENAMETOOLONG where there is no NUL among the first `limit`.
    [[nodiscard]] Outcome<std::string_view> read(Word limit) const;

   private:
    Word address_ = 0;
};

}  // namespace kos::libos
