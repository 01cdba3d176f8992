// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/queue/error.hpp"

namespace kos::virtio {

std::string_view describe(QueueError error) {
    switch (error) {
        case QueueError::Size:
            return "the queue's size is not possible";
        case QueueError::Alignment:
            return "a ring is not aligned";
        case QueueError::Ring:
            return "a ring is outside of the guest's memory";
        case QueueError::AvailableIndex:
            return "the available index ran ahead of the queue";
        case QueueError::Head:
            return "a chain starts outside of the descriptor table";
        case QueueError::Next:
            return "a chain goes on outside of its table";
        case QueueError::Loop:
            return "a chain has more descriptors than its table";
        case QueueError::Buffer:
            return "a buffer is outside of the guest's memory";
        case QueueError::Empty:
            return "a buffer has no bytes";
        case QueueError::Order:
            return "a readable descriptor follows a writable one";
        case QueueError::Indirect:
            return "an indirect descriptor is not allowed here";
        case QueueError::IndirectLength:
            return "an indirect table has no whole number of entries";
        case QueueError::IndirectNested:
            return "an indirect table refers to another one";
        case QueueError::IndirectOutside:
            return "an indirect table is outside of the guest's memory";
        case QueueError::Parts:
            return "a chain has more buffers than the device takes";
        case QueueError::Total:
            return "a chain's buffers have 4 GiB or more";
    }
    return "unknown error";
}

}  // namespace kos::virtio
