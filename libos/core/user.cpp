// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/core/user.hpp"

namespace kos::libos {

constinit UserRange user_range;

Outcome<std::string_view> UserString::read(Word limit) const {
    if (!user_range.covers(address_, 1)) return Err{Errno::Efault};
    const char* const text = as_text({sel4::vspace_pointer(address_), 1}).data();
    for (Word length = 0; length < limit; ++length) {
        if (text[length] == '\0') return std::string_view{text, static_cast<std::size_t>(length)};
    }
    return Err{Errno::Enametoolong};
}

}  // namespace kos::libos
