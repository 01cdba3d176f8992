// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/networks.hpp"

#include "cli/fixture/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::pack {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

NetworkedApp app(const std::string& name, std::vector<Membership> networks) {
    return {.name = name, .publishes = {}, .networks = std::move(networks), .aliases = {}};
}

NetworkedApp microvm(const std::string& name, std::vector<Membership> networks) {
    NetworkedApp result = app(name, std::move(networks));
    result.is_microvm = true;
    return result;
}

const std::vector<NetworkSource> two_networks{{"front", "kos", ""}, {"back", "Poukai", "msg0"}};

TEST(NetworkPlanTest, AppsGetAddressesAndNamesOnTheirNetworksOnly) {
    const auto plan = plan_networks(two_networks, {app("web", {{"front"}, {"back", {"site"}}}),
                                                   app("db", {{"back"}}), app("alone", {})});
    ASSERT_TRUE(plan.ok());
    ASSERT_EQ(plan->servers.size(), 2u);
    EXPECT_EQ(plan->servers[1].name, "Poukai");
    EXPECT_EQ(plan->servers[1].members[0].app, 2u) << "behind the servers";
    EXPECT_EQ(plan->servers[1].members[1].addresses[0].ipv4, 0x0a590103u);
    EXPECT_EQ(plan->servers[1].members[1].sockets[0].name, "msg0");
    EXPECT_EQ(plan->servers[1].members[1].sockets[0].networks, 2u);
    EXPECT_TRUE(plan->servers[0].members[0].sockets.empty());
    EXPECT_EQ(plan->apps[0].memberships.size(), 2u);
    EXPECT_THAT(plan->apps[1].hosts, HasSubstr("10.89.1.2\tweb site\n"));
    EXPECT_THAT(plan->apps[1].hosts, Not(HasSubstr("10.89.0.2")));
    EXPECT_THAT(plan->apps[0].hosts, HasSubstr("10.89.0.2\tweb\n"));
    EXPECT_EQ(plan->apps[2].hosts, "");
}

TEST(NetworkPlanTest, NetworksOfOneServerShareIt) {
    const auto plan = plan_networks({{"a", "S", "msg0"}, {"b", "S", "msg0"}, {"c", "S", "msg1"}},
                                    {app("x", {{"a"}, {"b"}, {"c"}})});
    ASSERT_TRUE(plan.ok());
    ASSERT_EQ(plan->servers.size(), 1u);
    const message::Member& member = plan->servers[0].members.at(0);
    EXPECT_EQ(member.addresses.size(), 3u);
    ASSERT_EQ(member.sockets.size(), 2u);
    EXPECT_EQ(member.sockets[0].networks, 3u);
    EXPECT_EQ(member.sockets[1].networks, 4u);
}

TEST(NetworkPlanTest, MicrovmsAmongThemselvesGetInterfaces) {
    const auto plan = plan_networks({{"front"}, {"back"}},
                                    {microvm("web", {{"front"}, {"back", {"site"}}}),
                                     microvm("db", {{"back"}}), microvm("alone", {})},
                                    "shop");
    ASSERT_TRUE(plan.ok());
    EXPECT_TRUE(plan->servers.empty());
    const std::vector<InterfacePlan>& web = plan->apps[0].interfaces;
    ASSERT_EQ(web.size(), 2u);
    EXPECT_EQ(web[0].network, "front");
    EXPECT_EQ(web[1].ipv4, 0x0a590102u);
    EXPECT_EQ(plan->apps[1].interfaces.at(0).ipv4, 0x0a590103u);
    EXPECT_NE(web[0].mac, web[1].mac);
    EXPECT_EQ(web[0].mac, mac_of("shop", "web", "front"));
    EXPECT_NE(web[0].mac, mac_of("other", "web", "front"));
    EXPECT_EQ(web[0].mac[0] & 3, 2) << "unicast, locally administered";
    std::vector<std::string> known;
    for (const ExtraHost& host : plan->apps[1].known) {
        known.push_back(host.name + ' ' + host.address);
    }
    EXPECT_THAT(known, ::testing::ElementsAre("web 10.89.1.2", "site 10.89.1.2", "db 10.89.1.3"));
    EXPECT_TRUE(plan->apps[2].interfaces.empty());
}

