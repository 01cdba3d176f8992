// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From a head in the descriptor table to a checked chain (VIRTIO 1.2, sections 2.7.5 and 2.7.5.3).
#pragma once

#include "lib/base/result.hpp"
#include "vmm/guest/memory.hpp"
#include "vmm/virtio/queue/chain.hpp"
#include "vmm/virtio/queue/error.hpp"
#include "vmm/virtio/queue/layout.hpp"

namespace kos::virtio {

class ChainWalk {
   public:
    ChainWalk(const GuestMemory& memory, bool indirect_allowed, Chain& chain)
        : memory_(memory), indirect_allowed_(indirect_allowed), chain_(chain) {}

    /// Fills the chain from the descriptor \p head of \p table on.
    Result<void, QueueError> run(Bytes table, std::uint16_t head);

   private:
    /// Follows one table; gives the indirect descriptor that ends it, if one does.
    Result<std::optional<Descriptor>, QueueError> follow(Bytes table, std::uint16_t head,
                                                         QueueError outside);
    Result<void, QueueError> follow_indirect(const Descriptor& descriptor);
    Result<void, QueueError> add(const Descriptor& descriptor);

    const GuestMemory& memory_;
    bool indirect_allowed_;
    Chain& chain_;
};

}  // namespace kos::virtio
