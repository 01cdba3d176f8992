// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The plan of a native app: what is mapped where, and which kernel objects that takes. Pure: the
// packer writes the plan into the system image, inspect prints it, the root server carries it out.
//
// Page tables are counted exactly for mappings made beforehand, the brk area and the main stack,
// and with a reserve (mmap_table_reserve) for the mmap window, where the app chooses the addresses.
#pragma once

#include "lib/base/static_vector.hpp"
#include "lib/manifest/image.hpp"
#include "lib/native/address_space.hpp"
#include "loader/caps/objects.hpp"
#include "loader/plan/image.hpp"

#include <cstdint>
#include <span>

namespace kos::plan {

/// Numbers of the blobs in the system image.
struct BlobNumbers {
    std::uint32_t program, stubs, libos, initrd;
};

struct NativeInputs {
    const PlacedImage& program;
    const PlacedImage& libos;
    BlobNumbers blobs;
    std::uint64_t stub_bytes = 0;
    std::uint64_t initrd_bytes = 0;
    /// The initrd's blob starts on a large page of the image.
    bool initrd_on_large_page = false;
    /// 4 KiB pages that the app may have for brk, mmap and stack growth.
    std::uint32_t heap_pages = 0;
    std::uint32_t threads = 1;
    /// What the initial stack takes (initial_stack_bytes); more of it is then mapped beforehand.
    std::uint64_t argument_bytes = 0;
    /// Of its areas in those of its message servers (lent_area()), and of lanes (lane_places()).
    std::span<const manifest::Mapping> lent = {};
    /// The mappings of the image's apps before this one.
    std::span<const manifest::Mapping> earlier = {};
};

// Most mappings: 2 images by small and large pages, stubs, process information, 2 a thread, stack,
// brk, mmap, initrd, guards.
inline constexpr std::size_t max_mappings =
    2 * elf::max_segments * 3 + 2 * native::max_threads + 2 * manifest::max_memberships + 16;

struct NativePlan {
    /// In ascending order of address; none overlap.
    StaticVector<manifest::Mapping, max_mappings> mappings;
    manifest::ObjectCounts objects;
    VirtualAddress brk_base;
    VirtualAddress brk_limit;
};

/// Page tables held ready for the mmap window, beside one for each 2 MiB of heap: allocators spread
/// their first pages (Go touches some ten separate places before main).
inline constexpr std::uint32_t mmap_table_reserve = 32;

[[nodiscard]] Result<NativePlan, Error> plan_native(const NativeInputs& inputs);

/// Page tables below the VSpace object (level-2 tables of 1 GiB, level-3 tables of 2 MiB) that the
/// mappings with pages of their own, the brk area and the stack need. They must be in ascending
/// order.
[[nodiscard]] std::uint32_t count_page_tables(std::span<const manifest::Mapping> mappings);

}  // namespace kos::plan
