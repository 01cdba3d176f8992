// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/container_config.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kos::pack {
namespace {

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
    const auto seccomp = must(seccomp_of(profile, "profile"), "it is one");
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
        EXPECT_EQ(seccomp_of(text, "profile").error().code, ErrorCode::File) << text;
    }
}

}  // namespace
}  // namespace kos::pack
