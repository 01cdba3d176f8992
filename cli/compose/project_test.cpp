// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/testing/project.hpp"

#include "cli/compose/order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::compose {
namespace {

using ::testing::ElementsAre;

Strings names(const std::vector<const Service*>& services) {
    Strings result;
    for (const Service* each : services) result.push_back(each->name);
    return result;
}

TEST(ProjectTest, TheExampleOfTheMessageServerIsRead) {
    TestProject files{R"(
services:
  client:
    image: kos:apps/client
    command: ["client", "5050"]
    depends_on: [server]
    networks: [back-tier]
  server:
    image: kos:apps/server
    command: ["server", "5050"]
    networks: [back-tier]
networks:
  back-tier:
    x-msg-server: "Poukai.msg0"
)"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_THAT(names(*start_order(project->services)), ElementsAre("server", "client"));
    ASSERT_EQ(project->networks.size(), 1u);
    EXPECT_EQ(project->networks[0].message_server->server, "Poukai");
    EXPECT_EQ(project->networks[0].message_server->socket, "msg0");
}

TEST(ProjectTest, ServicesStartAfterWhatTheyNeedAndElseAsWritten) {
    TestProject files{R"(
services:
  d: {image: i, depends_on: [b, c]}
  a: {image: i}
  b: {image: i, depends_on: [c]}
  c: {image: i}
)"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_THAT(names(*start_order(project->services)), ElementsAre("c", "b", "d", "a"));
}

TEST(ProjectTest, AServiceWithoutNetworksIsOnTheDefaultOne) {
    TestProject files{"services: {a: {image: i}}"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_EQ(project->services[0].networks[0].network, "default");
    ASSERT_EQ(project->networks.size(), 1u);
}

TEST(ProjectTest, VariablesComeFromTheEnvironmentThenFromDotEnv) {
    TestProject files{
        "services: {a: {image: '$IMAGE:$TAG', env_file: a.env, environment: [A=own, P]}}"};
    files.write(".env", "IMAGE=from-file\nTAG=1\nP=passed\n");
    files.write("a.env", "A=theirs\nB=2\n");
    files.options.environment = {{"TAG", "2"}};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const Service& a = project->services[0];
    EXPECT_EQ(a.image, "from-file:2");
    EXPECT_EQ(a.environment.at("A"), "own");
    EXPECT_EQ(a.environment.at("B"), "2");
    EXPECT_EQ(a.environment.at("P"), "passed");
}

TEST(ProjectTest, AnUnsetVariableIsToldOnce) {
    TestProject files{"services: {a: {image: 'i$MISSING', user: $MISSING}}"};
    Strings told;
    files.options.warn = [&](const std::string& message) { told.push_back(message); };
    ASSERT_TRUE(files.load().ok());
    EXPECT_THAT(told, ElementsAre("the variable MISSING is not set: it is replaced by nothing"));
}

TEST(ProjectTest, ProfilesChooseServices) {
    TestProject files{R"(
services:
  a: {image: i}
  debug: {image: i, profiles: [debug]}
  maybe: {image: i, depends_on: {debug: {condition: service_started, required: false}}}
)"};
    auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_EQ(project->services.size(), 2u);
    EXPECT_TRUE(project->find_service("maybe")->depends_on.empty());
    files.options.profiles = {"debug"};
    project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_EQ(project->services.size(), 3u);
    EXPECT_EQ(project->find_service("maybe")->depends_on.size(), 1u);
}

TEST(ProjectTest, TheNameIsGivenOrSaidOrTheFolders) {
    TestProject files{"name: said\nservices: {a: {image: i}}"};
    EXPECT_EQ(files.load()->name, "test");
    files.options.name.clear();
    EXPECT_EQ(files.load()->name, "said");
    files.write("My Folder!/compose.yaml", "services: {a: {image: i}}");
    files.options.folder = files.folder() / "My Folder!";
    EXPECT_EQ(files.load()->name, "myfolder");
}

TEST(ProjectTest, TheFileIsLookedForUpwards) {
    TestProject files{"services: {a: {image: i}}"};
    std::filesystem::create_directories(files.folder() / "deep/er");
    files.options.folder = files.folder() / "deep/er";
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    EXPECT_EQ(project->folder, files.folder().string());
}

TEST(ProjectTest, WherePathsAreRelativeTheFilesFolderCounts) {
    TestProject files{"services: {a: {image: i, volumes: ['./data:/d:ro', '~/x:/x']}}"};
    files.options.environment = {{"HOME", "/home/me"}};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const Service& a = project->services[0];
    EXPECT_EQ(a.volumes[0].source, (files.folder() / "data").string());
    EXPECT_TRUE(a.volumes[0].read_only);
    EXPECT_EQ(a.volumes[1].source, "/home/me/x");
}

TEST(ProjectTest, PortsHaveTheirShortForms) {
    TestProject files{R"(
services: {a: {image: i, ports: ["80", "8080:81", "127.0.0.1:8081:82", "[::1]:8082:83/tcp", 84]}}
)"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const std::vector<Port>& ports = project->services[0].ports;
    ASSERT_EQ(ports.size(), 5u);
    EXPECT_EQ(ports[0].target, 80);
    EXPECT_FALSE(ports[0].published);
    EXPECT_EQ(ports[1].published->first, 8080);
    EXPECT_EQ(ports[1].published->last, 8080);
    EXPECT_EQ(ports[2].host_ip, "127.0.0.1");
    EXPECT_EQ(ports[3].host_ip, "::1");
    EXPECT_EQ(ports[3].target, 83);
    EXPECT_EQ(ports[4].target, 84);
}

TEST(ProjectTest, ARangeOfPortsIsEachOfThem) {
    TestProject files{R"(
services: {a: {image: i, ports: ["9000-9002:80-82", "90-91", "9100-9110:92", "127.0.0.1::93"]}}
)"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const std::vector<Port>& ports = project->services[0].ports;
    ASSERT_EQ(ports.size(), 7u);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(ports[i].target, 80 + i);
        EXPECT_EQ(ports[i].published->first, 9000 + i);
        EXPECT_EQ(ports[i].published->last, 9000 + i);
    }
    EXPECT_EQ(ports[4].target, 91);
    EXPECT_FALSE(ports[4].published);
    EXPECT_EQ(ports[5].published->first, 9100);
    EXPECT_EQ(ports[5].published->last, 9110);
    EXPECT_EQ(ports[6].host_ip, "127.0.0.1");
    EXPECT_FALSE(ports[6].published);
}

TEST(ProjectTest, PortsHaveTheirLongForm) {
    TestProject files{R"(
services:
  a:
    image: i
    ports:
      - {target: 80, published: "8080-8081", host_ip: "::1", protocol: tcp, mode: host, name: web,
         app_protocol: http}
)"};
    const auto project = files.load();
    ASSERT_TRUE(project.ok()) << to_string(project.error());
    const Port& port = project->services[0].ports.at(0);
    EXPECT_EQ(port.target, 80);
    EXPECT_EQ(port.published->last, 8081);
    EXPECT_EQ(port.host_ip, "::1");
    EXPECT_EQ(port.name + port.app_protocol + port.mode, "webhttphost");
}

}  // namespace
}  // namespace kos::compose
