// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/page_store.hpp"

#include "lib/sel4/syscall.hpp"
#include "libos/core/manager.hpp"
#include "libos/files/probing.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace kos::libos {

PageStore::PageStore(const Range& pages, PrivateMemory& tables)
    : pages_(pages),
      owners_(tables.take<Owner>(pages.size / page_size)),
      slots_(tables.take<std::uint32_t>(std::bit_ceil(owners_.size() + owners_.size() / 2 + 1))) {}

std::size_t PageStore::home(std::uint32_t file, std::uint32_t index) const {
    const std::uint64_t key = std::uint64_t{file} << 32 | index;
    constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15;
    return static_cast<std::size_t>(key * golden >> 32) & (slots_.size() - 1);
}

std::uint32_t PageStore::number_of(std::uint32_t file, std::uint64_t index) const {
    if (index > none) return none;
    const auto place = static_cast<std::uint32_t>(index);
    for (std::size_t i = home(file, place); slots_[i] != 0; i = probing::next(slots_, i)) {
        const Owner& owner = owners_[slots_[i] - 1];
        if (owner.file == file + 1 && owner.index == place) return slots_[i] - 1;
    }
    return none;
}

std::byte* PageStore::at(std::uint32_t number) const {
    return sel4::vspace_pointer(pages_.start.value() + std::uint64_t{number} * page_size);
}

std::byte* PageStore::find(std::uint32_t file, std::uint32_t index) const {
    const std::uint32_t number = number_of(file, index);
    return number == none ? nullptr : at(number);
}

/// A page of zeros that nobody has.
std::uint32_t PageStore::take() {
    if (free_ != none) {
        const std::uint32_t number = free_;
        free_ = owners_[number].index;
        std::memset(at(number), 0, page_size);
        return number;
    }
    if (fresh_ == owners_.size()) return none;
    if (fresh_ == committed_) {
        constexpr std::uint32_t group = 16;
        const auto left = static_cast<std::uint32_t>(owners_.size()) - committed_;
        const std::uint32_t count = std::min(group, left);
        const VirtualAddress start = pages_.start + std::uint64_t{committed_} * page_size;
        if (!manager::commit({start, std::uint64_t{count} * page_size})) return none;
        committed_ += count;
    }
    return fresh_++;
}

std::byte* PageStore::make(std::uint32_t file, std::uint32_t index) {
    const std::uint32_t number = take();
    if (number == none) return nullptr;
    owners_[number] = {file + 1, index};
    probing::insert(slots_, home(file, index), number);
    return at(number);
}

void PageStore::free(std::uint32_t number) {
    probing::erase(slots_, number, [&](std::uint32_t other) {
        return home(owners_[other].file - 1, owners_[other].index);
    });
    owners_[number] = {0, free_};
    free_ = number;
}

/// Visits the file's pages in [first, end), by their places or, where there are more places than
/// pages at all, by the pages.
template <class Visit>
void PageStore::for_each(std::uint32_t file, std::uint64_t first, std::uint64_t end,
                         Visit visit) const {
    if (end - first <= fresh_) {
        for (std::uint64_t index = first; index < end; ++index) {
            const std::uint32_t number = number_of(file, index);
            if (number != none && !visit(number)) return;
        }
        return;
    }
    for (std::uint32_t number = 0; number < fresh_; ++number) {
        const Owner& owner = owners_[number];
        const bool within = owner.index >= first && owner.index < end;
        if (owner.file == file + 1 && within && !visit(number)) return;
    }
}

std::uint64_t PageStore::drop(std::uint32_t file, std::uint64_t first, std::uint64_t end) {
    std::uint64_t count = 0;
    if (first >= end) return count;
    for_each(file, first, end, [&](std::uint32_t number) {
        free(number);
        ++count;
        return true;
    });
    return count;
}

std::optional<std::uint64_t> PageStore::next(std::uint32_t file, std::uint64_t first,
                                             std::uint64_t end) const {
    std::optional<std::uint64_t> found;
    if (first >= end) return found;
    for_each(file, first, end, [&](std::uint32_t number) {
        const std::uint64_t index = owners_[number].index;
        if (!found || index < *found) found = index;
        return *found != first && end - first > fresh_;
    });
    return found;
}

}  // namespace kos::libos
