// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the root server maps into its own VSpace, beside the program that the kernel mapped:
//
//   0x00_3040_0000  the console's registers
//   0x00_3060_0000  scratch page, where a frame is filled before its app gets it
//   0x00_3080_0000  scratch large page
//   0x00_30a0_0000  devices that run guests outside
//   0x00_30c0_0000  disks that are volumes of guests
//   0x00_3100_0000  book-keeping of the apps
//   0x10_0000_0000  the system image, read-only
//
// Where the system image is a part of the root server's, it lies right behind the program and ends
// below manifest::root_image_limit; the kernel puts the boot information behind it.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/manifest/image.hpp"
#include "lib/sel4/abi.hpp"
#include "lib/sel4/types.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/pager/page_table_set.hpp"
#include "rootserver/trouble.hpp"

#include <array>
#include <cstdint>

namespace kos::rootserver {

namespace window {
inline constexpr VirtualAddress console{0x3040'0000};
inline constexpr VirtualAddress scratch_page{0x3060'0000};
inline constexpr VirtualAddress scratch_large_page{0x3080'0000};
inline constexpr VirtualAddress guests{0x30a0'0000};
inline constexpr VirtualAddress volumes{0x30c0'0000};
inline constexpr VirtualAddress bookkeeping{0x3100'0000};
inline constexpr VirtualAddress bookkeeping_end{0x4000'0000};
inline constexpr VirtualAddress image{0x10'0000'0000};
static_assert(console.value() > manifest::root_image_limit);
}  // namespace window

class RootVSpace {
   public:
    explicit RootVSpace(RootMemory& memory, const sel4::KernelAbi& abi = sel4::abi());
    RootVSpace(const RootVSpace&) = delete;
    RootVSpace& operator=(const RootVSpace&) = delete;

    /// Maps a frame; page tables that are missing are made first.
    Attempt<> map(sel4::Cap<sel4::Frame> frame, VirtualAddress address, std::uint64_t page_bits,
                  sel4::Rights rights, sel4::VmAttributes attributes);
    /// Page tables for the scratch windows, so that filling a frame needs none.
    Attempt<> prepare_scratch();
    /// \p bytes bytes of zeroed memory in the book-keeping window. Once.
    Attempt<MutableBytes> make_bookkeeping(std::uint64_t bytes);

   private:
    Attempt<> provide_tables(VirtualAddress address, std::uint64_t page_bits);

    static constexpr std::size_t max_tables = 512;

    RootMemory& memory_;
    std::array<std::uint32_t, max_tables> storage_{};
    PageTableSet tables_;
};

/// Memory of the root server's own VSpace.
[[nodiscard]] MutableBytes memory_at(VirtualAddress address, std::uint64_t bytes);

}  // namespace kos::rootserver
