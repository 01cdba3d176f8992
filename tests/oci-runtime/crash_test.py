#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""The runtime is killed at one system call after another: `delete --force` then removes all there is."""
import collections
import os
import re
import shutil
import subprocess
import time

from bundles import Case, main

# Every n-th call is tried; 1 tries all of them (half a minute).
STRIDE = int(os.environ.get("KOS_OCI_CRASH_STRIDE", "7"))


class Crash(Case):
    manager = "cgroupfs"

    def setUp(self):
        if not shutil.which("strace"):
            self.skipTest("needs strace")
        super().setUp()
        self.config["process"]["args"] = ["/bin/sleep", "1000"]
        if not os.path.exists("/sys/fs/cgroup/pids") and not os.path.exists("/sys/fs/cgroup/cgroup.procs"):
            self.manager = "disabled"
        self.path = f"/kos-oci-crash-{os.getpid()}"
        self.config["linux"]["cgroupsPath"] = self.path + "/one"
        self.addCleanup(self.remove_groups)
        self.write_config()

    def groups(self):
        return [root for root, _, _ in os.walk("/sys/fs/cgroup") if root.endswith(self.path + "/one")]

    def remove_groups(self):
        for root, _, _ in os.walk("/sys/fs/cgroup"):
            if root.endswith(self.path):
                os.rmdir(root)

    def sleepers(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/root") == self.rootfs:
                    found.append(pid)
            except OSError:
                pass
        return found

    def traced(self, *options, command):
        output = os.path.join(self.folder, "output")
        with open(output, "w") as file:
            return subprocess.run(["strace", "-o", os.path.join(self.folder, "trace"), *options, *command],
                                  stdin=subprocess.DEVNULL, stdout=file, stderr=file, timeout=60)

    def test_nothing_is_left_whenever_create_is_killed(self):
        command = self.command("create", "--bundle", self.folder, "crash")
        self.ids.append("crash")
        self.traced(command=command)
        with open(os.path.join(self.folder, "trace")) as file:
            calls = collections.Counter(re.findall(r"(?m)^(\w+)\(", file.read()))
        self.assertEqual(0, self.runtime("delete", "--force", "crash").returncode)
        points = [(name, when) for name, count in sorted(calls.items()) for when in range(1, count + 1)]
        self.assertGreater(len(points), 100)
        for name, when in points[::STRIDE]:
            with self.subTest(call=name, when=when):
                self.traced(f"--inject={name}:signal=KILL:when={when}", command=command)
                self.check_nothing_left_after_delete()

    def check_nothing_left_after_delete(self):
        result = self.runtime("delete", "--force", "crash")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual([], os.listdir(self.state) if os.path.isdir(self.state) else [])
        self.assertEqual([], self.groups())
        deadline = time.monotonic() + 5
        while self.sleepers() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual([], self.sleepers())


main()
