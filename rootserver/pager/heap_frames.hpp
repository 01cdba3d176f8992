// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which heap frame of an app holds which page: book-keeping only, no kernel call is made here.
//
//   take(page) → frame       fresh ones first; a frame that was given back says that it is dirty
//   find(page) → frame       a hash table with linear probing
//   give_back(page)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace kos::rootserver {

/// A page's number: its address divided by the page size. Native address spaces end at 2^39, so it
/// has 27 bits; 0 is never mapped.
using PageNumber = std::uint32_t;

struct HeapFrame {
    std::uint32_t index;
    bool dirty;  ///< holds what was written to it before: zero it
};

class HeapFrames {
   public:
    /// Words of storage for \p frames frames: one per frame, and a hash table at most half full.
    [[nodiscard]] static std::size_t storage_words(std::uint32_t frames);

    HeapFrames() = default;
    /// All frames are fresh. \p storage: storage_words(frames) words.
    HeapFrames(std::uint32_t frames, std::span<std::uint32_t> storage);

    /// Nothing where all frames are taken. \p page must not hold one.
    [[nodiscard]] std::optional<HeapFrame> take(PageNumber page);
    [[nodiscard]] std::optional<std::uint32_t> find(PageNumber page) const;
    /// The page that holds \p frame; nothing where it is free.
    [[nodiscard]] std::optional<PageNumber> page_of(std::uint32_t frame) const;
    /// \p page must hold a frame.
    void give_back(PageNumber page);

    [[nodiscard]] std::uint32_t limit() const { return limit_; }
    [[nodiscard]] std::uint32_t in_use() const { return in_use_; }
    [[nodiscard]] std::uint32_t available() const { return limit_ - in_use_; }
    [[nodiscard]] std::uint32_t most_in_use() const { return most_in_use_; }

   private:
    [[nodiscard]] std::size_t bucket_of(PageNumber page) const;
    /// The bucket that names \p page's frame, or the empty one where it would go.
    [[nodiscard]] std::size_t probe(PageNumber page) const;
    void close_gap(std::size_t gap);

    std::span<std::uint32_t> frames_;   // by frame: its page, or free_bit and the next free frame
    std::span<std::uint32_t> buckets_;  // frame + 1, 0 where empty
    std::uint32_t limit_ = 0;
    std::uint32_t fresh_ = 0;       // the first frame that was never taken
    std::uint32_t first_free_ = 0;  // frame + 1 of a frame that was given back, 0 for none
    std::uint32_t in_use_ = 0;
    std::uint32_t most_in_use_ = 0;
};

}  // namespace kos::rootserver
