// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The guest's physical memory: ranges of host memory, and the one accessor to them.
//
//   guest:  |----|   RAM   |-----|  RAM  |---        host: each range anywhere
//
// The guest may write to its memory at any moment, from other processors. So values that decisions
// depend on are copied first (`read`), and what both sides write concurrently is accessed as one
// atomic object (`SharedWord`). Freestanding.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/base/static_vector.hpp"
#include "vmm/guest/address.hpp"

#include <atomic>
#include <bit>
#include <concepts>
#include <cstdint>

namespace kos {

enum class MemoryError : std::uint8_t {
    Outside,    ///< not, or not wholly, in one range of the guest's memory
    Unaligned,  ///< an atomic access to an address that is not a multiple of its size, or a range
                ///< to be added whose addresses in guest and host would differ in that
    Overlap,    ///< a range to be added shares addresses with another
    Wrap,       ///< a range to be added is empty, or leaves the address space
    Full,       ///< there is no room for a further range
};

/// Copies bytes that the guest may write to meanwhile. The fence keeps a compiler from reading
/// \p source again where the copy is looked at.
inline void copy_once(MutableBytes target, Bytes source) {
    std::memcpy(target.data(), source.data(), target.size());
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

class GuestMemory {
   public:
    /// QEMU tells vhost-user backends of eight at most, without more negotiation.
    static constexpr std::size_t max_ranges = 32;
    /// The largest SharedWord: what is aligned for the guest is aligned for us.
    static constexpr std::size_t shared_alignment = 8;

    /// Makes \p host the guest's memory from \p start on. The bytes outlive this object.
    Result<void, MemoryError> add(GuestAddress start, MutableBytes host);
    void clear() { ranges_.truncate(0); }
    /// Bytes of all ranges together.
    [[nodiscard]] std::uint64_t size() const;

    /// The \p size bytes at \p start, which must lie in one range.
    [[nodiscard]] Result<MutableBytes, MemoryError> bytes(GuestAddress start,
                                                          std::uint64_t size) const;
    /// The first 1 to \p size bytes at \p start: fewer than asked where a range ends there.
    [[nodiscard]] Result<MutableBytes, MemoryError> part(GuestAddress start,
                                                         std::uint64_t size) const;

    /// A copy of the T at \p address, of any alignment.
    template <class T>
    requires std::is_trivially_copyable_v<T>
    [[nodiscard]] Result<T, MemoryError> read(GuestAddress address) const {
        const MutableBytes source = KOS_TRY(bytes(address, sizeof(T)));
        T value;
        copy_once(std::as_writable_bytes(std::span{&value, 1}), source);
        return value;
    }
    template <class T>
    requires std::is_trivially_copyable_v<T> Result<void, MemoryError> write(GuestAddress address,
                                                                             const T& value)
    const {
        const MutableBytes target = KOS_TRY(bytes(address, sizeof(T)));
        std::memcpy(target.data(), &value, sizeof(T));
        return {};
    }

   private:
    struct Range {
        GuestAddress start;
        MutableBytes host;
    };

    StaticVector<Range, max_ranges> ranges_;
};

/// A little-endian integer in guest memory that both sides access concurrently, each time as a
/// whole.
template <std::unsigned_integral T>
class SharedWord {
   public:
    SharedWord() = default;
    [[nodiscard]] static Result<SharedWord, MemoryError> create(const GuestMemory& memory,
                                                                GuestAddress address) {
        if (!address.is_aligned(sizeof(T))) return Err{MemoryError::Unaligned};
        return at(KOS_TRY(memory.bytes(address, sizeof(T))));
    }
    /// The word that \p bytes start with; they are as aligned as the word's size.
    [[nodiscard]] static SharedWord at(MutableBytes bytes) {
        static_assert(sizeof(T) <= GuestMemory::shared_alignment);
        static_assert(std::endian::native == std::endian::little, "rings are used in place");
        static_assert(std::atomic_ref<T>::is_always_lock_free);
        SharedWord word;
        // The one place where guest memory is an object: an aligned integer without invalid values.
        word.word_ = reinterpret_cast<T*>(bytes.first(sizeof(T)).data());
        return word;
    }

    /// Acquires: what the other side wrote before it stored this value can be seen.
    [[nodiscard]] T load() const { return ref().load(std::memory_order_seq_cst); }
    /// Releases: what was written before can be seen by whoever sees this value.
    void store(T value) const { ref().store(value, std::memory_order_release); }
    /// As store; the other side sees the value before any later load of ours happens. A fence of
    /// its own would do too, but ThreadSanitizer knows none.
    void store_first(T value) const { ref().exchange(value, std::memory_order_seq_cst); }

   private:
    [[nodiscard]] std::atomic_ref<T> ref() const { return std::atomic_ref<T>{*word_}; }

    T* word_ = nullptr;
};

}  // namespace kos
