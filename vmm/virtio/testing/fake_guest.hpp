// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Guest memory of a test: some ranges with a hole between them, and a bump allocator.
#pragma once

#include "lib/base/panic.hpp"
#include "vmm/guest/memory.hpp"

#include <cstdlib>
#include <memory>

namespace kos::virtio {

class FakeGuest {
   public:
    static constexpr GuestAddress start{0x40000000};

    explicit FakeGuest(std::size_t size = 1 << 20)
        : storage_(static_cast<std::byte*>(std::aligned_alloc(page_size, size))),
          end_(start + size) {
        const MutableBytes all{storage_.get(), size};
        std::memset(all.data(), 0, size);
        // Two ranges that touch: buffers may lie across.
        must(memory_.add(start, all.first(size / 2)), "the memory is empty");
        must(memory_.add(start + size / 2, all.subspan(size / 2)), "the ranges do not overlap");
    }

    [[nodiscard]] GuestMemory& memory() { return memory_; }
    [[nodiscard]] GuestAddress end() const { return end_; }

    /// Memory for the test to use; aligned, never given back but by `release_all`.
    GuestAddress allocate(std::uint64_t size, std::uint64_t alignment = 16) {
        const std::uint64_t at = must(lift(align_up(next_.value(), alignment)), "no wrap");
        if (at + size > end_.value()) panic("FakeGuest: out of memory");
        next_ = GuestAddress{at + size};
        return GuestAddress{at};
    }
    /// A point that `release` can go back to.
    [[nodiscard]] GuestAddress mark() const { return next_; }
    void release(GuestAddress mark) { next_ = mark; }

    /// Bytes that the test wrote or the device answered, across ranges.
    void write(GuestAddress address, Bytes bytes) {
        std::memcpy(host(address, bytes.size()), bytes.data(), bytes.size());
    }
    [[nodiscard]] Bytes bytes(GuestAddress address, std::size_t size) {
        return {host(address, size), size};
    }

   private:
    struct Free {
        void operator()(std::byte* bytes) const { std::free(bytes); }
    };
    static Result<std::uint64_t, int> lift(std::optional<std::uint64_t> value) {
        if (!value) return Err{0};
        return *value;
    }
    std::byte* host(GuestAddress address, std::size_t size) {
        if (address < start || address - start + size > end_ - start) panic("FakeGuest: outside");
        return storage_.get() + (address - start);
    }

    std::unique_ptr<std::byte, Free> storage_;
    GuestAddress end_;
    GuestAddress next_ = start;
    GuestMemory memory_;
};

}  // namespace kos::virtio
