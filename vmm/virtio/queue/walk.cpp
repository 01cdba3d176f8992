// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/queue/walk.hpp"

#include <limits>

namespace kos::virtio {

Result<void, QueueError> ChainWalk::run(Bytes table, std::uint16_t head) {
    chain_.clear(head);
    const auto indirect = KOS_TRY(follow(table, head, QueueError::Head));
    if (indirect) KOS_TRY(follow_indirect(*indirect));
    return {};
}

Result<std::optional<Descriptor>, QueueError> ChainWalk::follow(Bytes table, std::uint16_t head,
                                                                QueueError outside) {
    const std::size_t count = table.size() / sizeof(Descriptor);
    std::uint16_t index = head;
    for (std::size_t taken = 0; taken < count; ++taken) {
        // The only look at the descriptor: the guest may change it while we work.
        const auto bytes =
            slice(table, std::uint64_t{index} * sizeof(Descriptor), sizeof(Descriptor));
        if (!bytes) return Err{outside};
        Descriptor descriptor;
        copy_once(std::as_writable_bytes(std::span{&descriptor, 1}), *bytes);
        const std::uint16_t flags = descriptor.flags;
        if ((flags & descriptor_indirect) != 0) {
            if ((flags & descriptor_next) != 0) return Err{QueueError::Indirect};
            return std::optional{descriptor};
        }
        KOS_TRY(add(descriptor));
        if ((flags & descriptor_next) == 0) return std::optional<Descriptor>{};
        index = descriptor.next;
        outside = QueueError::Next;
    }
    return Err{QueueError::Loop};
}

Result<void, QueueError> ChainWalk::follow_indirect(const Descriptor& descriptor) {
    if (!indirect_allowed_) return Err{QueueError::Indirect};
    const std::uint32_t size = descriptor.length;
    if (size == 0 || size % sizeof(Descriptor) != 0) return Err{QueueError::IndirectLength};
    const auto table = memory_.bytes(GuestAddress{descriptor.address}, size);
    if (!table) return Err{QueueError::IndirectOutside};
    const auto nested = KOS_TRY(follow(table.value(), 0, QueueError::Next));
    if (nested) return Err{QueueError::IndirectNested};
    return {};
}

Result<void, QueueError> ChainWalk::add(const Descriptor& descriptor) {
    const bool writable = (descriptor.flags & descriptor_write) != 0;
    if (!writable && chain_.writable_size_ != 0) return Err{QueueError::Order};
    std::uint64_t& total = writable ? chain_.writable_size_ : chain_.readable_size_;
    std::uint64_t left = descriptor.length;
    if (left == 0) return Err{QueueError::Empty};
    total += left;
    if (total > std::numeric_limits<std::uint32_t>::max()) return Err{QueueError::Total};

    std::uint64_t address = descriptor.address;
    while (left != 0) {
        const auto part = memory_.part(GuestAddress{address}, left);
        if (!part) return Err{QueueError::Buffer};
        if (!chain_.parts_.push_back(part.value())) return Err{QueueError::Parts};
        if (!writable) ++chain_.readable_parts_;
        address += part.value().size();
        left -= part.value().size();
    }
    return {};
}

}  // namespace kos::virtio
