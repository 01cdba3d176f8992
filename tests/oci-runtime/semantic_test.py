#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a container sees, by a probe inside, for generated configs: what config.json says, and what runc gives.
DIFFERENCES lists what may differ; docs/oci-runtime.md says why."""
import copy
import json
import os
import pty
import re
import resource
import shutil
import signal
import subprocess
import threading
import unittest

import bundles
import sandbox
import semantic_configs
from bundles import BASE, Case, main

COUNT = int(os.environ.get("KOS_OCI_CONFIGS", "50"))
PROBE = os.environ.get("KOS_OCI_PROBE", "")
SETS = {"bounding": "CapBnd", "permitted": "CapPrm", "effective": "CapEff", "inheritable": "CapInh", "ambient": "CapAmb"}
NUMBERS = {"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_FOWNER": 3, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7,
           "CAP_NET_BIND_SERVICE": 10, "CAP_NET_RAW": 13, "CAP_SYS_CHROOT": 18, "CAP_MKNOD": 27, "CAP_AUDIT_WRITE": 29,
           "CAP_SETFCAP": 31}
NAMESPACES = {"pid": "pid", "network": "net", "ipc": "ipc", "uts": "uts", "mount": "mnt", "cgroup": "cgroup", "user": "user"}
STATUS = ("Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "SigCgt", "ShdPnd", "SigPnd", "CapInh", "CapPrm", "CapEff",
          "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Threads", "TracerPid", "Cpus_allowed", "Mems_allowed", "NSpid")


def mask(names):
    return sum(1 << NUMBERS[name] for name in names)


def after_execve(process):
    """capabilities(7): what is left of the sets once the probe runs, a file without capabilities."""
    given = {key: mask(process["capabilities"][key]) for key in SETS}
    permitted = 0
    if process["user"]["uid"] == 0:
        permitted = given["inheritable"] | given["bounding"]
        if process["noNewPrivileges"]:
            permitted &= given["permitted"]
    permitted |= given["ambient"]
    is_root = process["user"]["uid"] == 0
    return {**given, "permitted": permitted, "effective": permitted if is_root else given["ambient"]}


def mount_rows(seen):
    """Mount point, options, propagation, type and options of the file system of each mount, in order."""
    rows = []
    for line in seen["mounts"]:
        before, after = line.split(" - ")
        words, (kind, _, options) = before.split(" "), after.split(" ")
        tags = sorted({re.sub(r":\d+", "", word) for word in words[6:]})
        options = [o for o in options.split(",") if not re.match(r"(inode64|uid=|gid=|nr_inodes=)", o)]
        rows.append([words[4], sorted(words[5].split(",")), tags, kind, sorted(options)])
    return rows


class Expected:
    """Checks, area by area, that what the probe saw is what the config says."""

    def __init__(self, case, config, seen):
        self.case, self.config, self.seen = case, config, seen
        for name in ("process", "capabilities", "limits", "namespaces", "system", "mounts", "paths", "devices"):
            getattr(self, "check_" + name)()

    def check_process(self):
        process, seen, status = self.config["process"], self.seen, self.seen["status"]
        user, equal = process["user"], self.case.assertEqual
        equal(process["args"], seen["arguments"])
        equal(process["env"] + ["HOME=/"], seen["environment"])
        equal(process["cwd"], seen["cwd"])
        equal([str(user["uid"])] * 4, status["Uid"].split())
        equal([str(user["gid"])] * 4, status["Gid"].split())
        equal(sorted(user.get("additionalGids", [])), [int(g) for g in status["Groups"].split()])
        equal(user["umask"], seen["umask"])
        equal(str(int(process["noNewPrivileges"])), status["NoNewPrivs"])
        equal("2" if "seccomp" in self.config["linux"] else "0", status["Seccomp"])
        equal(["0", "1", "2"], list(seen["descriptors"]))
        equal(process.get("oomScoreAdj", self.case.oom_score), int(seen["proc"]["oom_score_adj"]))
        equal("0" * 16, status["SigBlk"])

    def check_capabilities(self):
        expected = after_execve(self.config["process"])
        for key, row in SETS.items():
            self.case.assertEqual(expected[key], int(self.seen["status"][row], 16), key)

    def check_limits(self):
        given = {getattr(resource, each["type"]): [each["soft"], each["hard"]] for each in self.config["process"]["rlimits"]}
        for number, limit in enumerate(self.seen["limits"]):
            callers = [value % 2**64 for value in resource.getrlimit(number)]
            self.case.assertEqual(given.get(number, callers), limit, number)

    def check_namespaces(self):
        new = {NAMESPACES[each["type"]] for each in self.config["linux"]["namespaces"]}
        for name, link in self.seen["namespaces"].items():
            is_new = link != os.readlink(f"/proc/self/ns/{name}")
            self.case.assertEqual(name in new, is_new, name)
        if "user" in new:
            self.case.assertEqual("0 100000 65536", " ".join(self.seen["proc"]["uid_map"].split()))
        if "pid" in new:
            self.case.assertEqual(1, self.seen["process"]["pid"])

    def check_system(self):
        names = {"kernel.msgmax": "msgmax", "kernel.shmmni": "shmmni", "net.ipv4.ip_forward": "ip_forward"}
        for key, value in self.config["linux"]["sysctl"].items():
            self.case.assertEqual(value + "\n", self.seen["sysctl"][names[key]], key)
        if "hostname" in self.config:
            self.case.assertEqual(self.config["hostname"] + "\n", self.seen["sysctl"]["hostname"])

    def check_mounts(self):
        rows = {row[0]: row for row in mount_rows(self.seen)}
        self.case.assertEqual(self.config["root"]["readonly"], "ro" in rows["/"][1])
        for mount in self.config["mounts"]:
            _, flags, tags, kind, _ = rows[mount["destination"]]
            options = mount.get("options", [])
            for flag in ("nosuid", "nodev", "noexec", "noatime", "ro"):
                if flag in options:
                    self.case.assertIn(flag, flags, mount)
                elif mount["type"] != "bind" and mount["destination"] not in self.config["linux"]["readonlyPaths"]:
                    self.case.assertNotIn(flag, flags, mount)
            self.case.assertEqual("rshared" in options, "shared" in tags, mount)
            self.case.assertEqual("unbindable" in options, "unbindable" in tags, mount)
            if mount["type"] != "bind":
                self.case.assertEqual(mount["type"], kind, mount)
        own = {m["destination"] for m in self.config["mounts"]} | {"/", "/dev/console"}
        own |= {*self.config["linux"]["maskedPaths"], *self.config["linux"]["readonlyPaths"]}
        bound = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "mine")}
        self.case.assertEqual(set(), set(rows) - own - (bound if "uidMappings" in self.config["linux"] else set()))

    def check_paths(self):
        for path, seen in (self.seen.get("paths") or {}).items():
            if isinstance(seen, str):
                continue  # there is no such path in this kernel or image
            if path in self.config["linux"]["maskedPaths"]:
                self.case.assertIn(seen["entries"], (0, []), path)
            elif self.config["process"]["user"]["uid"] == 0:
                self.case.assertNotEqual("yes", seen["write"], path)

    def check_devices(self):
        numbers = {"null": [1, 3], "zero": [1, 5], "full": [1, 7], "random": [1, 8], "urandom": [1, 9], "tty": [5, 0]}
        for name, number in numbers.items():
            self.case.assertEqual(number, self.seen["devices"]["/dev/" + name]["device"], name)
        for device in self.config["linux"].get("devices", []):
            node = self.seen["devices"][device["path"]]
            self.case.assertEqual(device["fileMode"], node["mode"] & 0o7777, device)
        is_terminal = self.config["process"].get("terminal", False)
        self.case.assertEqual(is_terminal, "/dev/console" in self.seen["devices"])


def comparable(config, seen):
    """What the probe saw, without what differs from run to run; see DIFFERENCES in docs/oci-runtime.md."""
    seen = copy.deepcopy(seen)
    seen["status"] = {key: seen["status"][key] for key in STATUS if key in seen["status"]}
    seen["namespaces"] = {name: link == os.readlink(f"/proc/self/ns/{name}") for name, link in seen["namespaces"].items()}
    # D5: `run` of runc relays standard input and output, here the container has the caller's.
    seen["descriptors"] = {fd: row[2:] for fd, row in seen["descriptors"].items()}
    # D6: where v1 has the controllers, the v2 hierarchy beside it has nothing to offer and is left alone.
    if "\n0::" in seen["proc"]["cgroup"]:
        seen["proc"]["cgroup"] = re.sub(r"(?m)^0::.*$", "", seen["proc"]["cgroup"])
    if seen["process"]["pid"] != 1:
        seen["process"] = seen["status"]["NSpid"] = None
    masked = {*config["linux"]["maskedPaths"]}
    bound = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")}
    rows = mount_rows(seen)
    for row in rows:
        # D7: "ro" of a tmpfs of its own is that of the file system as well, not of the mount alone.
        if row[3] == "tmpfs":
            row[4] = [option for option in row[4] if option not in ("ro", "rw") and not option.startswith("mode=")]
        # D1: what covers a masked path is the host's /dev/null or a shared tmpfs, not the container's.
        if row[0] in masked:
            row[1:] = ["covered"]
        # D2: a bind keeps what its source has; runc clears it when any option is given.
        # D3: devices of a user namespace are bound from the host; runc's have the flags of their mount.
        elif row[3] not in ("proc", "sysfs", "tmpfs", "devpts") or row[0] in bound or row[0].startswith("/b"):
            row[1] = [flag for flag in row[1] if flag in ("ro", "rw", "noatime")]
    # D4: the kernel lists mounts by when they were made; those on one path stay in their order.
    seen["mounts"] = sorted(rows, key=lambda row: row[0])
    for path in masked:
        (seen.get("points") or {}).pop(path, None)
    return seen


def differences(path, one, two):
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted({*one, *two}):
            yield from differences(f"{path}/{key}", one.get(key), two.get(key))
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for index, pair in enumerate(zip(one, two)):
            yield from differences(f"{path}/{index}", *pair)
    elif one != two:
        yield f"{path}: runc {one!r}, here {two!r}"


class Semantic(Case):
    def setUp(self):
        if not os.path.exists(PROBE):
            self.skipTest("the probe is not built")
        super().setUp()
        shutil.copy(PROBE, os.path.join(self.rootfs, "bin/probe"))
        with open(os.path.join(self.rootfs, "etc/masked"), "w") as file:
            file.write("secret")
        os.makedirs(os.path.join(self.rootfs, "made/here"))
        os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        os.mkdir(self.data)
        with open("/proc/self/oom_score_adj") as file:
            self.oom_score = int(file.read())

    def probe(self, runtime):
        """What the probe prints, run with a terminal of its own if the config asks for one."""
        self.write_config()
        for name in os.listdir(self.rootfs):
            if name not in ("bin", "etc", "tmp", "proc", "sys", "dev", "made"):
                os.rmdir(os.path.join(self.rootfs, name))  # what the run before made to mount on
        root = os.path.join(self.folder, "root-" + os.path.basename(runtime))
        identity = self.new_id()
        command = [runtime, "--root", root, "run", "--bundle", self.folder, identity]
        try:
            if self.config["process"].get("terminal"):
                output, status = self.with_terminal(command)
            else:
                done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
                output, status = done.stdout or done.stderr, done.returncode
        finally:
            subprocess.run([runtime, "--root", root, "delete", "--force", identity], capture_output=True)
        self.assertEqual(0, status, f"{runtime}: {output}")
        return json.loads(output)

    @staticmethod
    def with_terminal(command):
        master, slave = pty.openpty()
        pieces = []

        def drain():
            try:
                while piece := os.read(master, 65536):
                    pieces.append(piece)
            except OSError:
                pass

        reader = threading.Thread(target=drain)
        with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True) as process:
            os.close(slave)
            reader.start()
            status = process.wait(60)
        reader.join()
        os.close(master)
        return b"".join(pieces).decode(), status

    def test_a_container_sees_what_its_config_says_and_what_runc_gives(self):
        for number in range(COUNT):
            self.config = semantic_configs.config(number, copy.deepcopy(BASE), self.data)
            self.config["linux"]["cgroupsPath"] = "/probe"
            # Root of the user namespace owns the image, as engines see to.
            owner = 100000 if "uidMappings" in self.config["linux"] else 0
            for folder, _, files in os.walk(self.rootfs):
                for path in (folder, *(os.path.join(folder, file) for file in files)):
                    os.chown(path, owner, owner, follow_symlinks=False)
            with self.subTest(number):
                seen = self.probe(shutil.which(bundles.RUNTIME))
                Expected(self, self.config, seen)
                if shutil.which("runc"):
                    theirs = comparable(self.config, self.probe("runc"))
                    found = list(differences("", theirs, comparable(self.config, seen)))
                    self.assertEqual([], found, "\n".join(found) + "\n" + json.dumps(self.config))


if __name__ == "__main__":
    reason = sandbox.why_not()
    if reason:
        print("skipped:", reason)
        raise SystemExit(bundles.SKIPPED)
    sandbox.enter()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # process 1 of the sandbox blocks some; runc hands them on
    main()
