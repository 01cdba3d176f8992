// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sizes of objects and limits of the kernel that is modelled: seL4 16.0, MCS, AArch64 with
// hypervisor support and 40-bit physical addresses.
#pragma once

#include "hostsim/kernel/time.hpp"
#include "lib/sel4/types.hpp"

namespace kos::sim {

// log2 of bytes
inline constexpr unsigned slot_bits = 5, endpoint_bits = 4, notification_bits = 6, reply_bits = 5,
                          thread_bits = 11, page_table_bits = 12, vspace_bits = 13,
                          asid_pool_bits = 12, vcpu_bits = 12, small_page_bits = 12,
                          huge_page_bits = 30, min_sched_context_bits = 7, min_untyped_bits = 4,
                          max_untyped_bits = 47;

inline constexpr unsigned word_bits = 64;
inline constexpr unsigned guard_size_bits = 6;

// A VSpace: a root of 1024 entries of 1 GiB, then tables of 512 entries (2 MiB, 4 KiB).
inline constexpr unsigned root_index_bits = 10, table_index_bits = 9, table_levels = 3;
inline constexpr sel4::Word user_top = 0xff'ffff'ffff;  ///< last address of a VSpace
/// End of the physical memory that the kernel maps.
inline constexpr sel4::Word kernel_window_top = 0x7f'c000'0000;
/// End of the physical addresses that device untypeds cover.
inline constexpr sel4::Word device_top = sel4::Word{1} << 40;

inline constexpr unsigned asids_per_pool_bits = 9, asid_pools = 128;
inline constexpr unsigned max_irq = 159;
inline constexpr unsigned highest_priority = 255, priorities = 256;

/// Untyped_Retype makes at most so many objects.
inline constexpr sel4::Word fan_out_limit = 256;
/// Memory is zeroed in chunks of this size.
inline constexpr unsigned reset_chunk_bits = 8;

/// What a thread needs to get through the kernel: twice the worst case of 10 µs.
inline constexpr sel4::Word min_budget_microseconds = 20;
inline constexpr Ticks min_budget = 2 * ticks_from_microseconds(10);
inline constexpr sel4::Word max_period_microseconds = ~sel4::Word{0} / (counter_hz / 1000) / 8;
inline constexpr Ticks max_period = ticks_from_microseconds(max_period_microseconds);
/// No replenishment is put further into the future.
inline constexpr Ticks max_release_time = ~Ticks{0} - 5 * max_period;
inline constexpr sel4::Word boot_time_slice_microseconds = 5000;
/// Each scheduling context has at least two replenishments.
inline constexpr sel4::Word min_refills = 2;

}  // namespace kos::sim
