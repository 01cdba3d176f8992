// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/console.hpp"

#include <algorithm>

namespace kos::vmm {

void GuestOutput::write(Bytes bytes) {
    // The guest may change its bytes meanwhile: the copy is what counts.
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), line_.size() - used_);
        std::memcpy(line_.data() + used_, bytes.data(), size);
        const auto first = line_.begin() + static_cast<std::ptrdiff_t>(used_);
        const bool has_end =
            std::find(first, first + static_cast<std::ptrdiff_t>(size), std::byte{'\n'}) !=
            first + static_cast<std::ptrdiff_t>(size);
        used_ += size;
        bytes = bytes.subspan(size);
        if (has_end || used_ == line_.size()) flush();
    }
}

void GuestOutput::output(unsigned port, Bytes bytes) {
    if (port == 0) write(bytes);
}

void GuestOutput::flush() {
    if (used_ == 0) return;
    sink_.write({line_.data(), used_});
    used_ = 0;
}

void ConsoleTail::write(Bytes bytes) {
    bytes = bytes.last(std::min(bytes.size(), ring_.size()));
    const std::size_t kept = std::min(used_, ring_.size() - bytes.size());
    std::memmove(ring_.data(), ring_.data() + (used_ - kept), kept);
    std::memcpy(ring_.data() + kept, bytes.data(), bytes.size());
    used_ = kept + bytes.size();
}

}  // namespace kos::vmm
