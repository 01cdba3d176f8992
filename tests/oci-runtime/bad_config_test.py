#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Configs that cannot be right: each gives one line that names the field, exit status 1, and leaves nothing."""
import json
import os

from bundles import Case, main

# What is set at which JSON pointer (the last component "-" appends), and what the line must hold.
BAD = [
    ("/ociVersion", "2.0.0", "/ociVersion: must be 1.x"),
    ("/ociVersion", 1, "/ociVersion: must be a string"),
    ("/root", None, '"root"'),
    ("/root/path", "nosuch", "/root/path"),
    ("/root/path", "rootfs/bin/busybox", "is no directory"),
    ("/root/readonly", "yes", "/root/readonly: must be true or false"),
    ("/process/cwd", "relative", "/process/cwd: must be an absolute path"),
    ("/process/cwd", None, '"cwd"'),
    ("/process/args", [], "/process/args"),
    ("/process/args", "/bin/true", "/process/args: must be an array"),
    ("/process/args", [1], "/process/args/0: must be a string"),
    ("/process/args", ["/bin/a\u0000b"], "/process/args/0: holds a NUL"),
    ("/process/args", ["nosuch"], "executable file not found"),
    ("/process/args", ["/nosuch"], "No such file"),
    ("/process/args", ["/etc"], "is a directory: Permission denied"),
    ("/process/env", {"A": "b"}, "/process/env: must be an array"),
    ("/process/user/uid", -1, "/process/user/uid"),
    ("/process/user/uid", "root", "/process/user/uid: must be an integer"),
    ("/process/user/gid", 2**32, "/process/user/gid"),
    ("/process/user/additionalGids", [1.5], "/process/user/additionalGids/0"),
    ("/process/capabilities/bounding/-", "CAP_NOSUCH", "CAP_NOSUCH"),
    ("/process/capabilities/ambient", ["KILL"], "/process/capabilities/ambient/0"),
    ("/process/rlimits", [{"type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1}], "RLIMIT_NOSUCH"),
    ("/process/rlimits", [{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}], "/process/rlimits/0/soft: is above hard"),
    ("/process/rlimits", [{"type": "RLIMIT_CORE", "soft": 1, "hard": 1}] * 2, "/process/rlimits: RLIMIT_CORE is given twice"),
    ("/process/oomScoreAdj", 5000, "/process/oomScoreAdj"),
    ("/process/scheduler", {"policy": "SCHED_NOSUCH"}, "/process/scheduler/policy"),
    ("/process/ioPriority", {"class": "IOPRIO_CLASS_BE", "priority": 9}, "/process/ioPriority/priority: must be"),
    ("/mounts/-", {"destination": "/x", "type": "nosuchfs", "source": "x"}, "nosuchfs"),
    ("/mounts/-", {"destination": "/x", "type": "tmpfs", "options": ["nosuch=1"]}, "/mounts/4/options"),
    ("/mounts/-", {"destination": "/x", "type": "bind", "source": "/nosuch", "options": ["bind"]}, "/mounts/4/source"),
    ("/mounts/-", {"destination": "", "type": "tmpfs"}, "/mounts/4/destination: must not be empty"),
    ("/mounts/-", {"destination": "/x", "type": "tmpfs", "uidMappings": [{"containerID": 0, "hostID": 0, "size": 0}]},
     "/mounts/4/uidMappings/0/size: must not be 0"),
    ("/mounts/-", {"destination": "/bin/busybox", "type": "tmpfs", "source": "tmpfs"}, "/mounts/4/destination"),
    ("/mounts/-", {"type": "tmpfs"}, '"destination"'),
    ("/hostname", 5, "/hostname: must be a string"),
    ("/hooks", {"prestart": [{"path": "relative"}]}, "/hooks/prestart/0/path: must be absolute"),
    ("/hooks", {"prestart": [{"path": "/nosuch"}]}, "/hooks/prestart/0"),
    ("/hooks", {"poststop": [{"path": "/bin/true", "timeout": 0}]}, "/hooks/poststop/0/timeout: must not be 0"),
    ("/linux/namespaces/-", {"type": "nosuch"}, "/linux/namespaces/5/type"),
    ("/linux/namespaces/-", {"type": "pid"}, "/linux/namespaces: a type is given twice"),
    ("/linux/namespaces/0/path", "/nosuch", "/linux/namespaces/0/path"),
    ("/linux/namespaces/0/path", "/proc/self/ns/net", "another type"),
    ("/linux/namespaces/0/path", "/bin/true", "no namespace"),
    ("/linux/namespaces/-", {"type": "user"}, "/linux/uidMappings: is needed"),
    ("/linux/uidMappings", [{"containerID": 0, "hostID": 0, "size": 1}], "/linux/uidMappings: there is no user namespace"),
    ("/linux/timeOffsets", {"monotonic": {"secs": 1}}, "/linux/timeOffsets: there is no"),
    ("/linux/devices", [{"path": "/dev/x", "type": "z"}], "/linux/devices/0/type"),
    ("/linux/devices", [{"path": "/dev/x", "type": "c"}], '"major"'),
    ("/linux/sysctl", {"vm.swappiness": "1"}, "/linux/sysctl/vm.swappiness"),
    ("/linux/sysctl", {"net.nosuch": "1"}, "/linux/sysctl/net.nosuch"),
    ("/linux/rootfsPropagation", "nosuch", "/linux/rootfsPropagation"),
    ("/linux/seccomp", {}, '"defaultAction"'),
    ("/linux/seccomp", {"defaultAction": "SCMP_ACT_NOSUCH"}, "/linux/seccomp/defaultAction"),
    ("/linux/seccomp", {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_NOSUCH"]},
     "/linux/seccomp/architectures/0"),
    ("/linux/seccomp", {"defaultAction": "SCMP_ACT_ALLOW",
                        "syscalls": [{"names": ["nosuch"], "action": "SCMP_ACT_ERRNO"}]},
     "/linux/seccomp/syscalls/0/names/0"),
    ("/linux/seccomp", {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}]},
     "/linux/seccomp/syscalls/0/args/0/index: must be"),
    ("/linux/seccomp", {"defaultAction": "SCMP_ACT_ALLOW",
                        "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}, "listenerPath"),
    ("/linux/personality", {"domain": "NOSUCH"}, "/linux/personality/domain"),
    ("/linux/memoryPolicy", {"mode": "MPOL_NOSUCH"}, "/linux/memoryPolicy/mode"),
    ("/linux/intelRdt", {"closID": "../x"}, "/linux/intelRdt/closID"),
    ("/linux/intelRdt", {"enableCMT": 1}, "/linux/intelRdt/enableCMT"),
    ("/linux/intelRdt", {"memBwSchema": "L3:0=f"}, "/linux/intelRdt/memBwSchema: must begin with"),
    ("/linux/intelRdt", {"schemata": ["L3:0=f\nMB:0=1"]}, "/linux/intelRdt/schemata: must be a single line"),
    ("/linux/netDevices", {"nosuch0": {}}, "/linux/netDevices/nosuch0: looking for nosuch0"),
    ("/linux/netDevices", {"a/b": {}}, "/linux/netDevices: "),
    ("/linux/resources", {"devices": [{"allow": True, "access": "x"}]}, "/linux/resources/devices/0/access"),
    ("/linux/resources", {"unified": {"../x": "1"}}, "/linux/resources/unified"),
    ("/linux/resources", {"pids": {"limit": 5}}, "/linux/resources/pids/limit"),
    ("/linux/cgroupsPath", 7, "/linux/cgroupsPath"),
]


def put(document, pointer, value):
    *parents, last = pointer.split("/")[1:]
    for key in parents:
        document = document[int(key)] if isinstance(document, list) else document.setdefault(key, {})
    if last == "-":
        document.append(value)
    elif value is None:
        del document[last]
    else:
        document[int(last) if isinstance(document, list) else last] = value


class BadConfig(Case):
    def check(self, result, expected):
        self.assertEqual(1, result.returncode, result.stderr)
        self.assertEqual(1, result.stderr.count("\n"), result.stderr)
        message = json.loads('"' + result.stderr.split('msg="', 1)[1].rstrip()[:-1] + '"')
        self.assertIn(expected, message)
        self.assertEqual([], os.listdir(self.state) if os.path.isdir(self.state) else [])
        self.assertEqual(set(), self.mounts() - self.mounts_before)

    def test_each_bad_config_is_refused_by_its_field(self):
        good = json.dumps(self.config)
        for pointer, value, expected in BAD:
            with self.subTest(pointer=pointer, value=value):
                self.config = json.loads(good)
                put(self.config, pointer, value)
                self.check(self.run_container(), expected)

    def test_malformed_json_is_refused_with_its_place(self):
        for text, expected in (("", "line 1, column"), ("{", "line 1"), ('{\n "a": ]}', "line 2, column"),
                               ("[]", "must be an object"), ('{"ociVersion": "1.0.0",}', "line 1"),
                               ("[" * 100000, "not valid JSON")):
            with self.subTest(text[:30]):
                with open(os.path.join(self.folder, "config.json"), "w") as file:
                    file.write(text)
                self.check(self.runtime("run", "--bundle", self.folder, self.new_id()), expected)

    def test_a_bundle_without_config_is_refused(self):
        self.check(self.runtime("run", "--bundle", self.folder, self.new_id()), "config.json")

    def test_fields_that_the_specification_does_not_know_are_ignored(self):
        self.config["newThing"] = {"a": 1}
        self.config["linux"]["newThing"] = [1]
        self.config["process"]["newThing"] = None
        self.assertEqual(0, self.run_container().returncode)


main()
