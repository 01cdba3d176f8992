// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The plan of a microVM's VMM: what is mapped where in its VSpace, and which kernel objects VMM and
// guest take (the capability manifest of K5). Pure, as native.hpp. The guest's memory is no object
// of the app: it is a reservation of its own.
#pragma once

#include "lib/base/static_vector.hpp"
#include "lib/manifest/image.hpp"
#include "loader/plan/image.hpp"

#include <cstdint>
#include <span>

namespace kos::plan {

/// A blob that the guest gets.
struct GuestBlob {
    std::uint32_t number;  ///< in the system image
    std::uint64_t bytes;
    bool on_large_page;  ///< it starts on one in the system image
};

struct VmmInputs {
    const PlacedImage& program;  ///< vmm.elf
    std::uint32_t program_blob = 0;
    std::span<const GuestBlob> blobs;  ///< kernel, initrd, disks; each number once
    std::uint64_t guest_memory = 0;    ///< bytes, a multiple of 2 MiB
    std::uint32_t vcpus = 1;
    bool has_volumes = false;
    /// Of its areas in those of its message servers (lent_area()), in the order of addresses.
    std::span<const manifest::Mapping> lent = {};
};

inline constexpr std::size_t max_guest_blobs = manifest::max_disks + 2;

struct VmmPlan {
    /// In ascending order of address; none overlap.
    StaticVector<manifest::Mapping,
                 2 * elf::max_segments + 2 * max_guest_blobs + manifest::max_memberships + 8>
        mappings;
    manifest::ObjectCounts objects;
};

/// Vmm where the guest's memory or processors are out of range, TooManyMappings, or as native.
[[nodiscard]] Result<VmmPlan, Error> plan_vmm(const VmmInputs& inputs);

}  // namespace kos::plan
