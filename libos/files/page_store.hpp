// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The contents of files in memory: pages, found by the file and the page's place in it through a
// hash table, so that files may have holes and every access takes the same time.
//
// Pages are asked of the manager in groups as they are first needed, and never given back: those of
// files that are gone serve others. All memory is there from the start; nothing is allocated.
#pragma once

#include "lib/base/bytes.hpp"
#include "libos/core/private_memory.hpp"
#include "libos/core/range.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace kos::libos {

class PageStore {
   public:
    /// Without pages.
    PageStore() = default;
    /// `pages`: whole pages of zeros, not necessarily there yet.
    PageStore(const Range& pages, PrivateMemory& tables);

    /// The page `index` of `file`: nullptr in a hole.
    [[nodiscard]] std::byte* find(std::uint32_t file, std::uint32_t index) const;
    /// Makes it, filled with zeros; it is not there yet. nullptr: the memory is used up.
    [[nodiscard]] std::byte* make(std::uint32_t file, std::uint32_t index);
    /// Frees the pages of `file` in [first, end); how many there were.
    std::uint64_t drop(std::uint32_t file, std::uint64_t first, std::uint64_t end);
    /// The first page of `file` in [first, end) that is there.
    [[nodiscard]] std::optional<std::uint64_t> next(std::uint32_t file, std::uint64_t first,
                                                    std::uint64_t end) const;

   private:
    static constexpr std::uint32_t none = 0xffff'ffff;
    /// Whose a page is. A free page has file 0 and the number of the next one in `index`.
    struct Owner {
        std::uint32_t file;  ///< plus 1
        std::uint32_t index;
    };

    [[nodiscard]] std::size_t home(std::uint32_t file, std::uint32_t index) const;
    [[nodiscard]] std::uint32_t number_of(std::uint32_t file, std::uint64_t index) const;
    [[nodiscard]] std::byte* at(std::uint32_t number) const;
    [[nodiscard]] std::uint32_t take();
    void free(std::uint32_t number);
    template <class Visit>
    void for_each(std::uint32_t file, std::uint64_t first, std::uint64_t end, Visit visit) const;

    Range pages_{};
    std::span<Owner> owners_;
    std::span<std::uint32_t> slots_;
    std::uint32_t free_ = none;
    std::uint32_t fresh_ = 0;      ///< pages from here on were never used
    std::uint32_t committed_ = 0;  ///< pages from here on were never asked for
};

}  // namespace kos::libos
