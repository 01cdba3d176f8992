// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A request to a disk, taken from its chain (VIRTIO 1.2, section 5.2.6):
//
//   readable: | header (16) | data of a write, ranges |      writable: | data of a read | status
//   (1) |
#pragma once

#include "lib/base/result.hpp"
#include "vmm/virtio/blk/layout.hpp"
#include "vmm/virtio/device/driver_error.hpp"
#include "vmm/virtio/queue/chain.hpp"

namespace kos::virtio {

struct BlockRequest {
    BlockOperation operation;
    std::uint64_t sector = 0;
    ReadableBuffers source;  ///< behind the header
    WritableBuffers target;  ///< before the status
    WritableBuffers status;  ///< one byte

    /// The operation may be one that does not exist; the sector any number.
    [[nodiscard]] static Result<BlockRequest, RequestError> create(const Chain& chain);
};

}  // namespace kos::virtio
