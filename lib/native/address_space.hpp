// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where things lie in a native app's VSpace. All below 2^39: kernels with 40-bit and 44-bit
// physical addresses then need the same memory for page tables.
//
//   0x00_0000_0000  guard (64 KiB)
//   0x00_0040_0000  the image of an ET_EXEC program, where it was linked (below 0x10_0000_0000)
//   0x00_1000_0000  the image of an ET_DYN program; stubs behind the image; then brk
//   0x10_0000_0000  mmap window
//   0x70_0000_0000  libos
//   0x70_1000_0000  process information (1 page, read-only)
//   0x70_1020_0000  thread areas
//   0x70_2000_0000  top of the main stack, which grows down
//   0x70_3000_0000  areas shared with message servers, and lanes to other apps
//                   (lib/message/layout.hpp)
//   0x70_4000_0000  initrd, read-only
//   0x80_0000_0000  end
#pragma once

#include "lib/base/address.hpp"

namespace kos::native {

inline constexpr VirtualAddress lowest_address{0x1'0000};
inline constexpr VirtualAddress dynamic_image_base{0x1000'0000};
inline constexpr VirtualAddress image_limit{0x10'0000'0000};
inline constexpr VirtualAddress mmap_base{0x10'0000'0000};
inline constexpr VirtualAddress mmap_limit{0x70'0000'0000};
inline constexpr VirtualAddress libos_base{0x70'0000'0000};
inline constexpr VirtualAddress libos_limit{0x70'1000'0000};
inline constexpr VirtualAddress process_info_address{0x70'1000'0000};
inline constexpr VirtualAddress thread_areas{0x70'1020'0000};
inline constexpr VirtualAddress stack_top{0x70'2000'0000};
inline constexpr VirtualAddress initrd_base{0x70'4000'0000};
inline constexpr VirtualAddress user_limit{0x80'0000'0000};

/// The main stack can grow to this many bytes (RLIMIT_STACK); the page below stays unmapped.
inline constexpr std::uint64_t stack_limit = 8u << 20;
/// Pages of the main stack that are mapped before the app starts; the topmost holds argv, the
/// environment and the auxiliary vector where they fit (more pages hold more).
inline constexpr std::uint64_t stack_initial_pages = 4;

// A thread area, one per thread: guard page, libos stack (2 pages), block page, IPC buffer page,
// guard to the stride's end.
inline constexpr std::uint64_t thread_area_stride = 0x8000;
inline constexpr std::uint64_t thread_stack_offset = 0x1000;
inline constexpr std::uint64_t thread_stack_pages = 2;
inline constexpr std::uint64_t thread_block_offset_in_area = 0x3000;
inline constexpr std::uint64_t thread_ipc_buffer_offset = 0x4000;
inline constexpr std::uint64_t thread_area_pages = 4;
inline constexpr std::uint64_t max_threads = 64;

[[nodiscard]] constexpr VirtualAddress thread_area(std::uint64_t index) {
    return thread_areas + index * thread_area_stride;
}
[[nodiscard]] constexpr VirtualAddress thread_stack_top(std::uint64_t index) {
    return thread_area(index) + thread_stack_offset + thread_stack_pages * page_size;
}
[[nodiscard]] constexpr VirtualAddress thread_block_address(std::uint64_t index) {
    return thread_area(index) + thread_block_offset_in_area;
}

}  // namespace kos::native
