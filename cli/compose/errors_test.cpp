// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Wrong compose files: each has one message, which names code, line, column and what is wrong.
#include "cli/compose/testing/project.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::compose {
namespace {

struct Wrong {
    const char* name;
    const char* file;
    const char* code;
    const char* at;  ///< line:column
    const char* detail;
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.name; }

#define SERVICE(fields) "services:\n  a:\n    image: i\n    " fields "\n"

const Wrong wrong_files[] = {
    {"Tab", "services:\n\ta: {}\n", "KOS-E-COMPOSE-YAML", "2:3", ""},
    {"OpenBrace", "services: {a: {image: i}\n", "KOS-E-COMPOSE-YAML", "2:1", ""},
    {"Comma", ", services: {}\n", "KOS-E-COMPOSE-YAML", "1:1", "nothing begins like this"},
    {"TwoDocuments", "services: {}\n---\nservices: {}\n", "KOS-E-COMPOSE-YAML", "2:1",
     "several documents"},
    {"DuplicateKey", SERVICE("user: a\n    user: b"), "KOS-E-COMPOSE-YAML", "5:5",
     "the key user is there twice"},
    {"UnknownTag", SERVICE("user: !magic x"), "KOS-E-COMPOSE-YAML", "4:11", "!magic means nothing"},
    {"MergeOfText", "services: {a: {<<: text}}\n", "KOS-E-COMPOSE-YAML", "1:20",
     "<< takes mappings"},
    {"NotAMapping", "- services\n", "KOS-E-COMPOSE-VALUE", "1:1", "a compose file is a mapping"},
    {"Empty", "", "KOS-E-COMPOSE-VALUE", "1:1", "has no services"},
    {"UnknownTopLevel", "servces: {}\n", "KOS-E-COMPOSE-KEY", "1:1", "did you mean services?"},
    {"Include", "include: [x]\nservices: {a: {image: i}}\n", "KOS-E-COMPOSE-UNSUPPORTED", "1:1",
     "use -f several times"},
    {"UnknownKey", SERVICE("enviroment: {}"), "KOS-E-COMPOSE-KEY", "4:5",
     "a service has no key enviroment; did you mean environment?"},
    {"UnknownExtension", SERVICE("x-kos-kin: native"), "KOS-E-COMPOSE-KEY", "4:5",
     "did you mean x-kos-kind?"},
    {"Build", SERVICE("build: ."), "KOS-E-COMPOSE-UNSUPPORTED", "4:5",
     "build: build the image first"},
    {"NetworkMode", SERVICE("network_mode: host"), "KOS-E-COMPOSE-UNSUPPORTED", "4:5",
     "use networks"},
    {"Replicas", SERVICE("deploy: {replicas: 3}"), "KOS-E-COMPOSE-UNSUPPORTED", "4:14",
     "write a service for each"},
    {"NoImage", "services:\n  a: {command: x}\n", "KOS-E-COMPOSE-VALUE", "2:3", "a names no image"},
    {"ServiceIsText", "services:\n  a: text\n", "KOS-E-COMPOSE-VALUE", "2:6",
     "a service is a mapping"},
    {"ServiceName", "services:\n  a b: {image: i}\n", "KOS-E-COMPOSE-VALUE", "2:3",
     "a name has letters"},
    {"ProjectName", "name: My App\nservices: {a: {image: i}}\n", "KOS-E-COMPOSE-VALUE", "1:7",
     "lower-case letters"},
    {"EnvironmentItem", SERVICE("environment: [[A]]"), "KOS-E-COMPOSE-VALUE", "4:19", "KEY=VALUE"},
    {"EnvironmentNested", SERVICE("environment: {A: [1]}"), "KOS-E-COMPOSE-VALUE", "4:22",
     "a list: it should be text"},
    {"CommandQuotes", SERVICE("command: echo 'open"), "KOS-E-COMPOSE-VALUE", "4:14",
     "quotes are not closed"},
    {"Bool", SERVICE("read_only: maybe"), "KOS-E-COMPOSE-VALUE", "4:16", "true or false"},
    {"Memory", SERVICE("mem_limit: much"), "KOS-E-COMPOSE-VALUE", "4:16", "a number of bytes"},
    {"Cpus", SERVICE("cpus: -1"), "KOS-E-COMPOSE-VALUE", "4:11", "a positive number"},
    {"Duration", SERVICE("stop_grace_period: 10"), "KOS-E-COMPOSE-VALUE", "4:24", "a duration"},
    {"Restart", SERVICE("restart: sometimes"), "KOS-E-COMPOSE-VALUE", "4:14",
     "no, always, on-failure, unless-stopped"},
    {"RestartCount", SERVICE("restart: on-failure:x"), "KOS-E-COMPOSE-VALUE", "4:14",
     "a whole number"},
    {"RestartTwice", SERVICE("restart: always\n    deploy: {restart_policy: {delay: 1s}}"),
     "KOS-E-COMPOSE-VALUE", "4:14", "keep one"},
    {"Kind", SERVICE("x-kos-kind: vm"), "KOS-E-COMPOSE-VALUE", "4:17", "native or microvm"},
    {"Priority", SERVICE("x-kos-priority: 256"), "KOS-E-COMPOSE-VALUE", "4:21", "from 0 to 255"},
    {"Platform", SERVICE("platform: linux/amd64"), "KOS-E-COMPOSE-VALUE", "4:15", "linux/arm64"},
    {"PortRange", SERVICE("ports: ['8000-8010:80-81']"), "KOS-E-COMPOSE-VALUE", "4:13",
     "the ranges have different numbers of ports"},
    {"PortRangeForm", SERVICE("ports: ['80-x']"), "KOS-E-COMPOSE-VALUE", "4:13",
     "a range of ports is FIRST-LAST"},
    {"PortRangeEnd", SERVICE("ports: ['81-80:80']"), "KOS-E-COMPOSE-VALUE", "4:13",
     "the range ends before it begins"},
    {"PortZero", SERVICE("ports: ['0-3']"), "KOS-E-COMPOSE-VALUE", "4:13", "from 1 to 65535"},
    {"PortAddress", SERVICE("ports: ['localhost:80:80']"), "KOS-E-COMPOSE-VALUE", "4:13",
     "an IPv4 or IPv6 address"},
    {"PortBrackets", SERVICE("ports: ['[::1]80:80']"), "KOS-E-COMPOSE-VALUE", "4:13",
     "in brackets is not followed by a port"},
    {"PortMode", SERVICE("ports: [{target: 80, mode: dns}]"), "KOS-E-COMPOSE-VALUE", "4:32",
     "host, ingress"},
    {"PortKey", SERVICE("ports: [{target: 80, publish: 80}]"), "KOS-E-COMPOSE-KEY", "4:26",
     "did you mean published?"},
    {"PortTarget", SERVICE("ports: [{published: 80}]"), "KOS-E-COMPOSE-VALUE", "4:13",
     "target is missing"},
    {"PortUdpLong", SERVICE("ports: [{target: 53, protocol: udp}]"), "KOS-E-COMPOSE-UNSUPPORTED",
     "4:36", "udp"},
    {"PortNumber", SERVICE("ports: ['70000']"), "KOS-E-COMPOSE-VALUE", "4:13", "from 1 to 65535"},
    {"PortForm", SERVICE("ports: ['a:b:c:80']"), "KOS-E-COMPOSE-VALUE", "4:13",
     "[[IP:]PUBLISHED:]TARGET"},
    {"PortUdp", SERVICE("ports: ['53:53/udp']"), "KOS-E-COMPOSE-UNSUPPORTED", "4:13", "udp"},
    {"PortTwice", "services:\n  a: {image: i, ports: ['80:1']}\n  b: {image: i, ports: ['80:2']}\n",
     "KOS-E-COMPOSE-VALUE", "3:25", "b and a both publish port 80"},
    {"VolumeMode", SERVICE("volumes: ['./a:/a:rwx']"), "KOS-E-COMPOSE-VALUE", "4:15", "ro or rw"},
    {"VolumeRelativeTarget", SERVICE("volumes: ['./a:a']"), "KOS-E-COMPOSE-VALUE", "4:15",
     "an absolute path"},
    {"VolumeUnknown", SERVICE("volumes: ['dta:/a']") "volumes: {data: }\n",
     "KOS-E-COMPOSE-REFERENCE", "4:15", "there is no volume dta; did you mean data?"},
    {"VolumeExternal", SERVICE("user: x") "volumes: {data: {external: true}}\n",
     "KOS-E-COMPOSE-UNSUPPORTED", "5:18", "its own"},
    {"MountTwice", SERVICE("volumes: ['./a:/x']\n    tmpfs: /x"), "KOS-E-COMPOSE-VALUE", "5:12",
     "mounted at /x already"},
    {"TmpfsOption", SERVICE("tmpfs: /x:exec"), "KOS-E-COMPOSE-UNSUPPORTED", "4:12",
     "the tmpfs option exec: nothing is executed"},
    {"TmpfsOptionUnknown", SERVICE("tmpfs: /x:size=1m,quick"), "KOS-E-COMPOSE-UNSUPPORTED", "4:12",
     "the tmpfs option quick: size, mode, uid, gid"},
    {"TmpfsOwner", SERVICE("tmpfs: /x:uid=me"), "KOS-E-COMPOSE-VALUE", "4:12", "a whole number"},
    {"VolumeDriverType", SERVICE("user: x") "volumes: {d: {driver_opts: {type: nfs, o: rw}}}\n",
     "KOS-E-COMPOSE-UNSUPPORTED", "5:35", "the only type is tmpfs"},
    {"VolumeDriverOption",
     SERVICE("user: x") "volumes: {d: {driver_opts: {type: tmpfs, o: 'size=1m,nr_inodes=9'}}}\n",
     "KOS-E-COMPOSE-UNSUPPORTED", "5:45", "nr_inodes: size decides"},
    {"DependsOnNothing", SERVICE("depends_on: [server]"), "KOS-E-COMPOSE-REFERENCE", "4:18",
     "there is no service server"},
    {"DependsOnCondition", SERVICE("depends_on: {a: {condition: ready}}"), "KOS-E-COMPOSE-VALUE",
     "4:33", "service_started, service_healthy"},
    {"DependsOnItself", SERVICE("depends_on: [a]"), "KOS-E-COMPOSE-CYCLE", "4:18", "a needs a"},
    {"Circle",
     "services:\n  a: {image: i, depends_on: [b]}\n  b: {image: i, depends_on: [c]}\n  c: {image: "
     "i, depends_on: [a]}\n",
     "KOS-E-COMPOSE-CYCLE", "4:30", "a needs b needs c needs a"},
    {"DependsOnProfile",
     "services:\n  a: {image: i, depends_on: [b]}\n  b: {image: i, profiles: [debug]}\n",
     "KOS-E-COMPOSE-REFERENCE", "2:30", "give --profile debug"},
    {"NeverHealthy",
     "services:\n  a: {image: i, depends_on: {b: {condition: service_healthy}}}\n  b: {image: i, "
     "healthcheck: {disable: true}}\n",
     "KOS-E-COMPOSE-VALUE", "2:30", "never healthy"},
    {"HealthcheckWord", SERVICE("healthcheck: {test: [RUN, x]}"), "KOS-E-COMPOSE-VALUE", "4:26",
     "NONE, CMD, CMD-SHELL, PROTOCOL, PORT"},
    {"HealthcheckPort", SERVICE("healthcheck: {test: [PORT]}"), "KOS-E-COMPOSE-VALUE", "4:25",
     "PORT takes one argument"},
    {"NetworkUnknown", SERVICE("networks: [back]") "networks: {bakc: }\n",
     "KOS-E-COMPOSE-REFERENCE", "4:16", "there is no network back; did you mean bakc?"},
    {"NetworkAddress", SERVICE("networks: {n: {ipv4_address: 10.0.0.1}}") "networks: {n: }\n",
     "KOS-E-COMPOSE-UNSUPPORTED", "4:20", "addresses are given by kos"},
    {"NetworkDriver", SERVICE("user: x") "networks: {n: {driver: overlay}}\n",
     "KOS-E-COMPOSE-UNSUPPORTED", "5:24", "bridge"},
    {"MessageServer", SERVICE("user: x") "networks: {n: {x-msg-server: Poukai}}\n",
     "KOS-E-COMPOSE-VALUE", "5:30", "SERVER.SOCKET"},
    {"SecretUnknown", SERVICE("secrets: [key]"), "KOS-E-COMPOSE-REFERENCE", "4:15",
     "there is no secret key"},
    {"SecretForm", SERVICE("user: x") "secrets: {key: {file: a, content: b}}\n",
     "KOS-E-COMPOSE-VALUE", "5:11", "one of file, content and environment"},
    {"ConfigVariable", SERVICE("user: x") "configs: {c: {environment: NOT_SET}}\n",
     "KOS-E-COMPOSE-VARIABLE", "5:28", "NOT_SET is not set"},
    {"UlimitOrder", SERVICE("ulimits: {nofile: {soft: 20, hard: 10}}"), "KOS-E-COMPOSE-VALUE",
     "4:30", "above the hard limit"},
    {"UlimitName", SERVICE("ulimits: {nofiles: 3}"), "KOS-E-COMPOSE-KEY", "4:15",
     "did you mean nofile?"},
    {"DeviceForm", SERVICE("devices: ['/dev/x:/dev/y:rx']"), "KOS-E-COMPOSE-VALUE", "4:15",
     "SOURCE[:TARGET[:rwm]]"},
    {"LogDriver", SERVICE("logging: {driver: syslog}"), "KOS-E-COMPOSE-VALUE", "4:23",
     "json-file, local, none"},
    {"LogOption", SERVICE("logging: {options: {max-sizes: 1m}}"), "KOS-E-COMPOSE-KEY", "4:25",
     "did you mean max-size?"},
    {"LogOptionOfDockers", SERVICE("logging: {options: {compress: 'true'}}"),
     "KOS-E-COMPOSE-UNSUPPORTED", "4:25", "compress: of options, max-size and max-file"},
    {"LogSize", SERVICE("logging: {options: {max-size: 1x}}"), "KOS-E-COMPOSE-VALUE", "4:35",
     "a number of bytes"},
    {"LogOfNoSize", SERVICE("logging: {options: {max-size: 0}}"), "KOS-E-COMPOSE-VALUE", "4:35",
     "1k at least"},
    {"LogOfNoFile", SERVICE("logging: {options: {max-file: 0}}"), "KOS-E-COMPOSE-VALUE", "4:35",
     "from 1 to 100"},
    {"LogLimitOfNone", SERVICE("logging: {driver: none, options: {max-size: 1m}}"),
     "KOS-E-COMPOSE-VALUE", "4:38", "none keeps nothing"},
    {"ExtendsNothing", SERVICE("extends: b"), "KOS-E-COMPOSE-REFERENCE", "4:14",
     "a extends b, and there is no such service"},
    {"ExtendsCircle", "services:\n  a: {extends: b}\n  b: {extends: a}\n", "KOS-E-COMPOSE-CYCLE",
     "2:16", "a extends b extends a"},
    {"ExtendsFile", SERVICE("extends: {file: missing.yaml, service: b}"), "KOS-E-FILE", "",
     "No such file"},
    {"EnvFile", SERVICE("env_file: missing.env"), "KOS-E-FILE", "4:15", "No such file"},
    {"VariableRequired", SERVICE("user: ${WHO:?say who}"), "KOS-E-COMPOSE-VARIABLE", "4:11",
     "WHO is not set: say who"},
    {"VariableForm", SERVICE("user: ${WHO"), "KOS-E-COMPOSE-VARIABLE", "4:11", "not closed"},
    {"ContainerNameTwice",
     "services:\n  a: {image: i, container_name: x}\n  b: {image: i, container_name: x}\n",
     "KOS-E-COMPOSE-VALUE", "3:3", "both called x"},
};

#undef SERVICE

class WrongComposeFileTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongComposeFileTest, HasOneMessage) {
    TestProject files{GetParam().file};
    if (std::string_view{GetParam().name} == "ProjectName") files.options.name.clear();
    const auto project = files.load();
    ASSERT_FALSE(project.ok());
    EXPECT_EQ(entry_of(project.error().code).code, GetParam().code);
    const std::string place =
        (files.folder() / "compose.yaml").string() + ":" + std::string{GetParam().at};
    if (*GetParam().at != '\0') {
        EXPECT_EQ(project.error().where, place);
    }
    EXPECT_THAT(project.error().detail, ::testing::HasSubstr(GetParam().detail));
}

INSTANTIATE_TEST_SUITE_P(All, WrongComposeFileTest, ::testing::ValuesIn(wrong_files),
                         [](const auto& test) { return std::string{test.param.name}; });

TEST(NoComposeFileTest, IsSaid) {
    const fixture::TemporaryFolder folder;
    ProjectOptions options;
    options.folder = folder.path();
    const auto project = load_project(options);
    ASSERT_FALSE(project.ok());
    EXPECT_EQ(project.error().code, ErrorCode::ComposeMissing);
}

}  // namespace
}  // namespace kos::compose
