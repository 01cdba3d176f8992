// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What LinuxKit files become, and what is said of wrong ones.
#include "cli/linuxkit/layout.hpp"

#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/temporary_folder.hpp"
#include "cli/linuxkit/test_image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace kos::linuxkit {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;

Outcome<Loaded> load(const std::string& text) {
    fixture::TemporaryFolder folder;
    const std::filesystem::path path = folder.path() / "guest.yml";
    fixture::write_file(path, text);
    fixture::write_file(folder.path() / "beside", "of a file");
    auto loaded = load_layout(path.string(), test_image);
    if (loaded) return loaded;
    Error error = loaded.error();
    if (error.where.starts_with(folder.path().string())) {
        error.where.erase(0, folder.path().string().size() + 1);
    }
    return Err{error};
}

/// One service with \p keys, lines of flow style.
std::string service(const std::string& keys, const std::string& image = "plain") {
    return "services:\n  - {name: web, image: " + image + ", " + keys + "}\n";
}

Json config_of(const std::string& text) {
    const auto loaded = load(text);
    if (!loaded) {
        ADD_FAILURE() << to_string(loaded.error());
        return {};
    }
    return Json::parse(loaded->layout.containers.front().config);
}

TEST(Linuxkit, ContainersLieWhereTheGuestLooksForThem) {
    const auto loaded = load(
        "onboot: [{name: a, image: x}, {name: b, image: x}]\n"
        "services: [{name: web, image: x}]\n"
        "onshutdown: [{name: a, image: x}]\n"
        "x-kos-memory: 256m\n");
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    std::vector<std::string> folders;
    for (const auto& each : loaded->layout.containers) folders.push_back(each.folder);
    EXPECT_THAT(folders,
                ElementsAre("onboot/000-a", "onboot/001-b", "services/web", "onshutdown/000-a"));
    EXPECT_EQ(loaded->layout.name, "guest");
    EXPECT_EQ(loaded->layout.memory, 256u << 20);
}

TEST(Linuxkit, WhatTheFileDoesNotSayIsTheImagesOrLinuxKits) {
    const Json config = config_of("services: [{name: web, image: plain}]\n");
    EXPECT_EQ(config["process"]["args"], Json({"/bin/own", "argument"}));
    EXPECT_EQ(config["process"]["env"], Json({"OWN=1", "PATH=/own"}));
    EXPECT_EQ(config["process"]["cwd"], "/own");
    EXPECT_EQ(config["process"]["user"], Json({{"uid", 7}, {"gid", 8}}));
    EXPECT_EQ(config["process"]["capabilities"]["bounding"], Json::array());
    EXPECT_EQ(config["linux"]["namespaces"],
              Json::parse(R"([{"type": "pid"}, {"type": "mount"}])"));
    std::vector<std::string> mounts;
    for (const auto& each : config["mounts"]) mounts.push_back(each["destination"]);
    EXPECT_THAT(mounts, ElementsAre("/dev", "/dev/pts", "/proc", "/sys", "/sys/fs/cgroup"));
}

