// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/boot/image.hpp"

#include "lib/base/address.hpp"

namespace kos::vmm {

std::string_view describe(KernelError error) {
    switch (error) {
        case KernelError::Truncated:
            return "the kernel is shorter than its header";
        case KernelError::Magic:
            return "the kernel is not an uncompressed arm64 Image";
        case KernelError::Endianness:
            return "the kernel is big-endian";
        case KernelError::Size:
            return "the kernel's header contradicts itself";
    }
    return "unknown error";
}

Result<KernelPlace, KernelError> place_kernel(Bytes image) {
    const auto header = read_at<KernelHeader>(image, 0);
    if (!header) return Err{KernelError::Truncated};
    if (header->magic != KernelHeader::expected_magic) return Err{KernelError::Magic};
    if ((header->flags & 1) != 0) return Err{KernelError::Endianness};
    const std::uint64_t size = header->image_size, offset = header->text_offset;
    if (size < image.size() || offset >= large_page_size) return Err{KernelError::Size};
    const auto end = checked_add(offset, size);
    if (!end) return Err{KernelError::Size};
    return KernelPlace{offset, *end};
}

}  // namespace kos::vmm
