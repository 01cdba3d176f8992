// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/services.hpp"

#include "boards/registry.hpp"
#include "cli/compose/project.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/fixture/temporary_folder.hpp"
#include "cli/system/memory_volumes.hpp"
#include "cli/system/volumes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kos::system {
namespace {

using fixture::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ServicesTest : public testing::Test {
   protected:
    void SetUp() override {
        fixture::TarBuilder tar;
        fixture::LayoutBuilder layout;
        layout.layer(tar.file("hello", "x", 0755).finish());
        const auto reference = must(oci::parse_reference(layout.write()), "it is one");
        for (const char* name : {"app", "other"}) ASSERT_TRUE(store_.import(reference, name));
    }
    Outcome<std::vector<PlannedService>> plan(const std::string& yaml,
                                              const std::vector<std::string>& names = {}) {
        fixture::write_file(folder_.path() / "compose.yaml", yaml);
        compose::ProjectOptions options;
        options.folder = folder_.path();
        options.name = "test";
        return plan_services(KOS_TRY(compose::load_project(options)), names, store_);
    }
    /// The error for a service `one` with that line.
    std::string refusal(const std::string& line) {
        return message_of(plan("services:\n  one:\n    image: kos:app\n    " + line + "\n"));
    }
    static std::vector<std::string> names_of(const std::vector<PlannedService>& services) {
        std::vector<std::string> names;
        for (const PlannedService& service : services) names.push_back(service.name);
        return names;
    }

    fixture::TemporaryFolder folder_;
    Store store_{folder_.path() / "images"};
};

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

TEST_F(ServicesTest, AVolumeIsOneServices) {
    const std::string one =
        "services:\n  a: {image: docker:app, volumes: ['data:/d', 'data:/e:ro']}\n";
    const std::string volumes = "volumes: {data: , other: }\n";
    const auto planned = plan(one + volumes);
    ASSERT_TRUE(planned) << message_of(planned);
    ASSERT_EQ(planned->at(0).volumes.size(), 1u);
    EXPECT_EQ(planned->at(0).volumes[0].name, "data");
    const auto& mounts = planned->at(0).options.container.volumes;
    ASSERT_EQ(mounts.size(), 2u);
    EXPECT_EQ(mounts[1].path, "/e");
    EXPECT_TRUE(mounts[1].read_only);
    EXPECT_EQ(mounts[0].serial, planned->at(0).volumes[0].serial);
    EXPECT_LE(mounts[0].serial.size(), manifest::max_serial);
    EXPECT_TRUE(plan(one + "  b: {image: docker:app, volumes: ['other:/d']}\n" + volumes));
    EXPECT_THAT(
        message_of(plan(one + "  b: {image: docker:app, volumes: ['data:/d']}\n" + volumes)),
        AllOf(HasSubstr("compose.yaml:3:"), HasSubstr("data is a's already")));
    std::string many = "services:\n  a:\n    image: docker:app\n    volumes:\n",
                names = "volumes:\n";
    for (int i = 0; i < 9; ++i) {
        const std::string name = "v" + std::to_string(i);
        many += "      - " + name + ":/" + name + "\n";
        names += "  " + name + ":\n";
    }
    EXPECT_THAT(message_of(plan(many + names)),
                AllOf(HasSubstr("compose.yaml:13:"), HasSubstr("8 at most")));
}

TEST_F(ServicesTest, ABoardWithoutDisksForVolumesRefusesThem) {
    std::string services = "services:\n  plain: {image: docker:app}\n", names = "volumes:\n";
    const auto add = [&](int number) {
        const std::string name = std::to_string(number);
        services += "  s" + name + ": {image: docker:app, volumes: ['v" + name + ":/d']}\n";
        names += "  v" + name + ":\n";
        return plan(services + names);
    };
    const auto one = add(0);
    ASSERT_TRUE(one) << message_of(one);
    EXPECT_THAT(message_of(admit_volumes(boards::zcu102, *one)),
                AllOf(HasSubstr("compose.yaml:3:"), HasSubstr("zcu102 has no disk"),
                      HasSubstr("--board qemu_virt_aarch64")));
    for (int number = 1; number < 4; ++number) {
        EXPECT_TRUE(admit_volumes(boards::qemu_virt_aarch64, *add(number)));
    }
    EXPECT_THAT(message_of(admit_volumes(boards::qemu_virt_aarch64, *add(4))),
                AllOf(HasSubstr("compose.yaml:7:"), HasSubstr("those of 4 services")));
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

TEST_F(ServicesTest, AVolumeWhoseFilesystemIsNotWholeIsRefused) {
    const auto planned =
        plan("services:\n  a: {image: docker:app, volumes: ['data:/d']}\nvolumes: {data: }\n");
    ASSERT_TRUE(planned) << message_of(planned);
    const auto folder = folder_.path() / "volumes";
    const auto file = folder / "project" / "data.ext4";
    ASSERT_TRUE(hold_volumes(folder, "project", *planned));
    const auto size = std::filesystem::file_size(file);
    std::filesystem::resize_file(file, size - 1);
    EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)),
                AllOf(HasSubstr("KOS-E-GUEST-VOLUME"), HasSubstr("data.ext4"),
                      HasSubstr("less than the " + std::to_string(size))));
    std::filesystem::resize_file(file, 100);
    EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)), HasSubstr("no ext4"));
    std::filesystem::resize_file(file, size);
    EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)), HasSubstr("no ext4"));
}