TEST(Linuxkit, EachKeyReachesTheConfiguration) {
    const Json config = config_of(service(
        "command: [/x], env: [PATH=/b], cwd: /y, uid: 1, gid: 2, additionalGids: [3], readonly: "
        "true, "
        "capabilities: [CAP_KILL], ambient: [CAP_CHOWN], noNewPrivileges: true, oomScoreAdj: -5, "
        "rlimits: ['nofile,10,unlimited'], hostname: host, net: new, ipc: new, "
        "maskedPaths: [/m], readonlyPaths: [/r], sysctl: {net.ipv4.ip_forward: '1'}, "
        "annotations: {k: v}, rootfsPropagation: shared, cgroupsPath: /group, "
        "resources: {pids: {limit: 9}}, tmpfs: ['/t:size=1m'], binds: ['/s:/d:ro'], "
        "mounts: [{type: proc, options: [ro]}], "
        "devices: [{path: /dev/x, type: c, major: 5, minor: 1, mode: '0666'}, {path: all, type: "
        "b}], "
        "runtime: {interfaces: [{name: eth0}]}"));
    const Json expected = Json::parse(R"({
        "args": ["/x"], "env": ["PATH=/b"], "cwd": "/y", "terminal": false, "noNewPrivileges": true,
        "user": {"uid": 1, "gid": 2, "additionalGids": [3]}, "oomScoreAdj": -5,
        "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 10, "hard": 18446744073709551615}],
        "capabilities": {"bounding": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_KILL"],
            "inheritable": ["CAP_CHOWN", "CAP_KILL"], "permitted": ["CAP_CHOWN", "CAP_KILL"],
            "ambient": ["CAP_CHOWN"]}})");
    EXPECT_EQ(config["process"], expected);
    EXPECT_EQ(config["root"]["readonly"], true);
    EXPECT_EQ(config["hostname"], "host");
    EXPECT_EQ(config["annotations"], Json({{"k", "v"}}));
    EXPECT_EQ(config["linux"], Json::parse(R"({
        "namespaces": [{"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "pid"},
            {"type": "mount"}],
        "resources": {"pids": {"limit": 9}, "devices": [
            {"allow": true, "type": "c", "access": "rwm", "major": 5, "minor": 1},
            {"allow": true, "type": "b", "access": "rwm"}]},
        "devices": [{"path": "/dev/x", "type": "c", "major": 5, "minor": 1, "fileMode": 438}],
        "sysctl": {"net.ipv4.ip_forward": "1"}, "maskedPaths": ["/m"], "readonlyPaths": ["/r"],
        "rootfsPropagation": "shared", "cgroupsPath": "/group", "netDevices": {"eth0": {}}})"));
    const auto mount = [&](const std::string& destination) {
        for (const auto& each : config["mounts"]) {
            if (each["destination"] == destination) return each["options"];
        }
        return Json{};
    };
    EXPECT_EQ(mount("/t"), Json({"size=1m"}));
    EXPECT_EQ(mount("/d"), Json({"ro", "rbind"}));
    EXPECT_EQ(mount("/proc"), Json({"ro"}));
}

TEST(Linuxkit, SysctlsOfTheGuestsNamespacesAreSetThere) {
    const Json config = config_of(service("sysctl: {net.core.somaxconn: 9, kernel.msgmax: 1}"));
    EXPECT_EQ(config["linux"]["namespaces"], Json::parse(R"([
        {"type": "network", "path": "/proc/1/ns/net"}, {"type": "ipc", "path": "/proc/1/ns/ipc"},
        {"type": "pid"}, {"type": "mount"}])"));
}

TEST(Linuxkit, TheImagesLabelHoldsWhereTheFileSaysNothing) {
    const Json own = config_of("services: [{name: web, image: labelled}]\n");
    EXPECT_EQ(own["process"]["args"], Json({"/label"}));
    EXPECT_EQ(own["process"]["capabilities"]["effective"], Json({"CAP_CHOWN"}));
    const Json added = config_of(service("capabilities.add: [CAP_KILL]", "labelled"));
    EXPECT_EQ(added["process"]["capabilities"]["effective"], Json({"CAP_CHOWN", "CAP_KILL"}));
    const Json replaced = config_of(service("capabilities: [none], command: [/x]", "labelled"));
    EXPECT_EQ(replaced["process"]["capabilities"]["effective"], Json::array());
    EXPECT_EQ(replaced["process"]["args"], Json({"/x"}));
}

TEST(Linuxkit, WhatIsDoneAroundAContainerGoesBesideIt) {
    const auto loaded =
        load(service("runtime: {mkdir: [/var/lib/x], cgroups: [g], bindNS: {net: /run/netns/x}, "
                     "mounts: [{type: tmpfs, destination: /run/x}]}, "
                     "x-kos-service: {after: [db], restart: always, ready: {port: 80}}"));
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    const auto& container = loaded->layout.containers.front();
    EXPECT_EQ(Json::parse(container.runtime), Json::parse(R"({
        "cgroups": ["g"], "mkdir": ["/var/lib/x"], "bindNS": {"net": "/run/netns/x"}, "mounts": [
        {"destination": "/run/x", "type": "tmpfs", "source": "tmpfs", "options": []}]})"));
    EXPECT_EQ(
        Json::parse(container.service),
        Json::parse(
            R"({"version": 1, "after": ["db"], "restart": "always", "ready": {"port": 80}})"));
}

