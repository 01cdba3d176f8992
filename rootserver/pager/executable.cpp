// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/executable.hpp"

#include "lib/base/little_endian.hpp"
#include "loader/rewrite/rewrite.hpp"
#include "rootserver/pager/scratch.hpp"

#include <cstring>

namespace kos::rootserver {

Attempt<> remove_system_calls(sel4::Cap<sel4::Frame> frame) {
    const MutableBytes page = KOS_TRY(map_scratch(frame, 1, page_bits));
    for (std::uint64_t at = 0; at < page.size(); at += rewrite::instruction_size) {
        if (!rewrite::is_system_call(*read_at<Le32>(page, at))) continue;
        const Le32 undefined{rewrite::undefined(rewrite::undefined_system_call)};
        std::memcpy(page.data() + at, &undefined, sizeof(undefined));
    }
    constexpr bool executable = true;
    return unmap_scratch(frame, 1, page_bits, executable);
}

}  // namespace kos::rootserver
