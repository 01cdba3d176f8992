// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Whom a device tells: the way from it back to the guest.
#pragma once

#include "vmm/virtio/device/driver_error.hpp"

namespace kos::virtio {

class Transport {
   public:
    /// Used Buffer Notification: the driver wants to hear that chains of \p queue were used.
    virtual void used(unsigned queue) = 0;
    /// Configuration Change Notification.
    virtual void config_changed() = 0;
    /// The device has done its share for now: call `notified(queue)` again, after others had
    /// theirs.
    virtual void again(unsigned queue) = 0;
    /// The driver broke the rules and the device has stopped: it needs a reset. \p first is whether
    /// this is the first time, and worth a line in the log.
    virtual void failed(unsigned queue, DriverError error, bool first) = 0;

   protected:
    ~Transport() = default;
};

}  // namespace kos::virtio