TEST(Linuxkit, FilesAreOfTheGuestsRoot) {
    const std::string text =
        "services: [{name: web, image: x}]\n"
        "files:\n"
        "  - {path: etc/a, contents: text, mode: '0644', uid: 3, gid: 4}\n"
        "  - {path: etc, directory: true, mode: '0711'}\n"
        "  - {path: /etc/b, source: beside}\n"
        "  - {path: etc/none, source: nothing, optional: true}\n"
        "  - {path: etc/link, symlink: a}\n"
        "  - {path: etc/guest.yml, metadata: yaml}\n";
    const auto loaded = load(text);
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    const oci::RootFs& files = loaded->layout.files;
    EXPECT_EQ(files.find("/etc")->mode, 0711u);
    EXPECT_EQ(files.find("/etc/a")->content, "text");
    EXPECT_EQ(files.find("/etc/a")->mode, 0644u);
    EXPECT_EQ(files.find("/etc/a")->user, 3u);
    EXPECT_EQ(files.find("/etc/b")->content, "of a file");
    EXPECT_EQ(files.find("/etc/b")->mode, 0600u);
    EXPECT_EQ(files.find("/etc/none"), nullptr);
    EXPECT_EQ(files.find("/etc/link")->type, oci::NodeType::Symlink);
    EXPECT_EQ(files.find("/etc/guest.yml")->content, text);
}

TEST(Linuxkit, KernelAndInitAreKossOwnAndThatIsTold) {
    const auto loaded = load(
        "kernel: {image: 'linuxkit/kernel:6.6.71', cmdline: 'console=ttyS0 loglevel=3'}\n"
        "init: ['linuxkit/init:abc', 'linuxkit/runc:abc']\n"
        "services: [{name: web, image: x}]\n");
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    EXPECT_EQ(loaded->layout.kernel_arguments, "loglevel=3");
    EXPECT_THAT(loaded->notes,
                ElementsAre(HasSubstr("linuxkit/kernel:6.6.71"), HasSubstr("console=ttyS0"),
                            HasSubstr("linuxkit/init:abc"), HasSubstr("linuxkit/runc:abc")));
}

struct Wrong {
    const char* name;
    std::string file;
    const char* code;
    const char* at;  ///< line:column
    const char* detail;
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.name; }

