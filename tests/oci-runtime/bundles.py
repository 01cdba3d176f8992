# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Bundles with busybox in them, and the runtime under test, for the tests beside this file."""
import copy
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

BUSYBOX = "/bin/busybox"
RUNTIME = os.environ.get("KOS_OCI", "kos-oci")
SKIPPED = 77

BASE = {
    "ociVersion": "1.2.0",
    "process": {
        "user": {"uid": 0, "gid": 0},
        "args": ["/bin/true"],
        "env": ["PATH=/bin"],
        "cwd": "/",
        "noNewPrivileges": True,
        "capabilities": {k: ["CAP_KILL", "CAP_CHOWN"] for k in ("bounding", "effective", "permitted")},
    },
    "root": {"path": "rootfs"},
    "hostname": "inside",
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
         "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs",
         "options": ["nosuid", "noexec", "nodev", "ro"]},
    ],
    "linux": {
        "namespaces": [{"type": t} for t in ("pid", "network", "ipc", "uts", "mount")],
        "maskedPaths": ["/proc/kcore", "/proc/keys", "/sys/firmware"],
        "readonlyPaths": ["/proc/sys", "/proc/bus"],
    },
}


def why_not():
    """Why containers cannot be made here, or nothing."""
    if os.geteuid() != 0:
        return "needs root"
    if not os.path.exists(BUSYBOX):
        return f"needs {BUSYBOX}"
    flags = ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork"]
    probe = subprocess.run(["unshare", *flags, "true"], capture_output=True, text=True)
    return probe.stderr.strip() if probe.returncode else None


class Case(unittest.TestCase):
    """A test with a bundle, a runtime, and the certainty that nothing is left afterwards."""

    counter = itertools.count()
    manager = "disabled"

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="kos-oci-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.rootfs = os.path.join(self.folder, "rootfs")
        self.state = os.path.join(self.folder, "state")
        for name in ("bin", "etc", "tmp", "proc", "sys", "dev"):
            os.makedirs(os.path.join(self.rootfs, name))
        shutil.copy(BUSYBOX, os.path.join(self.rootfs, "bin/busybox"))
        for name in ("sh", "true", "false", "cat", "ls", "id", "sleep", "mount", "stat", "touch", "env", "hostname",
                     "readlink", "echo", "kill", "mkdir", "grep", "od", "stty", "dd", "ln", "ps", "test"):
            os.symlink("busybox", os.path.join(self.rootfs, "bin", name))
        self.config = copy.deepcopy(BASE)
        self.ids = []
        self.mounts_before = self.mounts()
        self.addCleanup(self.remove_all)

    @staticmethod
    def mounts():
        with open("/proc/self/mountinfo") as file:
            return {line.split(" ")[4] for line in file}

    def new_id(self):
        identity = f"test-{os.getpid()}-{next(self.counter)}"
        self.ids.append(identity)
        return identity

    def remove_all(self):
        for identity in self.ids:
            self.runtime("delete", "--force", identity)
        left = os.listdir(self.state) if os.path.isdir(self.state) else []
        self.assertEqual([], left, "state that was left")
        self.assertEqual(set(), self.mounts() - self.mounts_before, "mounts that were left")

    def write_config(self, name="config.json"):
        with open(os.path.join(self.folder, name), "w") as file:
            json.dump(self.config, file)

    def command(self, *words):
        return [RUNTIME, "--root", self.state, f"--cgroup-manager={self.manager}", "--seccomp-cache=none", *words]

    def runtime(self, *words, **options):
        options = {"capture_output": True, "text": True, "timeout": 60, "stdin": subprocess.DEVNULL, **options}
        return subprocess.run(self.command(*words), **options)

    def run_container(self, *words, **options):
        """`run`; the id is new."""
        self.write_config()
        return self.runtime("run", "--bundle", self.folder, *words, self.new_id(), **options)

    def inside(self, script, **options):
        """What a shell script in the container prints; it must succeed."""
        self.config["process"]["args"] = ["/bin/sh", "-c", script]
        result = self.run_container(**options)
        self.assertEqual(0, result.returncode, result.stderr)
        return result.stdout

    def create(self, *words):
        self.write_config()
        identity = self.new_id()
        # The container keeps these descriptors; pipes would be waited for.
        with open(os.path.join(self.folder, "output"), "w+") as output:
            result = subprocess.run(self.command("create", "--bundle", self.folder, *words, identity),
                                    stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60)
            output.seek(0)
            self.assertEqual(0, result.returncode, output.read())
        return identity

    def started(self, *words):
        self.config["process"]["args"] = ["/bin/sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.05; done"]
        identity = self.create(*words)
        result = self.runtime("start", identity)
        self.assertEqual(0, result.returncode, result.stderr)
        return identity

    def status(self, identity):
        return json.loads(self.runtime("state", identity).stdout)["status"]

    def wait_status(self, identity, wanted):
        deadline = time.monotonic() + 20
        while self.status(identity) != wanted:
            self.assertLess(time.monotonic(), deadline, f"{identity} does not become {wanted}")
            time.sleep(0.01)


def main():
    reason = why_not()
    if reason:
        print("skipped:", reason)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
