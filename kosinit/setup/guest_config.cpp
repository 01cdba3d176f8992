// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/guest_config.hpp"

#include "kosinit/setup/json.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <net/if.h>
#include <tuple>

namespace kos::init {

std::optional<Ipv4Address> parse_address(const std::string& text) {
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
    return ntohl(address.s_addr);
}

std::string to_text(Ipv4Address address) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string((address >> shift) & 0xff);
        if (shift != 0) text += '.';
    }
    return text;
}

namespace {

using oci::Field;

std::optional<MacAddress> parse_mac(std::string_view text) {
    MacAddress mac{};
    if (text.size() != 17) return std::nullopt;
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const char* begin = text.data() + i * 3;
        const auto [end, error] = std::from_chars(begin, begin + 2, mac[i], 16);
        if (error != std::errc{} || end != begin + 2) return std::nullopt;
        if (i + 1 < mac.size() && *end != ':') return std::nullopt;
    }
    return mac;
}

oci::Result<void> parse_network(const Field& field, const std::string& text, InterfaceConfig& out) {
    if (text == "dhcp") {
        out.dhcp = true;
        return {};
    }
    const std::size_t slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    unsigned prefix = 0;
    const char* const end = text.data() + text.size();
    if (address && slash != std::string::npos) {
        const auto parsed = std::from_chars(text.data() + slash + 1, end, prefix);
        if (parsed.ec == std::errc{} && parsed.ptr == end && prefix >= 1 && prefix <= 32) {
            out.address = *address;
            out.prefix = prefix;
            return {};
        }
    }
    return field.error(
        "\"address\" must be an IPv4 address with the bits of its network, such as "
        "10.0.2.15/24, or dhcp; is \"" +
        text + "\"");
}

oci::Result<void> check_interface(const Field& field, const InterfaceConfig& out) {
    const bool fits = !out.name.empty() && out.name.size() < IFNAMSIZ && out.name != "." &&
                      out.name != ".." && out.name.find_first_of("/: \t\n") == std::string::npos;
    if (!fits) return field.error("\"name\" is no name of an interface");
    if (out.gateway && out.dhcp) return field.error("\"gateway\" is DHCP's to say");
    return {};
}

}  // namespace

// Found by Field through argument-dependent lookup.
static oci::Result<void> decode(const Field& field, InterfaceConfig& out) {
    KOS_TRY(only_keys(field, {"name", "mac", "address", "gateway", "mtu"}));
    std::string mac, address, gateway;
    KOS_TRY(field.required("name", out.name));
    KOS_TRY(field.optional("mac", mac));
    KOS_TRY(field.optional("address", address));
    KOS_TRY(field.optional("gateway", gateway));
    KOS_TRY(field.optional("mtu", out.mtu));
    if (out.mtu && *out.mtu < 68) return field.error("\"mtu\" must be at least 68");
    if (!mac.empty() && !(out.mac = parse_mac(mac))) {
        return field.error("\"mac\" must be six bytes such as 02:6b:6f:73:00:01");
    }
    if (!address.empty()) KOS_TRY(parse_network(field, address, out));
    if (!gateway.empty() && !(out.gateway = parse_address(gateway))) {
        return field.error("\"gateway\" is no IPv4 address");
    }
    return check_interface(field, out);
}

static bool is_word(const std::string& text) {
    return !text.empty() && text.find_first_of(" \t\r\n#") == std::string::npos;
}

static oci::Result<void> decode(const Field& field, HostEntry& out) {
    KOS_TRY(only_keys(field, {"address", "names"}));
    KOS_TRY(field.required("address", out.address));
    KOS_TRY(field.required("names", out.names));
    if (!is_word(out.address) || out.names.empty()) return field.error("is no line of /etc/hosts");
    for (const std::string& name : out.names) {
        if (!is_word(name)) return field.error("\"" + name + "\" is no name of a host");
    }
    return {};
}

static oci::Result<void> decode(const Field& field, MessageSocket& out) {
    KOS_TRY(only_keys(field, {"socket", "port"}));
    KOS_TRY(field.required("socket", out.socket));
    KOS_TRY(field.optional("port", out.port));
    const bool fits = is_word(out.socket) && out.socket.size() <= 64 &&
                      out.socket.find('/') == std::string::npos && out.socket.front() != '.';
    if (!fits) return field.error("\"socket\" is no name of a socket");
    return {};
}

/// Unicast, and not of the loopback network: that stays the guest's own.
static std::optional<Ipv4Address> service_address(const std::string& text) {
    const auto address = parse_address(text);
    const Ipv4Address first = address.value_or(0) >> 24;
    return first == 0 || first == 127 || first >= 224 ? std::nullopt : address;
}

static oci::Result<void> decode(const Field& field, ServiceName& out) {
    KOS_TRY(only_keys(field, {"name", "address"}));
    std::string address;
    KOS_TRY(field.required("name", out.name));
    KOS_TRY(field.required("address", address));
    if (!is_word(out.name)) return field.error("\"name\" is no name of a host");
    const auto parsed = service_address(address);
    if (!parsed) return field.error("\"address\" is no IPv4 address of a service");
    out.address = *parsed;
    return {};
}