const Wrong wrong_files[] = {
    {"Yaml", "services: [\n", "KOS-E-LINUXKIT-YAML", "2:1", ""},
    {"TopLevel", "service: []\n", "KOS-E-LINUXKIT-KEY", "1:1", "did you mean services?"},
    {"Trust", "trust: {org: [x]}\n", "KOS-E-LINUXKIT-UNSUPPORTED", "1:1", "trust: kos holds every"},
    {"Volumes", "volumes: []\n", "KOS-E-LINUXKIT-UNSUPPORTED", "1:1", "volumes: use binds"},
    {"Nothing", "onshutdown: [{name: a, image: x}]\n", "KOS-E-LINUXKIT-VALUE", "1:1",
     "neither a service nor"},
    {"Key", service("comand: [x]"), "KOS-E-LINUXKIT-KEY", "2:31",
     "a container has no key comand; did you mean command?"},
    {"Userns", service("userns: new"), "KOS-E-LINUXKIT-UNSUPPORTED", "2:31", "userns: "},
    {"NoName", "services: [{image: x}]\n", "KOS-E-LINUXKIT-VALUE", "1:12",
     "a container has a name"},
    {"NoImage", "services: [{name: a}]\n", "KOS-E-LINUXKIT-VALUE", "1:12", "a names no image"},
    {"Main", "services: [{name: main, image: x}]\n", "KOS-E-LINUXKIT-VALUE", "1:19", "for itself"},
    {"Twice", "services: [{name: a, image: x}, {name: a, image: x}]\n", "KOS-E-LINUXKIT-VALUE",
     "1:40", "there twice"},
    {"Slash", "services: [{name: a/b, image: x}]\n", "KOS-E-LINUXKIT-VALUE", "1:19", "letters"},
    {"Image", "services: [{name: a, image: missing}]\n", "KOS-E-NOT-LOCAL", "1:29", ""},
    {"Capability", service("capabilities: [CAP_FLY]"), "KOS-E-LINUXKIT-VALUE", "2:45",
     "\"CAP_FLY\" is no capability"},
    {"Bind", service("binds: [/a]"), "KOS-E-LINUXKIT-VALUE", "2:38", "/FROM:/TO"},
    {"Tmpfs", service("tmpfs: ['t']"), "KOS-E-LINUXKIT-VALUE", "2:38", "/PATH"},
    {"Limit", service("rlimits: [nofile]"), "KOS-E-LINUXKIT-VALUE", "2:40", "NAME,SOFT,HARD"},
    {"LimitName", service("rlimits: ['x,1,2']"), "KOS-E-LINUXKIT-VALUE", "2:5", "RLIMIT_X"},
    {"Score", service("oomScoreAdj: 5000"), "KOS-E-LINUXKIT-VALUE", "2:44", "-1000 to 1000"},
    {"Net", service("net: bridge"), "KOS-E-LINUXKIT-VALUE", "2:36", "new, host or the path"},
    {"Sysctl", service("sysctl: {vm.swappiness: '1'}"), "KOS-E-LINUXKIT-VALUE", "2:5",
     "vm.swappiness"},
    {"Resources", service("resources: {pids: {limit: many}}"), "KOS-E-LINUXKIT-VALUE", "2:5",
     "/linux/resources/pids/limit"},
    {"Infinite", service("resources: {pids: {limit: .inf}}"), "KOS-E-LINUXKIT-VALUE", "2:57",
     "no finite number"},
    {"InfiniteWord", service("resources: {pids: {limit: -infinity}}"), "KOS-E-LINUXKIT-VALUE",
     "2:57", "no finite number"},
    {"NotANumber", service("resources: {pids: {limit: nan}}"), "KOS-E-LINUXKIT-VALUE", "2:57",
     "no finite number"},
    {"NameOfAnOnboot",
     "onboot: [{name: b, image: x}]\nservices: [{name: onboot-000-b, image: x}]\n",
     "KOS-E-LINUXKIT-VALUE", "2:19", "there twice: onboot-000-b"},
    {"NameOfAnOnshutdown",
     "services: [{name: onshutdown-000-b, image: x}]\nonshutdown: [{name: b, image: x}]\n",
     "KOS-E-LINUXKIT-VALUE", "2:21", "there twice: onshutdown-000-b"},
    {"DeviceRules", service("resources: {devices: all}, devices: [{path: /dev/null}]"),
     "KOS-E-LINUXKIT-VALUE", "2:", "its devices should be a list"},
    {"Device", service("devices: [{path: /d, type: x}]"), "KOS-E-LINUXKIT-VALUE", "2:58", "c or b"},
    {"InterfaceOfTheGuest", service("runtime: {interfaces: [{name: eth0}]}"),
     "KOS-E-LINUXKIT-VALUE", "2:53", "net: new"},
    {"NewInterface", service("net: new, runtime: {interfaces: [{name: w, add: wireguard}]}"),
     "KOS-E-LINUXKIT-UNSUPPORTED", "2:74", "add: "},
    {"Containerd", service("runtime: {namespace: x}"), "KOS-E-LINUXKIT-UNSUPPORTED", "2:41",
     "kosinit's own"},
    {"UserName", service("uid: nobody"), "KOS-E-LINUXKIT-UNSUPPORTED", "2:36", "write the number"},
    {"OnbootService", "onboot: [{name: a, image: x, x-kos-service: {after: [b]}}]\n",
     "KOS-E-LINUXKIT-VALUE", "1:45", "a is no service"},
    {"Kernel", "kernel: {image: my/kernel}\n", "KOS-E-LINUXKIT-UNSUPPORTED", "1:17",
     "kernel: my/kernel: guests have one kernel"},
    {"KernelRoot", "kernel: {cmdline: 'root=/dev/vda'}\n", "KOS-E-LINUXKIT-UNSUPPORTED", "1:19",
     "root=/dev/vda"},
    {"Init", "init: ['my/init:1']\n", "KOS-E-LINUXKIT-UNSUPPORTED", "1:8", "init: my/init:1"},
    {"FilePath", "files: [{path: etc/hosts, contents: x}]\n", "KOS-E-LINUXKIT-UNSUPPORTED", "1:16",
     "etc/hosts"},
    {"FileOutside", "files: [{path: ../x, contents: x}]\n", "KOS-E-LINUXKIT-VALUE", "1:16",
     "leaves the root"},
    {"FileTwoKinds", "files: [{path: x, contents: x, source: y}]\n", "KOS-E-LINUXKIT-VALUE", "1:9",
     "one of contents"},
};

