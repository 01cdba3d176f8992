// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Wrong compose files: each has one message, which names code, line, column and what is wrong.
#include "cli/compose/testing/project.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kos::compose {
namespace {

struct Wrong {
    std::string name;
    std::string file;
    std::string code;
    std::string at;  ///< line:column
    std::string detail;
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.name; }

std::string service_with(const std::string& keys) {
    return "services:\n  a:\n    image: i\n    " + keys + "\n";
}

/// A line that is wrong: a service's key, on line 4, or a section below a good service, on line 5.
struct WrongLine {
    const char* name;
    const char* text;
    unsigned column;
    const char* detail;
};

const WrongLine unknown_keys[] = {
    {"UnknownKey", "enviroment: {}", 5,
     "a service has no key enviroment; did you mean environment?"},
    {"UnknownExtension", "x-kos-kin: native", 5, "did you mean x-kos-kind?"},
    {"PortKey", "ports: [{target: 80, publish: 80}]", 26, "did you mean published?"},
    {"UlimitName", "ulimits: {nofiles: 3}", 15, "did you mean nofile?"},
    {"LogOption", "logging: {options: {max-sizes: 1m}}", 25, "did you mean max-size?"},
};

const WrongLine unsupported_keys[] = {
    {"Build", "build: .", 5, "build: build the image first"},
    {"NetworkMode", "network_mode: host", 5, "use networks"},
    {"Replicas", "deploy: {replicas: 3}", 14, "write a service for each"},
    {"PortUdpLong", "ports: [{target: 53, protocol: udp}]", 36, "udp"},
    {"PortUdp", "ports: ['53:53/udp']", 13, "udp"},
    {"TmpfsOption", "tmpfs: /x:exec", 12, "the tmpfs option exec: nothing is executed"},
    {"TmpfsOptionUnknown", "tmpfs: /x:size=1m,quick", 12,
     "the tmpfs option quick: size, mode, uid, gid"},
    {"LogOptionOfDockers", "logging: {options: {compress: 'true'}}", 25,
     "compress: of options, max-size and max-file"},
};

const WrongLine wrong_values[] = {
    {"EnvironmentItem", "environment: [[A]]", 19, "KEY=VALUE"},
    {"EnvironmentNested", "environment: {A: [1]}", 22, "a list: it should be text"},
    {"CommandQuotes", "command: echo 'open", 14, "quotes are not closed"},
    {"Bool", "read_only: maybe", 16, "true or false"},
    {"Memory", "mem_limit: much", 16, "a number of bytes"},
    {"Cpus", "cpus: -1", 11, "a positive number"},
    {"Duration", "stop_grace_period: 10", 24, "a duration"},
    {"Restart", "restart: sometimes", 14, "no, always, on-failure, unless-stopped"},
    {"RestartCount", "restart: on-failure:x", 14, "a whole number"},
    {"RestartTwice", "restart: always\n    deploy: {restart_policy: {delay: 1s}}", 14, "keep one"},
    {"Kind", "x-kos-kind: vm", 17, "native or microvm"},
    {"Priority", "x-kos-priority: 256", 21, "from 0 to 255"},
    {"Platform", "platform: linux/amd64", 15, "linux/arm64"},
    {"PortRange", "ports: ['8000-8010:80-81']", 13, "the ranges have different numbers of ports"},
    {"PortRangeForm", "ports: ['80-x']", 13, "a range of ports is FIRST-LAST"},
    {"PortRangeEnd", "ports: ['81-80:80']", 13, "the range ends before it begins"},
    {"PortZero", "ports: ['0-3']", 13, "from 1 to 65535"},
    {"PortAddress", "ports: ['localhost:80:80']", 13, "an IPv4 or IPv6 address"},
    {"PortBrackets", "ports: ['[::1]80:80']", 13, "in brackets is not followed by a port"},
    {"PortMode", "ports: [{target: 80, mode: dns}]", 32, "host, ingress"},
    {"PortTarget", "ports: [{published: 80}]", 13, "target is missing"},
    {"PortNumber", "ports: ['70000']", 13, "from 1 to 65535"},
    {"PortForm", "ports: ['a:b:c:80']", 13, "[[IP:]PUBLISHED:]TARGET"},
    {"VolumeMode", "volumes: ['./a:/a:rwx']", 15, "ro or rw"},
    {"VolumeRelativeTarget", "volumes: ['./a:a']", 15, "an absolute path"},
    {"TmpfsOwner", "tmpfs: /x:uid=me", 12, "a whole number"},
    {"DependsOnCondition", "depends_on: {a: {condition: ready}}", 33,
     "service_started, service_healthy"},
    {"HealthcheckWord", "healthcheck: {test: [RUN, x]}", 26,
     "NONE, CMD, CMD-SHELL, PROTOCOL, PORT"},
    {"HealthcheckPort", "healthcheck: {test: [PORT]}", 25, "PORT takes one argument"},
    {"UlimitOrder", "ulimits: {nofile: {soft: 20, hard: 10}}", 30, "above the hard limit"},
    {"DeviceForm", "devices: ['/dev/x:/dev/y:rx']", 15, "SOURCE[:TARGET[:rwm]]"},
    {"LogDriver", "logging: {driver: syslog}", 23, "json-file, local, none"},
    {"LogSize", "logging: {options: {max-size: 1x}}", 35, "a number of bytes"},
    {"LogOfNoSize", "logging: {options: {max-size: 0}}", 35, "1k at least"},
    {"LogOfNoFile", "logging: {options: {max-file: 0}}", 35, "from 1 to 100"},
    {"LogLimitOfNone", "logging: {driver: none, options: {max-size: 1m}}", 38,
     "none keeps nothing"},
};

const WrongLine dangling_references[] = {
    {"DependsOnNothing", "depends_on: [server]", 18, "there is no service server"},
    {"SecretUnknown", "secrets: [key]", 15, "there is no secret key"},
    {"ExtendsNothing", "extends: b", 14, "a extends b, and there is no such service"},
};

const WrongLine missing_variables[] = {
    {"VariableRequired", "user: ${WHO:?say who}", 11, "WHO is not set: say who"},
    {"VariableForm", "user: ${WHO", 11, "not closed"},
};

const WrongLine unsupported_sections[] = {
    {"VolumeExternal", "volumes: {data: {external: true}}", 18, "its own"},
    {"VolumeDriverType", "volumes: {d: {driver_opts: {type: nfs, o: rw}}}", 35,
     "the only type is tmpfs"},
    {"VolumeDriverOption", "volumes: {d: {driver_opts: {type: tmpfs, o: 'size=1m,nr_inodes=9'}}}",
     45, "nr_inodes: size decides"},
    {"NetworkDriver", "networks: {n: {driver: overlay}}", 24, "bridge"},
};

const WrongLine wrong_sections[] = {
    {"MessageServer", "networks: {n: {x-msg-server: Poukai}}", 30, "SERVER.SOCKET"},
    {"SecretForm", "secrets: {key: {file: a, content: b}}", 11,
     "one of file, content and environment"},
};

const WrongLine sections_with_missing_variables[] = {
    {"ConfigVariable", "configs: {c: {environment: NOT_SET}}", 28, "NOT_SET is not set"},
};

/// What is wrong elsewhere, or has no place.
const Wrong wrong_files[] = {
    {"Tab", "services:\n\ta: {}\n", "KOS-E-COMPOSE-YAML", "2:3", ""},
    {"OpenBrace", "services: {a: {image: i}\n", "KOS-E-COMPOSE-YAML", "2:1", ""},
    {"Comma", ", services: {}\n", "KOS-E-COMPOSE-YAML", "1:1", "nothing begins like this"},
    {"TwoDocuments", "services: {}\n---\nservices: {}\n", "KOS-E-COMPOSE-YAML", "2:1",
     "several documents"},
    {"DuplicateKey", service_with("user: a\n    user: b"), "KOS-E-COMPOSE-YAML", "5:5",
     "the key user is there twice"},
    {"UnknownTag", service_with("user: !magic x"), "KOS-E-COMPOSE-YAML", "4:11",
     "!magic means nothing"},
    {"MergeOfText", "services: {a: {<<: text}}\n", "KOS-E-COMPOSE-YAML", "1:20",
     "<< takes mappings"},
    {"NotAMapping", "- services\n", "KOS-E-COMPOSE-VALUE", "1:1", "a compose file is a mapping"},
    {"Empty", "", "KOS-E-COMPOSE-VALUE", "1:1", "has no services"},
    {"UnknownTopLevel", "servces: {}\n", "KOS-E-COMPOSE-KEY", "1:1", "did you mean services?"},
    {"Include", "include: [x]\nservices: {a: {image: i}}\n", "KOS-E-COMPOSE-UNSUPPORTED", "1:1",
     "use -f several times"},
    {"NoImage", "services:\n  a: {command: x}\n", "KOS-E-COMPOSE-VALUE", "2:3", "a names no image"},
    {"ServiceIsText", "services:\n  a: text\n", "KOS-E-COMPOSE-VALUE", "2:6",
     "a service is a mapping"},
    {"ServiceName", "services:\n  a b: {image: i}\n", "KOS-E-COMPOSE-VALUE", "2:3",
     "a name has letters"},
    {"ProjectName", "name: My App\nservices: {a: {image: i}}\n", "KOS-E-COMPOSE-VALUE", "1:7",
     "lower-case letters"},
    {"PortTwice", "services:\n  a: {image: i, ports: ['80:1']}\n  b: {image: i, ports: ['80:2']}\n",
     "KOS-E-COMPOSE-VALUE", "3:25", "b and a both publish port 80"},
    {"VolumeUnknown", service_with("volumes: ['dta:/a']") + "volumes: {data: }\n",
     "KOS-E-COMPOSE-REFERENCE", "4:15", "there is no volume dta; did you mean data?"},
    {"MountTwice", service_with("volumes: ['./a:/x']\n    tmpfs: /x"), "KOS-E-COMPOSE-VALUE",
     "5:12", "mounted at /x already"},
    {"DependsOnItself", service_with("depends_on: [a]"), "KOS-E-COMPOSE-CYCLE", "4:18",
     "a needs a"},
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
    {"NetworkUnknown", service_with("networks: [back]") + "networks: {bakc: }\n",
     "KOS-E-COMPOSE-REFERENCE", "4:16", "there is no network back; did you mean bakc?"},
    {"NetworkAddress",
     service_with("networks: {n: {ipv4_address: 10.0.0.1}}") + "networks: {n: }\n",
     "KOS-E-COMPOSE-UNSUPPORTED", "4:20", "addresses are given by kos"},
    {"ExtendsCircle", "services:\n  a: {extends: b}\n  b: {extends: a}\n", "KOS-E-COMPOSE-CYCLE",
     "2:16", "a extends b extends a"},
    {"ExtendsFile", service_with("extends: {file: missing.yaml, service: b}"), "KOS-E-FILE", "",
     "No such file"},
    {"EnvFile", service_with("env_file: missing.env"), "KOS-E-FILE", "4:15", "No such file"},
    {"ContainerNameTwice",
     "services:\n  a: {image: i, container_name: x}\n  b: {image: i, container_name: x}\n",
     "KOS-E-COMPOSE-VALUE", "3:3", "both called x"},
};

using ByCode = std::pair<const char*, std::span<const WrongLine>>;
constexpr ByCode keys_by_code[]{
    {"KOS-E-COMPOSE-KEY", unknown_keys},           {"KOS-E-COMPOSE-UNSUPPORTED", unsupported_keys},
    {"KOS-E-COMPOSE-VALUE", wrong_values},         {"KOS-E-COMPOSE-REFERENCE", dangling_references},
    {"KOS-E-COMPOSE-VARIABLE", missing_variables},
};
constexpr ByCode sections_by_code[]{
    {"KOS-E-COMPOSE-UNSUPPORTED", unsupported_sections},
    {"KOS-E-COMPOSE-VALUE", wrong_sections},
    {"KOS-E-COMPOSE-VARIABLE", sections_with_missing_variables},
};

std::vector<Wrong> all_wrong() {
    std::vector<Wrong> all{std::begin(wrong_files), std::end(wrong_files)};
    const auto add = [&](const char* code, unsigned line, const std::string& file,
                         const WrongLine& wrong) {
        all.push_back({wrong.name, file, code,
                       std::to_string(line) + ":" + std::to_string(wrong.column), wrong.detail});
    };
    for (const auto& [code, keys] : keys_by_code) {
        for (const WrongLine& wrong : keys) add(code, 4, service_with(wrong.text), wrong);
    }
    const std::string service = service_with("user: x");
    for (const auto& [code, sections] : sections_by_code) {
        for (const WrongLine& wrong : sections) add(code, 5, service + wrong.text + "\n", wrong);
    }
    return all;
}

class WrongComposeFileTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongComposeFileTest, HasOneMessage) {
    TestProject files{GetParam().file};
    if (GetParam().name == "ProjectName") files.options.name.clear();
    const auto project = files.load();
    ASSERT_FALSE(project.ok());
    EXPECT_EQ(entry_of(project.error().code).code, GetParam().code);
    const std::string place = (files.folder() / "compose.yaml").string() + ":" + GetParam().at;
    if (!GetParam().at.empty()) {
        EXPECT_EQ(project.error().where, place);
    }
    EXPECT_THAT(project.error().detail, ::testing::HasSubstr(GetParam().detail));
}

INSTANTIATE_TEST_SUITE_P(All, WrongComposeFileTest, ::testing::ValuesIn(all_wrong()),
                         [](const auto& test) { return test.param.name; });

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
