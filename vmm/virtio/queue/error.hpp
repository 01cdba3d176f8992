// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a driver can do wrong with a virtqueue.
#pragma once

#include <cstdint>
#include <string_view>

namespace kos::virtio {

enum class QueueError : std::uint8_t {
    Size,             ///< the queue's size is no power of two, or above what the device offers
    Alignment,        ///< a ring is not aligned as section 2.7 asks
    Ring,             ///< a ring is not wholly in the guest's memory
    AvailableIndex,   ///< the available index ran ahead by more than the queue's size
    Head,             ///< a chain starts outside of the descriptor table
    Next,             ///< a chain goes on outside of its table
    Loop,             ///< a chain has more descriptors than its table
    Buffer,           ///< a buffer is not wholly in the guest's memory
    Empty,            ///< a buffer of no bytes, or a chain without any buffer
    Order,            ///< a readable descriptor behind a writable one
    Indirect,         ///< an indirect descriptor without the feature, or with the flag NEXT
    IndirectLength,   ///< an indirect table of no entries, or with a part of one
    IndirectNested,   ///< an indirect descriptor within an indirect table
    IndirectOutside,  ///< an indirect table outside of the guest's memory
    Parts,            ///< more buffers than the device takes in one chain
    Total,            ///< one direction's buffers together are 4 GiB or more
};

[[nodiscard]] std::string_view describe(QueueError error);

}  // namespace kos::virtio
