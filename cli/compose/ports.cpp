// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A service's ports: of this machine, and of the service.
#include "cli/compose/field.hpp"
#include "cli/compose/service_parts.hpp"

#include <arpa/inet.h>

namespace kos::compose {

namespace {

Outcome<std::uint16_t> read_port_number(const Value& value) {
    return static_cast<std::uint16_t>(KOS_TRY(read_number(value, 1, 65535)));
}

/// `8080`, or `8080-8090`.
Outcome<Port::Range> read_port_range(const Value& value) {
    const std::size_t dash = value.text.find('-');
    if (!value.is_scalar() || dash == std::string::npos) {
        const std::uint16_t one = KOS_TRY(read_port_number(value));
        return Port::Range{one, one};
    }
    Value first = value, last = value;
    first.text = value.text.substr(0, dash);
    last.text = value.text.substr(dash + 1);
    const Port::Range range{KOS_TRY(read_port_number(first)), KOS_TRY(read_port_number(last))};
    if (range.first <= range.last) return range;
    return refuse_value(value, "the range ends before it begins");
}

Outcome<std::string> read_address(const Value& value) {
    const std::string text = KOS_TRY(read_text(value));
    in6_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
        ::inet_pton(AF_INET6, text.c_str(), &address) == 1) {
        return text;
    }
    return refuse_value(value, "it should be an IPv4 or IPv6 address of this machine");
}

Outcome<Port> read_port(const Value& value) {
    static constexpr Named<std::string_view> protocols[] = {{"tcp", "tcp"}};
    static constexpr Named<std::string_view> modes[] = {{"host", "host"}, {"ingress", "ingress"}};
    KOS_TRY(check_keys(
        value, "a port",
        Names{"target", "published", "host_ip", "protocol", "name", "app_protocol", "mode"}));
    Port port{.position = value.position};
    port.target = KOS_TRY(read_port_number(*KOS_TRY(required(value, "target"))));
    KOS_TRY(optionally(value, "published", port.published, read_port_range));
    KOS_TRY(optionally(value, "host_ip", port.host_ip, read_address));
    KOS_TRY(optionally(value, "name", port.name, read_text));
    KOS_TRY(optionally(value, "app_protocol", port.app_protocol, read_text));
    KOS_TRY(optionally(value, "mode", port.mode,
                       [](const Value& word) { return read_choice(word, modes); }));
    if (const Value* protocol = value.find("protocol"); protocol && protocol->text == "udp") {
        return fail(ErrorCode::ComposeUnsupported, to_string(protocol->position),
                    "udp: services are reached by streams");
    }
    KOS_TRY(optionally(value, "protocol", port.protocol,
                       [](const Value& word) { return read_choice(word, protocols); }));
    return port;
}

}  // namespace

Outcome<std::vector<Port>> read_ports(const Value& value) {
    KOS_TRY(expect_list(value, "ports"));
    std::vector<Port> ports;
    for (const Value& item : value.items) ports.push_back(KOS_TRY(read_port(item)));
    return ports;
}

}  // namespace kos::compose
