// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is at the other end of a console's ports.
#pragma once

#include "lib/base/bytes.hpp"

namespace kos::virtio {

class ConsoleHost {
   public:
    /// Bytes that the guest wrote; they may change while they are read. All are taken.
    virtual void output(unsigned port, Bytes bytes) = 0;
    /// The guest has room again for bytes that `Console::input` did not take.
    virtual void input_ready(unsigned /*port*/) {}
    /// The guest began or ceased to listen.
    virtual void opened(unsigned /*port*/, bool /*open*/) {}

   protected:
    ~ConsoleHost() = default;
};

}  // namespace kos::virtio
