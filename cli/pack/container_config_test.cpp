// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/container_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kos::pack {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

Process hello() {
    Process process;
    process.arguments = {"/hello", "world"};
    process.environment = {"A=1"};
    process.working_directory = "/tmp";
    process.user = {1000, 100};
    return process;
}

TEST(ContainerConfigTest, TheProcessIsTheImagesOwn) {
    const auto config = container_config(hello(), "name", std::nullopt);
    const auto& process = config.at("process");
    EXPECT_EQ(process.at("args").dump(), R"(["/hello","world"])");
    EXPECT_EQ(process.at("env").dump(), R"(["A=1"])");
    EXPECT_EQ(process.at("cwd"), "/tmp");
    EXPECT_EQ(process.at("user").dump(), R"({"uid":1000,"gid":100})");
    EXPECT_EQ(config.at("hostname"), "name");
    EXPECT_FALSE(config.at("linux").contains("seccomp"));
}

TEST(ContainerConfigTest, TheStopSignalReachesKosinit) {
    EXPECT_EQ(guest_config("name", "SIGINT").dump(),
              R"({"version":1,"hostname":"name","stop_signal":"SIGINT"})");
    EXPECT_EQ(guest_config("name", "").dump(), R"({"version":1,"hostname":"name"})");
}

TEST(ContainerConfigTest, CapabilitiesAreAddedAndDropped) {
    EXPECT_EQ(capabilities_of({}).size(), 14u);
    EXPECT_THAT(capabilities_of({.added_capabilities = {"CAP_KILL", "CAP_SYS_TIME"},
                                 .dropped_capabilities = {"ALL"}}),
                ElementsAre("CAP_KILL", "CAP_SYS_TIME"));
    EXPECT_THAT(capabilities_of({.dropped_capabilities = {"ALL"}}), IsEmpty());
    const auto most =
        capabilities_of({.added_capabilities = {"ALL"}, .dropped_capabilities = {"CAP_SYS_ADMIN"}});
    EXPECT_EQ(most.size(), 40u);
    EXPECT_THAT(most, Not(Contains("CAP_SYS_ADMIN")));
    EXPECT_EQ(capabilities_of({.added_capabilities = {"ALL", "CAP_SYS_ADMIN"},
                               .dropped_capabilities = {"CAP_SYS_ADMIN"}}),
              most);
    EXPECT_EQ(capabilities_of({.dropped_capabilities = {"CAP_KILL"}}).size(), 13u);
    EXPECT_EQ(capabilities_of({.dropped_capabilities = {"CAP_KILL"}, .privileged = true}).size(),
              41u);
    const auto config =
        container_config(hello(), "name", std::nullopt,
                         {.added_capabilities = {"CAP_KILL"}, .dropped_capabilities = {"ALL"}});
    EXPECT_EQ(config.at("process").at("capabilities").at("bounding").dump(), R"(["CAP_KILL"])");
}

TEST(ContainerConfigTest, WhatIsAskedOfTheContainerIsAdded) {
    ContainerOptions options{.init = true};
    options.limits = {{"RLIMIT_CORE", 5, ResourceLimit::none}};
    options.sysctls = {{"net.ipv4.ip_forward", "1"}};
    options.tmpfs = {
        {.path = "/run", .read_only = true, .size = 4096, .mode = 0700, .user = 5, .group = 6}};
    options.devices = {{.path = "/dev/log", .major = 1, .minor = 11, .access = "r"}};
    const auto config = container_config(hello(), "name", std::nullopt, options);
    const auto& process = config.at("process");
    EXPECT_EQ(process.at("args").dump(), R"(["/sbin/kos-init","/hello","world"])");
    EXPECT_EQ(process.at("rlimits").dump(),
              R"([{"type":"RLIMIT_CORE","soft":5,"hard":18446744073709551615}])");
    const auto& mounts = config.at("mounts");
    EXPECT_EQ(mounts.back().at("options").dump(),
              R"(["noexec","nosuid","nodev","mode=700","uid=5","gid=6","size=4096","ro"])");
    EXPECT_EQ(mounts.at(mounts.size() - 2).at("source"), "/bin/kosinit");
    const auto& part = config.at("linux");
    EXPECT_EQ(part.at("sysctl").dump(), R"({"net.ipv4.ip_forward":"1"})");
    EXPECT_EQ(part.at("namespaces").back().dump(), R"({"type":"network","path":"/proc/1/ns/net"})");
    EXPECT_EQ(part.at("devices").dump(),
              R"([{"path":"/dev/log","type":"c","major":1,"minor":11,"fileMode":438}])");
    EXPECT_EQ(part.at("resources").at("devices").back().dump(),
              R"({"allow":true,"type":"c","major":1,"minor":11,"access":"r"})");
}