TEST(NetworkPlanTest, TwoMicrovmsOnAnEthernetHaveASwitch) {
    const auto plan = plan_networks(
        {{"lonely"}, {.name = "named", .server = "S", .socket = "", .is_named = true}, {"front"}},
        {microvm("a", {{"lonely"}, {"named"}, {"front"}}), microvm("b", {{"front"}}),
         app("native", {{"named"}})});
    ASSERT_TRUE(plan.ok());
    ASSERT_EQ(plan->servers.size(), 1u);
    ASSERT_EQ(plan->switches.size(), 1u) << "one alone needs none";
    EXPECT_EQ(plan->servers[0].members[0].app, 2u) << "behind servers and switches";
    const SwitchPlan& joint = plan->switches[0];
    EXPECT_EQ(joint.network, "front");
    ASSERT_EQ(joint.members.size(), 2u);
    EXPECT_EQ(joint.members[1].app, 3u);
    EXPECT_EQ(joint.members[1].name, "b");
    EXPECT_EQ(joint.members[0].mac, plan->apps[0].interfaces.at(1).mac);
    ASSERT_EQ(plan->apps[1].switches.size(), 1u);
    EXPECT_EQ(plan->apps[1].switches[0].server, 1u) << "as app of the image";
    EXPECT_EQ(plan->apps[1].switches[0].member, 1u);
    EXPECT_EQ(plan->apps[0].interfaces[0].port, std::nullopt);
    EXPECT_EQ(plan->apps[0].interfaces[1].port, 0u);
}

TEST(NetworkPlanTest, ANativeMemberOrAServerMakesANetworkOneOfMessages) {
    const auto plan = plan_networks(
        {{"mixed"}, {.name = "named", .server = "S", .socket = "msg0", .is_named = true}},
        {app("native", {{"mixed"}}), microvm("vm", {{"mixed"}, {"named"}})});
    ASSERT_TRUE(plan.ok());
    const AppNetworks& vm = plan->apps[1];
    EXPECT_TRUE(vm.interfaces.empty());
    EXPECT_TRUE(vm.known.empty());
    EXPECT_EQ(vm.memberships.size(), 2u);
    EXPECT_EQ(vm.own, (std::vector<std::uint32_t>{0x0a590003, 0x0a590102}));
    EXPECT_EQ(vm.sockets, std::vector<std::string>{"msg0"});
    ASSERT_EQ(vm.services.size(), 3u);
    EXPECT_EQ(vm.services[0].name, "native");
    EXPECT_EQ(vm.services[0].address, "10.89.0.2");
}

TEST(NetworkPlanTest, WhoHasNoNameIsKnownByItsAddress) {
    const auto plan = plan_networks({{.name = "ports", .is_named = true, .is_unnamed = true}},
                                    {app("gateway", {{"ports"}}), microvm("vm", {{"ports"}})});
    ASSERT_TRUE(plan.ok());
    const AppNetworks& vm = plan->apps[1];
    EXPECT_EQ(vm.own, std::vector<std::uint32_t>{0x0a590003});
    EXPECT_EQ(vm.unnamed, std::vector<std::uint32_t>{0x0a590002});
    EXPECT_TRUE(vm.services.empty());
}

TEST(NetworkPlanTest, TheWayToTheHostsNetworkIsTheLastInterface) {
    NetworkedApp vm = microvm("vm", {{"front"}});
    vm.has_uplink = true;
    const auto plan = plan_networks({{"front"}}, {vm}, "shop");
    ASSERT_TRUE(plan.ok());
    const std::vector<InterfacePlan>& interfaces = plan->apps[0].interfaces;
    ASSERT_EQ(interfaces.size(), 2u);
    EXPECT_EQ(interfaces[1].network, "@uplink");
    EXPECT_EQ(interfaces[1].ipv4, 0u);
}

TEST(NetworkPlanTest, WhatDoesNotFitIsRefusedByName) {
    const auto missing = plan_networks({}, {app("web", {{"nowhere"}})});
    EXPECT_THAT(fixture::message_of(missing), HasSubstr("nowhere"));
    const std::vector<NetworkSource> many(65, {"n", "S", ""});
    EXPECT_THAT(fixture::message_of(plan_networks(many, {})), HasSubstr("65"));
    const auto socket = plan_networks({{"n", "S", std::string(25, 's')}}, {});
    EXPECT_THAT(fixture::message_of(socket), HasSubstr("longer than 24"));
    std::vector<NetworkSource> eight;
    std::vector<Membership> on_all;
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        eight.push_back({name, name});
        on_all.push_back({name});
    }
    EXPECT_THAT(fixture::message_of(plan_networks(eight, {app("x", on_all)})),
                HasSubstr("more than 7 message servers and networks"));
    EXPECT_THAT(
        fixture::message_of(plan_networks(eight, {microvm("x", on_all), microvm("y", on_all)})),
        HasSubstr("more than 7 message servers and networks"));
    EXPECT_THAT(fixture::message_of(plan_networks(
                    {{"front"}}, std::vector<NetworkedApp>(65, microvm("x", {{"front"}})))),
                HasSubstr("more than 64 microVMs"));
    const std::vector<NetworkedApp> crowd(254, app("x", {{"front"}}));
    EXPECT_FALSE(plan_networks(two_networks, crowd).ok());
}

}  // namespace
}  // namespace kos::pack
