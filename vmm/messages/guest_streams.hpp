// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's vsock streams to the host, as MessageBridge has them: on seL4 those of the VMM's own
// device, in the simulator those that the machine tells of.
#pragma once

#include <cstdint>

namespace kos::vmm {

/// Names a stream from MessageBridge::requested() until closed(), or abort().
using StreamNumber = std::uint32_t;

/// What the bridge asks for. MessageBridge::send() and closed() may be called from within.
class GuestStreams {
   public:
    /// It is open from now on; the guest may send \p window bytes beyond those consumed.
    virtual void accept(StreamNumber stream, std::uint32_t window) = 0;
    /// Ends at once; closed() is not called.
    virtual void abort(StreamNumber stream) = 0;
    /// There are bytes for the guest: MessageBridge::send() is to be called until it has none.
    virtual void wake(StreamNumber stream) = 0;
    /// \p bytes of those received are dealt with.
    virtual void consumed(StreamNumber stream, std::uint32_t bytes) = 0;
    /// Behind what send() still gives, nothing comes.
    virtual void finish(StreamNumber stream) = 0;
    /// Behind what send() still gives, both directions end; closed() is called then.
    virtual void close(StreamNumber stream) = 0;

   protected:
    ~GuestStreams() = default;
};

}  // namespace kos::vmm
