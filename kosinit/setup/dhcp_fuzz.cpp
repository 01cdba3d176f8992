// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any packet as a DHCP answer: what is taken has an address, or is a refusal.

#include "kosinit/setup/dhcp.hpp"

#include "lib/base/panic.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos::init;
    const auto answer = parse_dhcp(std::as_bytes(std::span{data, size}), 0x6b6f7331,
                                   {0x02, 0x6b, 0x6f, 0x73, 0x00, 0x02});
    if (answer && answer->type != DhcpType::Nak && (answer->address == 0 || answer->prefix == 0)) {
        kos::panic("a lease without an address");
    }
    return 0;
}