TEST(Linuxkit, ANameThatIsNoUtf8IsReplaced) {
    const auto loaded = load("x-kos-name: kit\xed\nservices: [{name: web, image: x}]\n");
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    EXPECT_EQ(Json::parse(loaded->layout.guest)["hostname"], "kit\xef\xbf\xbd");
}

TEST(Linuxkit, CopiesOfTheFileAreFew) {
    std::string text = "services: [{name: web, image: x}]\nfiles:\n";
    for (int i = 0; i < 16; ++i) text += "- {path: a" + std::to_string(i) + ", metadata: yaml}\n";
    EXPECT_TRUE(load(text));
    const auto refused = load(text + "- {path: b, metadata: yaml}\n");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().where, "guest.yml:19:3");
}

class WrongLinuxkit : public testing::TestWithParam<Wrong> {};

TEST_P(WrongLinuxkit, IsToldByCodeAndPlace) {
    const Wrong& wrong = GetParam();
    const auto loaded = load(wrong.file);
    ASSERT_FALSE(loaded);
    const std::string text = to_string(loaded.error());
    EXPECT_THAT(text, HasSubstr(std::string{wrong.code} + ": guest.yml:" + wrong.at));
    EXPECT_THAT(text, HasSubstr(wrong.detail));
}

INSTANTIATE_TEST_SUITE_P(Files, WrongLinuxkit, testing::ValuesIn(wrong_files),
                         [](const auto& each) { return std::string{each.param.name}; });

TEST(Linuxkit, AliasesMakeNoMoreContainersThanAGuestHas) {
    std::string text = "services: [{name: web, image: x}]\nonboot:\n- &a {name: a, image: x}\n";
    for (int i = 2; i < 256; ++i) text += "- *a\n";
    const auto loaded = load(text);
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    EXPECT_EQ(loaded->layout.containers.size(), 256u);
    const auto refused = load(text + "- *a\n");
    ASSERT_FALSE(refused);
    EXPECT_THAT(to_string(refused.error()),
                AllOf(StartsWith("KOS-E-LINUXKIT-VALUE: guest.yml:"),
                      HasSubstr("at most 256 containers: give the others a file of their own")));
}

TEST(Linuxkit, ASourceThatNeverEndsIsRefused) {
    const auto loaded = load("files: [{path: x, source: /dev/zero}]\n");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(to_string(loaded.error()).substr(0, 10), "KOS-E-FILE");
}

TEST(Linuxkit, AFileThatIsNotThereIsNamed) {
    const auto loaded = load_layout("/nothing.yml", test_image);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::File);
}

}  // namespace
}  // namespace kos::linuxkit
