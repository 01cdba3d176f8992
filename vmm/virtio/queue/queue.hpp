// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device's side of a split virtqueue (VIRTIO 1.2, section 2.7).
//
//   available ring:  … done │ next_available … available idx │ free …
//   used ring:       … published up to next_used
//
// Left out: packed queues, VIRTIO_F_IN_ORDER. Freestanding.
#pragma once

#include "lib/base/result.hpp"
#include "vmm/guest/memory.hpp"
#include "vmm/virtio/queue/chain.hpp"
#include "vmm/virtio/queue/error.hpp"
#include "vmm/virtio/queue/layout.hpp"

#include <cstdint>

namespace kos::virtio {

/// Where a driver put its queue, and from where on it is to be worked on.
struct QueueConfig {
    std::uint16_t size = 0;
    GuestAddress descriptors, available, used;
    bool indirect = false;     ///< VIRTIO_F_INDIRECT_DESC was negotiated
    bool event_index = false;  ///< VIRTIO_F_EVENT_IDX was negotiated
    /// Other than 0 where a queue is taken over, as a restarted vhost-user backend does.
    std::uint16_t next_available = 0, next_used = 0;
};

class Queue {
   public:
    /// Takes the queue into use. \p memory outlives that; where its ranges change, start again.
    Result<void, QueueError> start(const QueueConfig& config, std::uint16_t size_limit,
                                   const GuestMemory& memory);
    /// From now on there is nothing to pop, and nothing of the guest's memory is accessed.
    void stop() { running_ = false; }
    [[nodiscard]] bool running() const { return running_; }

    /// Fills \p chain with the next one that the driver made available; false where there is none.
    /// After an error the queue is stopped.
    [[nodiscard]] Result<bool, QueueError> pop(Chain& chain);
    /// Makes the chain popped last available again, as if it had not been popped; can be repeated.
    void undo_pop() { --next_available_; }
    /// How many chains are available, without a look at them.
    [[nodiscard]] std::uint16_t available() const;
    /// Gives a chain back, \p written bytes from the start of its writable parts being the answer.
    void push(std::uint16_t head, std::uint32_t written);
    void push(const Chain& chain, std::uint64_t written) {
        push(chain.head(), static_cast<std::uint32_t>(written));
    }
    /// As push, but the driver sees it only with the next `publish`: several chains as one.
    void stage(std::uint16_t head, std::uint32_t written);
    void publish();

    /// Whether the driver wants an interrupt for what was pushed since the last call (2.7.7).
    [[nodiscard]] bool wants_interrupt();
    /// Asks the driver to notify us of new chains, or not to bother (2.7.10); it may all the same.
    /// After asking, chains may have come in between: look once more where true is returned.
    bool enable_notifications();
    void disable_notifications();

    /// Index of the next chain to be popped, and of the next to be given back.
    [[nodiscard]] std::uint16_t next_available() const { return next_available_; }
    [[nodiscard]] std::uint16_t next_used() const { return next_used_; }

   private:
    [[nodiscard]] SharedWord<std::uint16_t> used_word(std::uint64_t offset) const {
        return SharedWord<std::uint16_t>::at(used_.subspan(offset));
    }
    [[nodiscard]] SharedWord<std::uint16_t> available_word(std::uint64_t offset) const {
        return SharedWord<std::uint16_t>::at(available_.subspan(offset));
    }

    const GuestMemory* memory_ = nullptr;
    MutableBytes descriptors_, available_, used_;
    std::uint16_t size_ = 0;
    std::uint16_t next_available_ = 0, next_used_ = 0;
    std::uint16_t signalled_ = 0;  ///< next_used_ when an interrupt was last decided on
    bool indirect_ = false, event_index_ = false;
    bool running_ = false;
};

}  // namespace kos::virtio
