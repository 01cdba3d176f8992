// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/boot_memory.hpp"

#include "hostsim/kernel/sizes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace kos::sim {

namespace {

/// Physical memory starts here in the kernel's own address space, whose alignment counts.
constexpr std::uint64_t kernel_base = 0x80'0000'0000;

std::uint64_t bytes(unsigned bits) { return std::uint64_t{1} << bits; }

void cut_into_untypeds(PhysicalRange range, bool is_device, std::vector<UntypedPiece>& pieces) {
    while (range.start != range.end) {
        const auto largest = static_cast<unsigned>(std::bit_width(range.size()) - 1);
        const auto aligned =
            static_cast<unsigned>(std::countr_zero(range.start.value() + kernel_base));
        const unsigned size_bits = std::min({largest, aligned, max_untyped_bits});
        if (size_bits >= min_untyped_bits) pieces.push_back({range.start, size_bits, is_device});
        range.start = range.start + bytes(size_bits);
    }
}

/// Hands out objects one behind the other; the largest come first, so all are aligned.
class Cursor {
   public:
    Cursor(PhysicalAddress start, unsigned extra_info_bits)
        : next_(start), extra_info_bits_(extra_info_bits) {}

    PhysicalAddress take(unsigned bits, std::uint64_t count = 1) {
        const PhysicalAddress taken = next_;
        next_ = next_ + count * bytes(bits);
        return taken;
    }
    /// The extra boot information goes before the first object that is no larger.
    void take_extra_info(unsigned before_bits, RootLayout& layout) {
        if (extra_info_bits_ == 0 || extra_info_bits_ < before_bits) return;
        layout.extra_info = take(std::exchange(extra_info_bits_, 0));
    }

   private:
    PhysicalAddress next_;
    unsigned extra_info_bits_;
};

RootLayout lay_out(PhysicalAddress start, const RootSizes& sizes) {
    RootLayout layout;
    Cursor cursor{start, sizes.extra_info_bits};
    cursor.take_extra_info(sizes.cnode_bits, layout);
    layout.cnode = cursor.take(sizes.cnode_bits);
    cursor.take_extra_info(vspace_bits, layout);
    layout.vspace = cursor.take(vspace_bits);
    cursor.take_extra_info(small_page_bits, layout);
    layout.asid_pool = cursor.take(asid_pool_bits);
    layout.ipc_buffer = cursor.take(small_page_bits);
    layout.boot_info = cursor.take(small_page_bits);
    layout.page_tables = cursor.take(page_table_bits, sizes.page_tables);
    layout.thread = cursor.take(thread_bits);
    layout.sched_context = cursor.take(min_sched_context_bits);
    return layout;
}

std::uint64_t total_size(const RootSizes& sizes) {
    const std::uint64_t extra = sizes.extra_info_bits == 0 ? 0 : bytes(sizes.extra_info_bits);
    return bytes(sizes.cnode_bits) + extra + bytes(vspace_bits) + bytes(asid_pool_bits) +
           2 * bytes(small_page_bits) + sizes.page_tables * bytes(page_table_bits) +
           bytes(thread_bits) + bytes(min_sched_context_bits);
}

bool starts_lower(const PhysicalRange& a, const PhysicalRange& b) { return a.start < b.start; }

/// What of `region` is not in `taken`, which is ascending.
void add_free(const MemoryRegion& region, std::span<const PhysicalRange> taken,
              std::vector<PhysicalRange>& free) {
    PhysicalAddress start = region.base;
    for (const PhysicalRange& range : taken) {
        if (range.end <= start || range.start >= region.end()) continue;
        if (range.start > start) free.push_back({start, range.start});
        start = range.end;
    }
    if (start < region.end()) free.push_back({start, region.end()});
}

}  // namespace

BootMemory::BootMemory(std::span<const MemoryRegion> regions, const BootOptions& options)
    : no_device_(options.kernel_devices.begin(), options.kernel_devices.end()),
      kernel_boot_(options.kernel_boot) {
    std::array<PhysicalRange, 2> taken{options.kernel, options.user_image};
    std::sort(taken.begin(), taken.end(), starts_lower);
    for (const MemoryRegion& region : regions) {
        if (region.kind != MemoryKind::Normal) continue;
        no_device_.push_back({region.base, region.end()});
        add_free(region, taken, free_);
    }
    std::sort(no_device_.begin(), no_device_.end(), starts_lower);
}

Result<RootLayout, BootError> BootMemory::take_root_objects(const RootSizes& sizes) {
    const unsigned alignment_bits =
        std::max({sizes.cnode_bits, vspace_bits, sizes.extra_info_bits});
    const std::uint64_t size = total_size(sizes);
    for (auto range = free_.rbegin(); range != free_.rend(); ++range) {
        if (range->size() < size) continue;
        const PhysicalAddress start = (range->end - size).aligned_down(bytes(alignment_bits));
        if (start < range->start) continue;
        const PhysicalRange above{start + size, range->end};
        range->end = start;
        free_.insert(range.base(), above);
        return lay_out(start, sizes);
    }
    return Err{BootError::Memory};
}

std::vector<UntypedPiece> BootMemory::untypeds() const {
    std::vector<UntypedPiece> pieces;
    PhysicalAddress start;
    for (const PhysicalRange& range : no_device_) {
        if (start < range.start) cut_into_untypeds({start, range.start}, true, pieces);
        start = range.end;
    }
    cut_into_untypeds({start, PhysicalAddress{device_top}}, true, pieces);
    cut_into_untypeds(kernel_boot_, false, pieces);
    for (const PhysicalRange& range : free_) cut_into_untypeds(range, false, pieces);
    return pieces;
}

}  // namespace kos::sim