TEST_F(ServicesTest, VolumesAreMadeOnceAndHeldByOneRun) {
    const auto planned =
        plan("services:\n  a: {image: docker:app, volumes: ['data:/d']}\nvolumes: {data: }\n");
    ASSERT_TRUE(planned) << message_of(planned);
    const auto folder = folder_.path() / "volumes";
    {
        const auto held = hold_volumes(folder, "project", *planned);
        ASSERT_TRUE(held) << message_of(held);
        ASSERT_EQ(held->disks.size(), 1u);
        EXPECT_EQ(held->disks[0].app, "a");
        EXPECT_EQ(held->disks[0].path, folder / "project" / "data.ext4");
        EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)),
                    HasSubstr("another run has this volume"));
        // The superblock of ext4 has its magic number at 0x438.
        std::ifstream file{held->disks[0].path, std::ios::binary};
        file.seekg(0x438);
        EXPECT_EQ(file.get(), 0x53);
        EXPECT_EQ(file.get(), 0xef);
    }
    const auto written = std::filesystem::last_write_time(folder / "project" / "data.ext4");
    EXPECT_TRUE(hold_volumes(folder, "project", *planned));
    EXPECT_EQ(std::filesystem::last_write_time(folder / "project" / "data.ext4"), written);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder / "project"}, {}), 1);
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

TEST_F(ServicesTest, AVolumeOfANativeServiceIsMemory) {
    const std::string volumes =
        "volumes: {data: , large: {driver_opts: {type: tmpfs, o: 'size=8m,uid=5'}}}\n";
    auto planned = plan(
        "services:\n  a: {image: kos:app, volumes: ['data:/d:ro', /e, 'large:/f:ro']}\n" + volumes);
    ASSERT_TRUE(planned) << message_of(planned);
    const auto loaded = load_services(*planned);
    ASSERT_TRUE(loaded) << message_of(loaded);
    const pack::ContainerOptions& container = loaded->apps.at(0).options.container;
    EXPECT_TRUE(container.volumes.empty() && planned->at(0).volumes.empty());
    ASSERT_EQ(container.tmpfs.size(), 3u);
    EXPECT_EQ(container.tmpfs[0].path, "/f");
    EXPECT_EQ(container.tmpfs[0].size, 8u << 20);
    EXPECT_EQ(container.tmpfs[0].user, 5u);
    EXPECT_EQ(container.tmpfs[1].path, "/d");
    EXPECT_TRUE(container.tmpfs[1].read_only);
    EXPECT_EQ(container.tmpfs[2].path, "/e");
    EXPECT_FALSE(container.tmpfs[2].mode);
    EXPECT_THAT(notes_on_volumes(*planned),
                ElementsAre(AllOf(HasSubstr("compose.yaml:2:"), HasSubstr("data is memory of")),
                            HasSubstr("the volume at /e is memory of")));
}

TEST_F(ServicesTest, MemoryIsNotSharedNorInTwoPlaces) {
    const std::string volumes = "volumes: {data: , fast: {driver_opts: {type: tmpfs}}}\n";
    const auto load = [&](const std::string& services) {
        auto planned = plan("services:\n" + services + volumes);
        return planned ? message_of(load_services(*planned)) : message_of(planned);
    };
    for (const std::string name : {"data", "fast"}) {
        EXPECT_THAT(load("  a: {image: kos:app, volumes: ['" + name +
                         ":/d']}\n  b: {image: kos:app, volumes: ['" + name + ":/d']}\n"),
                    AllOf(HasSubstr("compose.yaml:3:"), HasSubstr(name + " is a's already"),
                          HasSubstr("services share what they send each other")));
        EXPECT_THAT(
            load("  a: {image: kos:app, volumes: ['" + name + ":/d', '" + name + ":/e']}\n"),
            HasSubstr("which has one place"));
    }
    EXPECT_THAT(load("  a: {image: docker:app, volumes: [/e]}\n"),
                HasSubstr("nothing finds a volume without a name again"));
    EXPECT_EQ(load("  a: {image: docker:app, volumes: ['fast:/e']}\n"), "no error");
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
