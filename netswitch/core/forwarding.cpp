// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/core/forwarding.hpp"

#include <bit>

namespace kos::netswitch {

std::optional<unsigned> Forwarding::join(const std::optional<MacAddress>& address) {
    if (address && (is_group(*address) || member_with(*address))) return std::nullopt;
    const auto port = static_cast<unsigned>(std::countr_one(ports()));
    if (port == max_ports) return std::nullopt;
    if (address) {
        addresses_[port] = *address;
        members_ |= only(port);
    } else {
        trunks_ |= only(port);
    }
    return port;
}

void Forwarding::leave(unsigned port) {
    members_ &= ~only(port);
    trunks_ &= ~only(port);
    learned_.forget(port);
}

std::optional<unsigned> Forwarding::member_with(const MacAddress& address) const {
    for (PortSet rest = members_; rest != 0; rest &= rest - 1) {
        const auto port = static_cast<unsigned>(std::countr_zero(rest));
        if (addresses_[port] == address) return port;
    }
    return std::nullopt;
}

Verdict Forwarding::decide(unsigned port, Bytes frame, std::uint64_t now) {
    const auto header = read_at<FrameHeader>(frame, 0);
    if (!header) return {0, Drop::Short};
    if ((members_ & only(port)) != 0) {
        if (header->source != addresses_[port]) return {0, Drop::Spoofed};
    } else {
        if (is_group(header->source) || member_with(header->source)) return {0, Drop::Spoofed};
        learned_.learn(header->source, port, now);
    }
    const MacAddress& destination = header->destination;
    if (is_reserved(destination)) return {0, Drop::Reserved};
    const PortSet others = ports() & ~only(port);
    if (is_group(destination)) return {others, Drop::None};
    PortSet to = trunks_ & others;
    if (const auto member = member_with(destination)) {
        to = only(*member) & others;
    } else if (const auto trunk = learned_.find(destination, now)) {
        to = only(*trunk) & others;
    }
    return {to, to == 0 ? Drop::Unknown : Drop::None};
}

}  // namespace kos::netswitch
