// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Memory: constants of Linux on aarch64 (mmap(2), mremap(2), madvise(2), msync(2)).
#pragma once

namespace kos::libos::abi {

namespace map_flag {
inline constexpr unsigned shared = 1, private_copy = 2, shared_validate = 3, type_mask = 0xf,
                          fixed = 0x10, anonymous = 0x20, grows_down = 0x100, populate = 0x8000,
                          huge_pages = 0x40000, fixed_no_replace = 0x100000;
}

namespace remap_flag {
inline constexpr unsigned may_move = 1, fixed = 2, dont_unmap = 4;
}

namespace advice {
inline constexpr int dont_need = 4, free = 8, remove = 9, populate_read = 22, populate_write = 23;
}

}  // namespace kos::libos::abi
