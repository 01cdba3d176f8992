// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/heap_frames.hpp"

#include <algorithm>
#include <bit>

namespace kos::rootserver {

namespace {

constexpr std::uint32_t free_bit = 1u << 31;

std::size_t buckets_for(std::uint32_t frames) { return std::bit_ceil(std::size_t{frames} * 2 + 1); }

}  // namespace

std::size_t HeapFrames::storage_words(std::uint32_t frames) { return frames + buckets_for(frames); }

HeapFrames::HeapFrames(std::uint32_t frames, std::span<std::uint32_t> storage)
    : frames_(storage.first(frames)),
      buckets_(storage.subspan(frames, buckets_for(frames))),
      limit_(frames) {
    std::fill(frames_.begin(), frames_.end(), free_bit);
    std::fill(buckets_.begin(), buckets_.end(), 0);
}

std::optional<HeapFrame> HeapFrames::take(PageNumber page) {
    HeapFrame frame{};
    if (first_free_ != 0) {
        frame = {first_free_ - 1, true};
        first_free_ = frames_[frame.index] & ~free_bit;
    } else if (fresh_ < limit_) {
        frame = {fresh_++, false};
    } else {
        return std::nullopt;
    }
    frames_[frame.index] = page;
    buckets_[probe(page)] = frame.index + 1;
    most_in_use_ = std::max(most_in_use_, ++in_use_);
    return frame;
}

std::optional<std::uint32_t> HeapFrames::find(PageNumber page) const {
    if (limit_ == 0) return std::nullopt;
    const std::uint32_t entry = buckets_[probe(page)];
    if (entry == 0) return std::nullopt;
    return entry - 1;
}

std::optional<PageNumber> HeapFrames::page_of(std::uint32_t frame) const {
    if ((frames_[frame] & free_bit) != 0) return std::nullopt;
    return frames_[frame];
}

void HeapFrames::give_back(PageNumber page) {
    const std::size_t bucket = probe(page);
    const std::uint32_t frame = buckets_[bucket] - 1;
    frames_[frame] = free_bit | first_free_;
    first_free_ = frame + 1;
    --in_use_;
    close_gap(bucket);
}

std::size_t HeapFrames::bucket_of(PageNumber page) const {
    // Fibonacci hashing: pages that follow each other land far apart from other runs.
    return (page * 0x9e37'79b1u >> 7) & (buckets_.size() - 1);
}

std::size_t HeapFrames::probe(PageNumber page) const {
    std::size_t bucket = bucket_of(page);
    while (buckets_[bucket] != 0 && frames_[buckets_[bucket] - 1] != page) {
        bucket = (bucket + 1) & (buckets_.size() - 1);
    }
    return bucket;
}

void HeapFrames::close_gap(std::size_t gap) {
    // Entries behind the gap that may not be found past it move into it (Knuth, TAOCP 6.4, R).
    const std::size_t mask = buckets_.size() - 1;
    buckets_[gap] = 0;
    for (std::size_t next = (gap + 1) & mask; buckets_[next] != 0; next = (next + 1) & mask) {
        const std::size_t home = bucket_of(frames_[buckets_[next] - 1]);
        if (((next - home) & mask) < ((next - gap) & mask)) continue;
        buckets_[gap] = buckets_[next];
        buckets_[next] = 0;
        gap = next;
    }
}

}  // namespace kos::rootserver
