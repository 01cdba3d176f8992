// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Several files, and services that extend others.
#include "cli/compose/print.hpp"
#include "cli/compose/testing/project.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(MergeTest, ALaterFileCountsMoreAndListsFollowEachOther) {
    TestProject files{R"(
services:
  a:
    image: one
    command: [first, words]
    environment: {A: "1", B: "2"}
    expose: ["80"]
    ports: ["8080:80", "8081:81"]
    volumes: ["data:/data", "./x:/x"]
    depends_on: [b]
  b: {image: b}
volumes: {data: }
)"};
    files.write("other.yaml", R"(
services:
  a:
    image: two
    command: second
    environment: [B=3, C=4]
    expose: ["81"]
    ports: ["8080:80", "9000:90"]
    volumes: ["./y:/data"]
    depends_on: {b: {condition: service_completed_successfully}}
)");
    files.options.files = {"compose.yaml", "other.yaml"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const Service& a = *project->find_service("a");
    EXPECT_EQ(a.image, "two");
    EXPECT_THAT(*a.command, ElementsAre("second"));
    EXPECT_EQ(a.environment.at("A"), "1");
    EXPECT_EQ(a.environment.at("B"), "3");
    EXPECT_EQ(a.environment.at("C"), "4");
    EXPECT_THAT(a.expose, ElementsAre("80", "81"));
    EXPECT_EQ(a.ports.size(), 3u);
    ASSERT_EQ(a.volumes.size(), 2u);
    EXPECT_EQ(a.volumes[0].source, (files.folder() / "y").string());
    ASSERT_EQ(a.depends_on.size(), 1u);
    EXPECT_EQ(a.depends_on[0].condition, Condition::CompletedSuccessfully);
}

TEST(MergeTest, OptionsOfALogDriverFollowEachOtherUnlessItIsAnother) {
    TestProject files{R"(
services:
  a: {image: i, logging: {driver: local, options: {max-size: 1m}}}
  b: {image: i, logging: {driver: local, options: {max-size: 1m}}}
)"};
    files.write("other.yaml", R"(
services:
  a: {logging: {options: {max-file: 3}}}
  b: {logging: {driver: none}}
)");
    files.options.files = {"compose.yaml", "other.yaml"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const Logging& a = project->find_service("a")->logging;
    EXPECT_EQ(a.driver, Logging::Driver::Local);
    EXPECT_EQ(a.max_size, 1'000'000u) << "docker's units, not compose's";
    EXPECT_EQ(a.max_file, 3u);
    const Logging& b = project->find_service("b")->logging;
    EXPECT_EQ(b.driver, Logging::Driver::None);
    EXPECT_FALSE(b.max_size);
}

TEST(MergeTest, TheOverrideFileBesideIsTakenUnasked) {
    TestProject files{"services: {a: {image: one}}"};
    files.write("compose.override.yaml", "services: {a: {image: two}}");
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_EQ(project->services.front().image, "two");
}

TEST(MergeTest, TagsReplaceAndTakeAway) {
    TestProject files{R"(
services: {a: {image: a, expose: ["1"], ports: ["80:80"], environment: {A: "1", B: "2"}}}
)"};
    files.write("o.yaml", R"(
services: {a: {expose: !override ["2"], ports: !reset [], environment: {A: !reset null}}}
)");
    files.options.files = {"compose.yaml", "o.yaml"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const Service& a = project->services.front();
    EXPECT_THAT(a.expose, ElementsAre("2"));
    EXPECT_TRUE(a.ports.empty());
    EXPECT_FALSE(a.environment.contains("A"));
}

TEST(MergeTest, AServiceExtendsOthersOfItsFileAndOfAnother) {
    TestProject files{R"(
services:
  a: {extends: {service: base}, command: mine}
  base: {extends: {file: common/base.yaml, service: deepest}, environment: {B: "2"}}
)"};
    files.write("common/base.yaml", R"(
services:
  deepest: {image: deep, command: theirs, environment: {A: "1"}, volumes: ["./data:/data"]}
)");
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const Service& a = *project->find_service("a");
    EXPECT_EQ(a.image, "deep");
    EXPECT_THAT(*a.command, ElementsAre("mine"));
    EXPECT_EQ(a.environment.size(), 2u);
    // A path starts where the file that has it lies.
    EXPECT_EQ(a.volumes.front().source, (files.folder() / "common/data").string());
}

TEST(MergeTest, FilesThatExtendEachOtherAreRefused) {
    TestProject files{"services: {a: {extends: {file: b.yaml, service: b}}}"};
    files.write("b.yaml", "services: {b: {extends: {file: compose.yaml, service: a}}}");
    const auto project = files.load();
    ASSERT_FALSE(project.ok());
    EXPECT_EQ(project.error().code, ErrorCode::ComposeCycle);
}

TEST(MergeTest, AnchorsAndMergeKeysWork) {
    TestProject files{R"(
x-common: &common {image: shared, environment: {A: "1"}}
services:
  a: {<<: *common, command: a}
  b: {<<: [*common], image: own}
)"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_EQ(project->find_service("a")->image, "shared");
    EXPECT_EQ(project->find_service("b")->image, "own");
    EXPECT_EQ(project->find_service("b")->environment.at("A"), "1");
}

TEST(MergeTest, WhatIsPrintedReadsAsTheSameProject) {
    TestProject files{R"(
services:
  server:
    image: kos:apps/server
    command: [server, "5050", "$$HOME"]
    environment: {A: "yes", B: , C: "1.0"}
    networks: {back-tier: {aliases: [s]}}
    healthcheck: {test: [PORT, "5050"], interval: 1s}
    restart: on-failure:3
    deploy: {resources: {limits: {memory: 64m, cpus: 0.5}}}
    volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}, "memory:/m"]
    tmpfs: ["/owned:uid=5,gid=6,mode=750,ro"]
    secrets: [{source: key, mode: 0400}]
    ulimits: {nofile: {soft: 10, hard: 20}, nproc: 5}
    x-kos-kind: native
    x-kos-priority: 120
  client: {image: kos:apps/client, depends_on: {server: {condition: service_healthy}}, networks: [back-tier]}
networks: {back-tier: {x-msg-server: Poukai.msg0}}
volumes: {memory: {driver_opts: {type: tmpfs, device: tmpfs, o: "size=1m,mode=700,uid=7"}}}
secrets: {key: {content: "a$$b"}}
)"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_EQ(project->volumes.at(0).tmpfs->user, 7u);
    ASSERT_EQ(project->find_service("server")->volumes.size(), 3u);
    for (const std::string& printed : {to_yaml(*project), to_json(*project).dump()}) {
        TestProject again{printed};
        const auto read = again.load();
        ASSERT_TRUE(read.ok()) << to_string(read.error()) << printed;
        EXPECT_EQ(to_json(*read), to_json(*project)) << printed;
    }
}

}  // namespace
}  // namespace kos::compose
