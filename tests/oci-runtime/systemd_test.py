#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Control groups that systemd makes, against systemd itself: in the guest (guest/)."""
import glob
import json
import os
import subprocess
import sys

from bundles import SKIPPED, Case, main


def shown(unit, name):
    """A property of a unit, as systemd has it."""
    result = subprocess.run(["systemctl", "show", "--property", name, "--value", unit], capture_output=True, text=True)
    return result.stdout.strip()


class Systemd(Case):
    manager = "systemd"

    def setUp(self):
        super().setUp()
        self.unit = f"kos-{os.getpid()}.scope"
        self.config["linux"]["cgroupsPath"] = f"system.slice:kos:{os.getpid()}"
        self.config["linux"]["resources"] = {"pids": {"limit": 50}, "memory": {"limit": 64 << 20}, "cpu": {"shares": 512}}

    def remove_all(self):
        super().remove_all()
        self.assertEqual([], self.groups())

    def groups(self):
        return glob.glob(f"/sys/fs/cgroup/**/{self.unit}", recursive=True)

    def value(self, *names):
        """What the group's file says, by its name in v2 or in v1."""
        files = [file for name in names for folder in self.groups() for file in glob.glob(f"{folder}/{name}")]
        with open(files[0]) as file:
            return file.read().strip()

    def group_of(self, pid):
        with open(f"/proc/{pid}/cgroup") as file:
            return file.read()

    def test_the_container_is_in_a_scope_of_systemd(self):
        self.config["process"]["args"] = ["/bin/sleep", "1000"]
        identity = self.create()
        self.assertEqual(0, self.runtime("start", identity).returncode)
        pid = json.loads(self.runtime("state", identity).stdout)["pid"]
        self.assertIn(f"/system.slice/{self.unit}\n", self.group_of(pid))
        self.assertEqual("active", shown(self.unit, "ActiveState"))
        self.assertEqual("system.slice", shown(self.unit, "Slice"))
        self.assertEqual("yes", shown(self.unit, "Delegate"))
        self.assertEqual("50", shown(self.unit, "TasksMax"))
        self.assertEqual("50", self.value("pids.max"))
        self.assertEqual(str(64 << 20), self.value("memory.max", "memory.limit_in_bytes"))
        processes = self.runtime("ps", "--format", "json", identity).stdout
        self.assertIn(str(pid), processes)
        # The placeholder has gone.
        self.assertEqual([pid], json.loads(processes))
        self.assertEqual(str(pid), self.value("cgroup.procs"))
        self.assertEqual(0, self.runtime("delete", "--force", identity).returncode)
        self.assertEqual("inactive", shown(self.unit, "ActiveState"))
        self.assertEqual("not-found", shown(self.unit, "LoadState"))

    def test_limits_stay_when_systemd_reloads(self):
        identity = self.started()
        result = self.runtime("update", "--pids-limit", "40", "--memory", str(48 << 20), identity)
        self.assertEqual(0, result.returncode, result.stderr)
        subprocess.run(["systemctl", "daemon-reload"], check=True)
        self.assertEqual("40", self.value("pids.max"))
        self.assertEqual(str(48 << 20), self.value("memory.max", "memory.limit_in_bytes"))
        self.assertEqual("40", shown(self.unit, "TasksMax"))

    def test_pause_exec_and_resume(self):
        identity = self.started()
        self.assertEqual(0, self.runtime("pause", identity).returncode)
        self.assertEqual("paused", self.status(identity))
        self.assertEqual(0, self.runtime("resume", identity).returncode)
        inside = self.runtime("exec", identity, "/bin/cat", "/proc/self/cgroup")
        self.assertIn(self.unit, inside.stdout, inside.stderr)

    def test_a_container_that_has_ended_leaves_no_unit(self):
        self.assertEqual(0, self.run_container().returncode)
        self.assertEqual("not-found", shown(self.unit, "LoadState"))

    def test_a_name_that_is_taken_is_refused(self):
        self.started()
        result = self.run_container()
        self.assertEqual(1, result.returncode)
        self.assertIn("--systemd-cgroup: StartTransientUnit", result.stderr)
        self.assertEqual("active", shown(self.unit, "ActiveState"))

    def test_a_failed_launch_leaves_no_unit(self):
        self.config["process"]["args"] = ["/nosuch"]
        self.assertEqual(1, self.run_container().returncode)
        self.assertEqual("not-found", shown(self.unit, "LoadState"))

    def test_paths_of_cgroupfs_are_refused(self):
        self.config["linux"]["cgroupsPath"] = "/a/b"
        self.assertIn("/linux/cgroupsPath: must be SLICE:PREFIX:NAME", self.run_container().stderr)


if not os.path.isdir("/run/systemd/system"):
    print("skipped: needs systemd")
    sys.exit(SKIPPED)
main()
