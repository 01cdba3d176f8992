// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/dhcp.hpp"
#include "kosinit/setup/disks.hpp"
#include "kosinit/setup/guest_config.hpp"
#include "kosinit/setup/modules.hpp"
#include "kosinit/setup/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::init {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(std::string_view text) {
    const auto config = parse_guest_config(text, "guest.json");
    return config ? "" : line_of(config.error());
}

TEST(GuestConfigTest, DefaultsHoldWhereNothingIsSaid) {
    const auto config = parse_guest_config(R"({"version": 1})", "guest.json");
    ASSERT_TRUE(config.ok());
    EXPECT_EQ(config->hostname, "kos");
    EXPECT_EQ(config->shutdown_ms, 10'000u);
    EXPECT_EQ(config->stop_signal, 15);
    EXPECT_TRUE(config->power_off_when_done);
}

TEST(GuestConfigTest, EveryKeyIsRead) {
    const auto config = parse_guest_config(
        R"({"version": 1, "hostname": "web", "stop_signal": "SIGINT", "shutdown_ms": 5,
            "interfaces": [{"name": "eth0", "mac": "02:6b:6f:73:00:02", "mtu": 1400,
                            "address": "10.0.2.15/24", "gateway": "10.0.2.2"},
                           {"name": "eth1", "address": "dhcp"}],
            "dns": {"servers": ["10.0.2.3"], "search": ["lan"]},
            "hosts": [{"address": "10.0.2.9", "names": ["db", "db.lan"]}],
            "messages": [{"socket": "msg0"}, {"socket": "other", "port": 1005}],
            "services": {"own": ["10.1.0.3"], "port": 1002, "unnamed": ["10.1.1.2"],
                         "names": [{"name": "server", "address": "10.1.0.2"}]},
            "volumes": ["v-1"], "log_ring_bytes": 8192, "readonly": true, "writable_bytes": 1048576, "stdin": true,
            "console_logs": true, "when_done": "stay", "report_ms": 1})",
        "guest.json");
    ASSERT_TRUE(config.ok()) << line_of(config.error());
    EXPECT_EQ(to_text(config->interfaces[0].address), "10.0.2.15");
    EXPECT_EQ(config->interfaces[0].prefix, 24u);
    EXPECT_EQ(config->interfaces[0].mac->back(), 2);
    EXPECT_TRUE(config->interfaces[1].dhcp);
    EXPECT_EQ(config->messages[0].port, 1000u);
    EXPECT_EQ(config->messages[1].port, 1005u);
    ASSERT_TRUE(config->services);
    EXPECT_EQ(config->services->own, std::vector<Ipv4Address>{0x0a010003});
    EXPECT_EQ(config->services->unnamed, std::vector<Ipv4Address>{0x0a010102});
    EXPECT_EQ(config->services->port, 1002u);
    EXPECT_EQ(config->stop_signal, 2);
    EXPECT_EQ(config->volumes, std::vector<std::string>{"v-1"});
    EXPECT_EQ(hosts_file(*config, config->interfaces[0].address),
              "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
              "10.0.2.15\tweb\n10.1.0.2\tserver\n10.0.2.9\tdb db.lan\n");
    EXPECT_EQ(resolver_file(*config, {0x0a000204}),
              "search lan\nnameserver 10.0.2.3\nnameserver 10.0.2.4\n");
}

