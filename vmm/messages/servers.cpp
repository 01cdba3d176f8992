// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/messages/servers.hpp"

#include "lib/message/layout.hpp"
#include "lib/sel4/syscall.hpp"

namespace kos::vmm {

std::byte* KernelMessageServers::area(std::uint32_t server) const {
    return sel4::vspace_pointer(message::app_area(server).value());
}

MessageServers::Answer KernelMessageServers::call(std::uint32_t server, message::Call call,
                                                  const std::array<std::uint64_t, 4>& words) {
    const sel4::Message answer = sel4::call(
        message::server_endpoint(server),
        {sel4::MessageInfo{static_cast<sel4::Word>(call), 0, sel4::message_registers}, words});
    return {answer.info.label(), answer.words};
}

}  // namespace kos::vmm
