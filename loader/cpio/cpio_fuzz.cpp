// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as an archive: what is read stays within them and the reader always gets on.
#include "lib/base/panic.hpp"
#include "loader/cpio/reader.hpp"

#include <cstdint>

namespace {

/// Touches every byte, so that a sanitizer sees a range that leaves the archive.
unsigned sum(kos::Bytes bytes) {
    unsigned total = 0;
    for (const std::byte byte : bytes) total += static_cast<unsigned>(byte);
    return total;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kos::cpio::Reader reader{std::as_bytes(std::span{data, size})};
    volatile unsigned total = 0;
    for (std::uint64_t offset = 0;; offset = reader.offset()) {
        const auto entry = reader.next();
        if (!entry || !*entry) return 0;
        total = total + sum((*entry)->data) + sum(kos::as_bytes((*entry)->name));
        if (reader.offset() <= offset) kos::panic("the reader does not get on");
    }
}