TEST(ContainerConfigTest, KosinitMountsVolumesForTheContainer) {
    const std::vector<VolumeMount> volumes{{"v-1", "/data", false}, {"v-1", "/same", true}};
    EXPECT_EQ(guest_config("name", "", {}, {.volumes = volumes}).dump(),
              R"({"version":1,"hostname":"name","volumes":["v-1"]})");
    const auto config = container_config(hello(), "name", std::nullopt, {.volumes = volumes});
    EXPECT_EQ(config.at("mounts").back().dump(),
              R"({"destination":"/same","type":"bind","source":"/run/volumes/v-1",)"
              R"("options":["bind","rprivate","ro"]})");
}

TEST(ContainerConfigTest, KosinitHasASocketForEachOfItsMessageServersSockets) {
    const AppNetworks networks{.sockets = {"msg0", "more"}};
    EXPECT_EQ(guest_config("name", "", {}, {}, networks).at("messages").dump(),
              R"([{"socket":"msg0","port":1000},{"socket":"more","port":1002}])");
    const auto config = container_config(hello(), "name", std::nullopt, {}, networks);
    EXPECT_EQ(config.at("mounts").back().dump(),
              R"({"destination":"/var/run/more.sock","type":"bind",)"
              R"("source":"/run/kos/more.sock","options":["bind","rprivate"]})");
}

TEST(ContainerConfigTest, KosinitLearnsTheServicesOfItsNetworks) {
    const AppNetworks networks{.services = {{"server", "10.89.0.2"}, {"me", "10.89.0.3"}},
                               .unnamed = {0x0a590102},
                               .own = {0x0a590003}};
    EXPECT_EQ(guest_config("name", "", {}, {}, networks).at("services").dump(),
              R"({"own":["10.89.0.3"],"names":[{"name":"server","address":"10.89.0.2"},)"
              R"({"name":"me","address":"10.89.0.3"}],"unnamed":["10.89.1.2"],"port":1000})");
}

TEST(ContainerConfigTest, KosinitRunsTheHealthTest) {
    EXPECT_EQ(service_config({.command = {"/try", "it"}, .interval = 5, .patience = 7}).dump(),
              R"({"version":1,"ready":{"command":["/try","it"],"interval_ms":5,"timeout_ms":7}})");
}

TEST(ContainerConfigTest, APrivilegedContainerHasNothingHidden) {
    const auto config =
        container_config(hello(), "name", std::nullopt, {.privileged = true}).at("linux");
    EXPECT_EQ(config.at("resources").at("devices").dump(), R"([{"allow":true,"access":"rwm"}])");
    EXPECT_FALSE(config.contains("maskedPaths") || config.contains("readonlyPaths"));
}

TEST(SeccompTest, ConditionsAreDecidedForDockersCapabilitiesOnArm64) {
    const std::string profile = R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
        "syscalls": [
            {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": null},
            {"names": ["chroot"], "action": "SCMP_ACT_ALLOW",
             "includes": {"caps": ["CAP_SYS_CHROOT"]}},
            {"names": ["chroot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
             "excludes": {"caps": ["CAP_SYS_CHROOT"]}},
            {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
             "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64"]}},
            {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}
        ]})";
    const auto seccomp = must(seccomp_of(profile, "profile", capabilities_of({})), "it is one");
    EXPECT_EQ(seccomp.at("defaultErrnoRet"), 38);
    std::string rules;
    for (const auto& rule : seccomp.at("syscalls")) {
        rules += rule.at("names").dump() + " " + rule.at("action").get<std::string>() + "\n";
    }
    EXPECT_EQ(rules,
              "[\"read\"] SCMP_ACT_ALLOW\n[\"chroot\"] SCMP_ACT_ALLOW\n[\"bpf\"] SCMP_ACT_ERRNO\n"
              "[\"personality\"] SCMP_ACT_ALLOW\n");
    EXPECT_FALSE(seccomp.at("syscalls").front().contains("args"));
    EXPECT_TRUE(seccomp.at("syscalls").back().contains("args"));
}

TEST(SeccompTest, WhatIsNoProfileIsRefused) {
    for (const char* text : {"", "[]", "{}", R"({"defaultAction": "x", "syscalls": [{}]})"}) {
        EXPECT_EQ(seccomp_of(text, "profile", {}).error().code, ErrorCode::File) << text;
    }
}

}  // namespace
}  // namespace kos::pack
