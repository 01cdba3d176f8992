// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Writes to frames before an app gets them, through the scratch windows of the root server's own
// VSpace. The frames must not be mapped anywhere.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/sel4/types.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>

namespace kos::rootserver {

/// At most so many small frames are mapped at once.
inline constexpr std::uint64_t max_scratch_frames = 512;

/// Maps \p count frames (1 where they are large) with consecutive capabilities from \p first on and
/// hands back their memory, one after another.
Attempt<MutableBytes> map_scratch(sel4::Cap<sel4::Frame> first, std::uint64_t count,
                                  std::uint64_t page_bits);
/// Unmaps them again. With \p executable, what was written is made visible to instruction fetch.
Attempt<> unmap_scratch(sel4::Cap<sel4::Frame> first, std::uint64_t count, std::uint64_t page_bits,
                        bool executable = false);

/// Fills a small frame with zeros.
Attempt<> clear_frame(sel4::Cap<sel4::Frame> frame);

}  // namespace kos::rootserver
