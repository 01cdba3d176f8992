// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A descriptor chain that was copied and checked: one request of a driver.
#pragma once

#include "lib/base/static_vector.hpp"
#include "vmm/virtio/queue/buffers.hpp"

namespace kos::virtio {

/// Some KiB: a device has one of its own and fills it again and again.
class Chain {
   public:
    /// Linux's requests to a disk have up to 254 data segments, a header and a status.
    static constexpr std::size_t max_parts = 260;

    [[nodiscard]] std::uint16_t head() const { return head_; }
    /// What the driver wrote for the device.
    [[nodiscard]] ReadableBuffers readable() const {
        return {parts_.items().first(readable_parts_), readable_size_};
    }
    /// Where the device answers.
    [[nodiscard]] WritableBuffers writable() const {
        return {parts_.items().subspan(readable_parts_), writable_size_};
    }

   private:
    friend class Queue;
    friend class ChainWalk;

    void clear(std::uint16_t head) {
        parts_.truncate(0);
        readable_parts_ = 0;
        readable_size_ = writable_size_ = 0;
        head_ = head;
    }

    StaticVector<MutableBytes, max_parts> parts_;  ///< readable ones first
    std::size_t readable_parts_ = 0;
    std::uint64_t readable_size_ = 0, writable_size_ = 0;
    std::uint16_t head_ = 0;
};

}  // namespace kos::virtio