static oci::Result<void> decode(const Field& field, ServiceNetwork& out) {
    KOS_TRY(only_keys(field, {"own", "names", "unnamed", "port"}));
    std::vector<std::string> own, unnamed;
    KOS_TRY(field.required("own", own));
    KOS_TRY(field.optional("unnamed", unnamed));
    for (const auto& [key, from, to] :
         {std::tuple{"own", &own, &out.own}, std::tuple{"unnamed", &unnamed, &out.unnamed}}) {
        for (const std::string& text : *from) {
            const auto parsed = service_address(text);
            if (!parsed) {
                return field.error("\"" + std::string{key} + "\": \"" + text +
                                   "\" is no address of a service");
            }
            to->push_back(*parsed);
        }
    }
    if (out.own.empty()) return field.error("\"own\" must have an address");
    KOS_TRY(field.optional("names", out.names));
    KOS_TRY(field.optional("port", out.port));
    constexpr std::size_t most_names = 4096;
    if (out.names.size() > most_names) {
        return field.error("\"names\" must be at most " + std::to_string(most_names));
    }
    return {};
}

namespace {

oci::Result<void> decode_dns(const Field& field, GuestConfig& out) {
    KOS_TRY(only_keys(field, {"servers", "search"}));
    KOS_TRY(field.optional("servers", out.dns_servers));
    KOS_TRY(field.optional("search", out.dns_search));
    for (const auto* list : {&out.dns_servers, &out.dns_search}) {
        for (const std::string& word : *list) {
            if (!is_word(word)) return field.error("\"" + word + "\" is no word of resolv.conf");
        }
    }
    return {};
}

oci::Result<void> decode_limits(const Field& field, GuestConfig& out) {
    KOS_TRY(signal_at(field, "stop_signal", out.stop_signal));
    KOS_TRY(number_in(field, "shutdown_ms", out.shutdown_ms, 0u, 3'600'000u));
    KOS_TRY(number_in<std::uint64_t>(field, "log_ring_bytes", out.log_ring_bytes, 4096, 1u << 30));
    KOS_TRY(number_in(field, "report_ms", out.report_ms, 0u, 3'600'000u));
    KOS_TRY(field.optional("writable_bytes", out.writable_bytes));
    if (out.writable_bytes && *out.writable_bytes < 65536) {
        return field.error("\"writable_bytes\" must be at least 65536");
    }
    std::string when_done = "poweroff";
    KOS_TRY(field.optional("when_done", when_done));
    if (when_done != "poweroff" && when_done != "stay") {
        return field.error("\"when_done\" must be poweroff or stay");
    }
    out.power_off_when_done = when_done == "poweroff";
    return {};
}

oci::Result<GuestConfig> decode_guest(const Field& field) {
    GuestConfig out;
    KOS_TRY(only_keys(field,
                      {"version", "hostname", "interfaces", "dns", "hosts", "messages", "services",
                       "volumes", "stop_signal", "shutdown_ms", "log_ring_bytes", "readonly",
                       "writable_bytes", "stdin", "console_logs", "when_done", "report_ms"}));
    std::uint32_t version = 0;
    KOS_TRY(field.required("version", version));
    if (version != 1) return field.error("\"version\" must be 1");
    KOS_TRY(field.optional("hostname", out.hostname));
    if (!is_word(out.hostname) || out.hostname.size() > 64) {
        return field.error("\"hostname\" is no name of a host");
    }
    KOS_TRY(field.optional("interfaces", out.interfaces));
    KOS_TRY(field.optional("hosts", out.hosts));
    KOS_TRY(field.optional("messages", out.messages));
    KOS_TRY(field.optional("services", out.services));
    KOS_TRY(field.optional("volumes", out.volumes));
    for (const std::string& serial : out.volumes) {
        if (!is_word(serial) || serial.find('/') != std::string::npos || serial.front() == '.') {
            return field.error("\"" + serial + "\" is no serial of a volume");
        }
    }
    KOS_TRY(field.optional("readonly", out.readonly));
    KOS_TRY(field.optional("stdin", out.stdin_open));
    KOS_TRY(field.optional("console_logs", out.console_logs));
    if (KOS_TRY(field.has("dns"))) {
        KOS_TRY(decode_dns(Field{field.value()["dns"], field, "dns"}, out));
    }
    KOS_TRY(decode_limits(field, out));
    return out;
}

}  // namespace

Outcome<GuestConfig> parse_guest_config(std::string_view text, std::string_view name) {
    const auto json = oci::parse_json(text, name);
    if (!json) return fail(ErrorCode::GuestConfig, "", json.error().text());
    auto config = decode_guest(Field{*json});
    if (!config) return config_error(name, config.error());
    return std::move(config).value();
}

}  // namespace kos::init
