// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/network/kernel_switch.hpp"

#include "lib/message/layout.hpp"
#include "lib/sel4/syscall.hpp"

namespace kos::vmm {

std::byte* KernelSwitch::area() const {
    return sel4::vspace_pointer(message::app_area(membership_).value());
}

bool KernelSwitch::call(ethernet::Call call) {
    const sel4::Message answer =
        sel4::call(message::server_endpoint(membership_),
                   {sel4::MessageInfo{static_cast<sel4::Word>(call), 0, 0}, {}});
    return answer.info.label() == 0;
}

}  // namespace kos::vmm
