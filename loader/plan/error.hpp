// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Why an app cannot be laid out.
#pragma once

#include "lib/base/address.hpp"

#include <cstdint>
#include <string_view>

namespace kos::plan {

enum class Problem : std::uint8_t {
    OutsideImageArea,  ///< program, stubs and brk area do not fit where images go
    OutsideLibosArea,  ///< libos does not fit in its area, or is not position-independent
    Alignment,         ///< a segment's alignment is larger than the area's
    Threads,           ///< none, or more than native::max_threads
    Arguments,         ///< arguments and environment leave no room on the main stack
    InitrdSize,        ///< the root filesystem, or a guest's blob, does not fit in its area
    Overlap,           ///< two mappings overlap
    TooManyMappings,
    Members,  ///< a message server has no apps, or too many
    Guest,    ///< a guest's memory or number of processors is out of range
};

struct Error {
    Problem problem;
    VirtualAddress address;  ///< where: the first byte concerned
    std::uint64_t size;      ///< how much: of what does not fit
};

[[nodiscard]] std::string_view describe(Problem problem);

}  // namespace kos::plan
