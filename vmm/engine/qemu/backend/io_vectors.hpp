// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Buffers of the guest as the kernel takes them.
#pragma once

#include "vmm/virtio/queue/chain.hpp"

#include <sys/uio.h>

namespace kos::qemu {

/// The parts of \p buffers, for one readv(2) or writev(2).
class IoVectors {
   public:
    template <class Byte>
    explicit IoVectors(virtio::Buffers<Byte> buffers) {
        buffers.each(buffers.size(), [this](std::span<Byte> part) {
            // The kernel's type serves reading and writing, and so has no const.
            parts_[count_++] = {const_cast<std::byte*>(part.data()), part.size()};
        });
    }
    [[nodiscard]] const iovec* data() const { return parts_.data(); }
    [[nodiscard]] int size() const { return static_cast<int>(count_); }

   private:
    std::array<iovec, virtio::Chain::max_parts> parts_;
    std::size_t count_ = 0;
};
static_assert(virtio::Chain::max_parts <= 1024, "IOV_MAX");

}  // namespace kos::qemu
