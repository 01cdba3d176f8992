// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/blk/request.hpp"

namespace kos::virtio {

Result<BlockRequest, RequestError> BlockRequest::create(const Chain& chain) {
    ReadableBuffers source = chain.readable();
    WritableBuffers target = chain.writable();
    const auto header = source.read<BlockHeader>();
    if (!header) return Err{RequestError::Header};
    if (target.empty()) return Err{RequestError::Answer};
    WritableBuffers status = target;
    target = status.take(target.size() - 1);
    return BlockRequest{static_cast<BlockOperation>(std::uint32_t{header->type}), header->sector,
                        source, target, status};
}

}  // namespace kos::virtio