TEST(GuestConfigTest, WhatIsWrongIsNamed) {
    EXPECT_THAT(refusal(R"({"version": 1, "hostnam": "web"})"), HasSubstr("\"hostnam\""));
    EXPECT_THAT(refusal(R"({})"), HasSubstr("version"));
    EXPECT_THAT(refusal(R"({"version": 2})"), HasSubstr("must be 1"));
    EXPECT_THAT(refusal(R"({"version": 1, "shutdown_ms": 3600001})"), HasSubstr("shutdown_ms"));
    EXPECT_THAT(refusal(R"({"version": 1, "messages": [{"socket": "../x"}]})"),
                HasSubstr("/messages/0"));
    EXPECT_THAT(
        refusal(R"({"version": 1, "interfaces": [{"name": "eth0", "address": "10.0.0.1"}]})"),
        HasSubstr("/interfaces/0"));
    EXPECT_THAT(refusal(R"({"version": 1, "interfaces": [{"name": "eth0", "mac": "02:6b"}]})"),
                HasSubstr("\"mac\""));
    EXPECT_THAT(refusal(R"({"version": 1, "hosts": [{"address": "1.2.3.4", "names": ["a b"]}]})"),
                HasSubstr("/hosts/0"));
    EXPECT_THAT(refusal(R"({"version": 1, "services": {"own": []}})"), HasSubstr("/services"));
    EXPECT_THAT(refusal(R"({"version": 1, "services": {"own": ["127.0.0.1"]}})"),
                HasSubstr("/services"));
    EXPECT_THAT(refusal(R"({"version": 1, "services": {"own": ["10.1.0.3"],
                                                       "names": [{"name": "a"}]}})"),
                HasSubstr("/services/names/0"));
    EXPECT_THAT(refusal(R"({"version": 1, "when_done": "explode"})"), HasSubstr("when_done"));
    EXPECT_THAT(refusal("{"), HasSubstr("KOS-E-GUEST-CONFIG"));
    EXPECT_THAT(refusal("[]"), HasSubstr("object"));
}

TEST(ModulesTest, WhatAModuleNeedsComesBeforeIt) {
    const auto order = order_modules(
        "kernel/c.ko: kernel/b.ko kernel/a.ko\nkernel/b.ko: "
        "kernel/a.ko\n# made by depmod\n\nkernel/a.ko:\n");
    ASSERT_TRUE(order.ok());
    EXPECT_THAT(*order, ElementsAre("kernel/a.ko", "kernel/b.ko", "kernel/c.ko"));
}

TEST(ModulesTest, ACycleIsAnError) {
    const auto order = order_modules("a.ko: b.ko\nb.ko: a.ko\n");
    ASSERT_FALSE(order.ok());
    EXPECT_EQ(order.error().code, ErrorCode::GuestModule);
}

TEST(ModulesTest, ALineWithoutAColonIsAnError) {
    EXPECT_FALSE(order_modules("a.ko b.ko\n").ok());
    EXPECT_FALSE(order_modules(":\n").ok());
}

TEST(DisksTest, WhereThereIsNoFolderThereIsNoDisk) {
    EXPECT_FALSE(find_disk("linux1", "/does/not/exist"));
}

constexpr MacAddress own_mac{0x02, 0x6b, 0x6f, 0x73, 0x00, 0x02};

/// An answer of a server, with these options.
std::string answer_with(const std::string& options) {
    std::string packet = encode(DhcpRequest{.transaction = 7, .mac = own_mac}).substr(0, 240);
    packet[0] = 2;
    packet.replace(16, 4, "\x0a\x00\x02\x0f", 4);
    return packet + options;
}

TEST(DhcpTest, ALeaseIsRead) {
    using namespace std::string_literals;
    const auto answer =
        parse_dhcp(as_bytes(answer_with("\x35\x01\x05\x01\x04\xff\xff\xff\x00\x03\x04\x0a\x00\x02"
                                        "\x02\x06\x08\x0a\x00\x02\x03\x0a\x00\x02\x04\xff"s)),
                   7, own_mac);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->type, DhcpType::Ack);
    EXPECT_EQ(to_text(answer->address), "10.0.2.15");
    EXPECT_EQ(answer->prefix, 24u);
    EXPECT_EQ(to_text(*answer->gateway), "10.0.2.2");
    EXPECT_EQ(answer->dns_servers.size(), 2u);
}

TEST(DhcpTest, WhatIsNotForUsOrCutShortIsIgnored) {
    using namespace std::string_literals;
    const std::string good = answer_with("\x35\x01\x05\xff"s);
    EXPECT_TRUE(parse_dhcp(as_bytes(good), 7, own_mac));
    EXPECT_FALSE(parse_dhcp(as_bytes(good), 8, own_mac));
    EXPECT_FALSE(parse_dhcp(as_bytes(good), 7, MacAddress{}));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(parse_dhcp(as_bytes(good).first(size), 7, own_mac)) << size;
    }
    EXPECT_FALSE(parse_dhcp(as_bytes(answer_with("\x35\x09\x05\xff"s)), 7, own_mac));
}

}  // namespace
}  // namespace kos::init
