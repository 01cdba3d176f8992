#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""A machine with cgroup v1 and v2 side by side, for a caller without CAP_SYS_RESOURCE: crun refuses it."""
import os
import shutil
import subprocess

import bundles
import sandbox
from bundles import Case, main

WITHOUT = ["setpriv", "--bounding-set=-sys_resource"]


def make_hybrid():
    """As systemd mounts it: a tmpfs, v1 hierarchies in it, and v2 at `unified`."""
    if os.path.ismount("/sys/fs/cgroup/unified"):
        return
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/sys/fs/cgroup"], check=True)
    for name, kind, options in (("unified", "cgroup2", []), ("systemd", "cgroup", ["-o", "none,name=systemd"])):
        os.mkdir("/sys/fs/cgroup/" + name)
        subprocess.run(["mount", "-t", kind, *options, kind, "/sys/fs/cgroup/" + name], check=True)


class Hybrid(Case):
    manager = "cgroupfs"

    def command(self, *words):
        return [*WITHOUT, *super().command(*words)]

    def test_containers_run_and_are_controlled(self):
        output = self.inside("echo fine; grep CapBnd /proc/1/status >/dev/null && cat /proc/self/cgroup")
        self.assertEqual("fine", output.split()[0])
        identity = self.started()
        self.assertEqual("running", self.status(identity))
        self.assertEqual("again\n", self.runtime("exec", identity, "/bin/echo", "again").stdout)
        if os.path.exists("/sys/fs/cgroup/pids"):
            self.config["linux"]["resources"] = {"pids": {"limit": 44}}
            self.config["linux"]["cgroupsPath"] = "/limited"
            limited = self.started()
            with open("/sys/fs/cgroup/pids/limited/pids.max") as file:
                self.assertEqual("44\n", file.read())
            self.assertEqual(0, self.runtime("pause", limited).returncode)
            self.assertEqual("paused", self.status(limited))

    def test_crun_refuses(self):
        if not shutil.which("crun"):
            self.skipTest("needs crun")
        self.config["ociVersion"] = "1.0.2"
        self.write_config()
        root = os.path.join(self.folder, "crun")
        result = subprocess.run([*WITHOUT, "crun", "--root", root, "run", "--bundle", self.folder, "one"],
                                capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertNotEqual(0, result.returncode)
        self.assertIn("hybrid", result.stderr)


if __name__ == "__main__":
    reason = sandbox.why_not() or (None if shutil.which("setpriv") else "needs setpriv")
    if reason:
        print("skipped:", reason)
        raise SystemExit(bundles.SKIPPED)
    sandbox.enter()
    make_hybrid()
    main()
