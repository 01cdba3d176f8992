// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/testing/services.hpp"

#include "boards/registry.hpp"
#include "cli/fixture/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::system {
namespace {

using fixture::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ServicesTest, ServicesComeBehindWhatTheyDependOn) {
    const std::string yaml = R"(
services:
  web: {image: kos:app, depends_on: [db]}
  lone: {image: kos:app}
  db: {image: kos:app, depends_on: {setup: {condition: service_completed_successfully}}}
  setup: {image: kos:app}
)";
    const auto all = plan(yaml);
    ASSERT_TRUE(all) << message_of(all);
    EXPECT_THAT(names_of(*all), ElementsAre("setup", "db", "web", "lone"));
    EXPECT_EQ(all->at(1).options.life.depends_on.at(0).condition, manifest::Condition::Completed);
    EXPECT_THAT(names_of(*plan(yaml, {"db"})), ElementsAre("setup", "db"));
    EXPECT_THAT(message_of(plan(yaml, {"none"})), HasSubstr("KOS-E-COMPOSE-REFERENCE: none: "));
}

TEST_F(ServicesTest, WhatAServiceSaysIsAskedForInPlaceOfTheImage) {
    fixture::write_file(folder_.path() / "key", "secret");
    const auto planned = plan(R"(
services:
  one:
    image: docker:other/.
    entrypoint: [/a, b]
    command: [c]
    environment: {X: "1"}
    working_dir: /w
    user: "7:8"
    hostname: me
    read_only: true
    mem_limit: 64m
    x-kos-priority: 150
    stop_signal: SIGINT
    stop_grace_period: 1m30s
    restart: on-failure:3
    extra_hosts: ["there:10.0.0.1"]
    secrets: [key]
    configs: [{source: text, target: /etc/text, mode: 0400, uid: "5"}]
secrets: {key: {file: ./key}}
configs: {text: {content: hello}}
)");
    ASSERT_TRUE(planned) << message_of(planned);
    const pack::PackOptions& options = planned->at(0).options;
    EXPECT_EQ(options.kind, manifest::AppKind::MicroVm);
    EXPECT_EQ(options.process.entrypoint, "/a");
    EXPECT_THAT(options.process.arguments, ElementsAre("b", "c"));
    EXPECT_THAT(options.process.environment, ElementsAre("X=1"));
    EXPECT_EQ(options.process.working_directory, "/w");
    EXPECT_EQ(options.process.user, "7:8");
    EXPECT_TRUE(options.process.read_only_root);
    EXPECT_EQ(options.host_name, "me");
    EXPECT_EQ(options.memory, 64u << 20);
    EXPECT_EQ(options.priority, 150);
    EXPECT_EQ(options.life.stop_signal, 2);
    EXPECT_EQ(options.life.stop_grace, 90'000u);
    EXPECT_EQ(options.restart.policy, manifest::RestartPolicy::OnFailure);
    EXPECT_EQ(options.restart.limit, 3u);
    EXPECT_EQ(options.restart.delay, 100u);
    EXPECT_EQ(options.restart.most_delay, 60'000u);
    ASSERT_EQ(options.hosts.size(), 1u);
    EXPECT_EQ(options.hosts[0].address, "10.0.0.1");
    ASSERT_EQ(options.files.size(), 2u);
    EXPECT_EQ(options.files[0].path, "/run/secrets/key");
    EXPECT_EQ(options.files[0].content, "secret");
    EXPECT_EQ(options.files[1].content, "hello");
    EXPECT_EQ(options.files[1].mode, 0400u);
    EXPECT_EQ(options.files[1].user, 5u);
}

TEST_F(ServicesTest, WhatCannotBeCarriedOutIsRefusedWithItsPlace) {
    const std::string message = refusal("volumes: [\"/a:/b\"]");
    EXPECT_THAT(message, HasSubstr("KOS-E-COMPOSE-UNSUPPORTED: "));
    EXPECT_THAT(message, HasSubstr("compose.yaml:4:"));
    EXPECT_THAT(message, HasSubstr(": volumes: "));
    const auto aliased =
        plan("services:\n  a: {image: kos:app, networks: {default: {aliases: [x]}}}\n");
    ASSERT_TRUE(aliased) << message_of(aliased);
    ASSERT_TRUE(aliased->at(0).unless_microvm);
    EXPECT_THAT(to_string(*aliased->at(0).unless_microvm), HasSubstr(": networks: "));
    EXPECT_EQ(refusal("networks: [back]\nnetworks: {back: {x-msg-server: S.msg0}}"), "no error");
    EXPECT_EQ(refusal("healthcheck: {test: [PORT, \"80\"]}"), "no error");
    EXPECT_THAT(refusal("healthcheck: {test: [PORT, \"x\"]}"), HasSubstr("from 1 to 65535"));
    EXPECT_THAT(message_of(plan("services:\n  a: {image: kos:app}\n  b:\n    image: kos:app\n"
                                "    depends_on: {a: {condition: service_healthy}}\n")),
                HasSubstr("compose.yaml:5:"));
}

TEST_F(ServicesTest, AContainersNameIsAnAliasOnItsNetworks) {
    const auto planned = plan(R"(
services:
  one: {image: kos:app, container_name: x, networks: {a: {aliases: [y]}, b: }}
networks: {a: {x-msg-server: S.msg0}, b: }
)");
    ASSERT_TRUE(planned) << message_of(planned);
    const auto& networks = planned->at(0).options.networks;
    ASSERT_EQ(networks.size(), 2u);
    EXPECT_THAT(networks[0].aliases, ElementsAre("y", "x"));
    EXPECT_THAT(networks[1].aliases, ElementsAre("x"));
}

TEST_F(ServicesTest, WhatOnlyAContainerHasIsAskedOfAMicrovm) {
    const std::string keys = R"(
    cap_add: [net_admin, CAP_SYS_TIME]
    cap_drop: [ALL]
    ulimits: {nofile: {soft: 5, hard: 10}, core: -1}
    sysctls: {net.ipv4.ip_forward: "1"}
    init: true
    read_only: true
    tmpfs: ["/run:size=1m,mode=700,ro"]
    volumes: [{type: tmpfs, target: /cache}]
    devices: ["/dev/kmsg:/dev/log:r"]
    privileged: true
)";
    auto planned = plan("services:\n  one:\n    image: docker:app" + keys);
    ASSERT_TRUE(planned) << message_of(planned);
    const pack::ContainerOptions& container = planned->at(0).options.container;
    EXPECT_THAT(container.added_capabilities, ElementsAre("CAP_NET_ADMIN", "CAP_SYS_TIME"));
    EXPECT_THAT(container.dropped_capabilities, ElementsAre("ALL"));
    EXPECT_TRUE(container.privileged && container.init);
    ASSERT_EQ(container.limits.size(), 2u);
    EXPECT_EQ(container.limits[0].name, "RLIMIT_CORE");
    EXPECT_EQ(container.limits[0].hard, pack::ResourceLimit::none);
    EXPECT_EQ(container.limits[1].soft, 5u);
    EXPECT_EQ(container.sysctls.at("net.ipv4.ip_forward"), "1");
    ASSERT_EQ(container.tmpfs.size(), 2u);
    EXPECT_EQ(container.tmpfs[0].path, "/cache");
    EXPECT_EQ(container.tmpfs[1].path, "/run");
    EXPECT_EQ(container.tmpfs[1].size, 1u << 20);
    EXPECT_EQ(container.tmpfs[1].mode, 0700u);
    EXPECT_TRUE(container.tmpfs[1].read_only);
    ASSERT_EQ(container.devices.size(), 1u);
    EXPECT_EQ(container.devices[0].path, "/dev/log");
    EXPECT_EQ(container.devices[0].minor, 11u);
    EXPECT_EQ(container.devices[0].access, "r");
    EXPECT_TRUE(load_services(*planned));
}

TEST_F(ServicesTest, ACommandTestsTheHealthOfAMicrovm) {
    const auto planned = plan(R"(
services:
  a: {image: docker:app, healthcheck: {test: [CMD, /try, it], interval: 2s, retries: 4, start_period: 1s}}
  b: {image: docker:app, healthcheck: {test: try it}}
  c: {image: docker:app, depends_on: {a: {condition: service_healthy}}}
)");
    ASSERT_TRUE(planned) << message_of(planned);
    const pack::PackOptions& a = planned->at(0).options;
    EXPECT_EQ(a.life.readiness, manifest::Readiness::Test);
    EXPECT_EQ(a.life.ready_within, 39'000u);
    ASSERT_TRUE(a.container.health);
    EXPECT_THAT(a.container.health->command, ElementsAre("/try", "it"));
    EXPECT_EQ(a.container.health->interval, 2000u);
    EXPECT_EQ(a.container.health->patience, 9000u);
    const auto& b = planned->at(1).options.container.health;
    ASSERT_TRUE(b);
    EXPECT_THAT(b->command, ElementsAre("/bin/sh", "-c", "try it"));
    EXPECT_EQ(b->interval, 5000u);
    EXPECT_EQ(b->patience, 90'000u);
    EXPECT_THAT(refusal("healthcheck: {test: [CMD]}"), HasSubstr("no command"));
    EXPECT_THAT(refusal("healthcheck: {test: x, interval: 1h}"), HasSubstr("than an hour"));
}

TEST_F(ServicesTest, ABoardWithoutAnUplinkRefusesPorts) {
    const auto none = plan("services:\n  plain: {image: docker:app}\n");
    const auto one = plan(
        "services:\n  plain: {image: docker:app}\n  web: {image: docker:app, ports: "
        "['8080:80']}\n");
    ASSERT_TRUE(none && one);
    EXPECT_TRUE(admit_ports(boards::zcu102, *none));
    EXPECT_TRUE(admit_ports(boards::qemu_virt_aarch64, *one));
    EXPECT_THAT(message_of(admit_ports(boards::zcu102, *one)),
                AllOf(HasSubstr("KOS-E-COMPOSE-UNSUPPORTED"), HasSubstr("compose.yaml:3:36"),
                      HasSubstr("ports: zcu102 has no uplink")));
}

TEST_F(ServicesTest, ProcessorsAreLimitedBelowOne) {
    const auto processors = [&](const std::string& line) {
        auto planned = plan("services:\n  one:\n    image: kos:app\n    " + line + "\n");
        return must(std::move(planned), "it is good").at(0).options.processors;
    };
    EXPECT_EQ(processors("cpus: 0.5"), 0.5);
    EXPECT_EQ(processors("deploy: {resources: {limits: {cpus: \"0.25\"}}}"), 0.25);
    EXPECT_EQ(processors("cpus: 2"), std::nullopt);
    EXPECT_THAT(refusal("cpus: 0.0001"), HasSubstr("compose.yaml:4:"));
}

TEST_F(ServicesTest, WhatOnlyAContainerHasIsRefusedForANativeApp) {
    const auto load = [&](const std::string& line) {
        auto planned = plan("services:\n  one:\n    image: kos:app\n    " + line + "\n");
        return planned ? message_of(load_services(*planned)) : message_of(planned);
    };
    for (const std::string line :
         {"cap_add: [KILL]", "healthcheck: {test: try}", "devices: [/dev/null]", "init: true",
          "privileged: true", "sysctls: {net.ipv4.ip_forward: \"1\"}", "ulimits: {nofile: 5}"}) {
        const std::string message = load(line);
        EXPECT_THAT(message, HasSubstr("KOS-E-COMPOSE-UNSUPPORTED: "));
        EXPECT_THAT(message, HasSubstr("compose.yaml:4:"));
        EXPECT_THAT(message, HasSubstr(line.substr(0, line.find(':')) + ": a native app"));
    }
    for (const char* line : {"init: false", "privileged: false", "cap_drop: [ALL]", "tmpfs: [/tmp]",
                             "volumes: [{type: tmpfs, target: /cache}]"}) {
        EXPECT_EQ(load(line), "no error") << line;
    }
}

TEST_F(ServicesTest, APortIsSeenOfAppsOfBothKinds) {
    const auto load = [&](const std::string& scheme) {
        auto planned = plan("services:\n  one:\n    image: " + scheme +
                            ":app\n    healthcheck: {test: [PORT, '80']}\n");
        return planned ? message_of(load_services(*planned)) : message_of(planned);
    };
    EXPECT_EQ(load("kos"), "no error");
    EXPECT_EQ(load("docker"), "no error");
}

TEST_F(ServicesTest, WhatNoGuestHasIsRefusedWithItsPlace) {
    EXPECT_THAT(refusal("cap_add: [FLY]"),
                AllOf(HasSubstr("compose.yaml:4:14: "), HasSubstr(": \"FLY\" is no capability")));
    EXPECT_THAT(
        refusal("devices: [/dev/sda]"),
        AllOf(HasSubstr("compose.yaml:4:14: "), HasSubstr(": devices: /dev/sda is no device")));
    EXPECT_THAT(refusal("devices: [\"/dev/null:x\"]"), HasSubstr("no absolute path"));
    EXPECT_THAT(
        refusal("sysctls: {vm.swappiness: \"1\"}"),
        AllOf(HasSubstr("compose.yaml:4:14: "), HasSubstr(": sysctls: vm.swappiness is not")));
}

TEST_F(ServicesTest, AValueThatCannotBeIsRefusedWithItsPlace) {
    EXPECT_THAT(refusal("stop_signal: SIGNONE"), HasSubstr("compose.yaml:4:18: "));
    EXPECT_THAT(refusal("stop_grace_period: 1200h"), HasSubstr("49 days"));
    EXPECT_THAT(refusal("command: []"), HasSubstr("emptied"));
    EXPECT_THAT(refusal("entrypoint: []"), HasSubstr("emptied"));
    for (const char* id : {"x", "", "4294967296", "42949672950", "-1"}) {
        const std::string line = std::string{"configs: [{source: c, target: /c, uid: \""} + id +
                                 "\"}]\nconfigs: {c: {content: x}}";
        EXPECT_THAT(refusal(line), HasSubstr("\" is no number of a user or group")) << id;
    }
    EXPECT_THAT(message_of(plan("services:\n  one:\n    image: kos:none\n")),
                HasSubstr("KOS-E-NOT-LOCAL: "));
    EXPECT_THAT(message_of(plan("services:\n  one:\n    image: kos:none\n")),
                HasSubstr("compose.yaml:3:12: kos:none"));
}

}  // namespace
}  // namespace kos::system
