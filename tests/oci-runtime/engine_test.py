#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""podman and containerd with this runtime and with runc, case by case: the same output and status."""
import json
import os
import re
import shutil
import subprocess
import tarfile
import unittest

import bundles
from bundles import Case, main

LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--network=none"]

# Name, options of `podman run`, program. What is printed is compared.
RUNS = [
    ("plain", [], "echo hello"),
    ("status", [], "exit 7"),
    ("not found", [], None),
    ("user", ["--user", "1000:1000"], "id"),
    ("groups", ["--user", "1000", "--group-add", "44"], "id"),
    ("drop", ["--cap-drop", "ALL"], "grep Cap /proc/self/status"),
    ("add", ["--cap-add", "NET_ADMIN"], "grep Cap /proc/self/status"),
    ("privileged", ["--privileged"], "grep -E 'Cap|Secc' /proc/self/status"),
    ("default profile", [], "grep -E 'Secc|NoNew' /proc/self/status"),
    ("no profile", ["--security-opt", "seccomp=unconfined"], "grep Secc /proc/self/status"),
    ("no new privileges", ["--security-opt", "no-new-privileges"], "grep NoNew /proc/self/status"),
    ("read-only", ["--read-only"], "touch /x 2>&1; touch /tmp/x && echo fine"),
    ("tmpfs", ["--tmpfs", "/foo:size=1m,mode=700"], "stat -c '%a %F' /foo; grep ' /foo ' /proc/mounts"),
    ("volume", ["-v", "/etc/hostname:/vol:ro"], "test -s /vol && echo full; echo x > /vol"),
    ("device", ["--device", "/dev/null:/dev/mine"], "stat -c '%F %t %T' /dev/mine"),
    ("init", ["--init"], "ps | grep -v PID | head -1 | cut -c1-40"),
    ("hostname", ["--hostname", "web"], "hostname; cat /proc/sys/kernel/hostname"),
    ("workdir", ["--workdir", "/tmp"], "pwd"),
    ("environment", ["--env", "A=b"], "echo $A $HOME"),
    ("sysctl", ["--sysctl", "net.ipv4.ip_forward=1"], "cat /proc/sys/net/ipv4/ip_forward"),
    ("shm", ["--shm-size", "2m"], "grep ' /dev/shm ' /proc/mounts"),
    ("namespaces", ["--pid", "host", "--ipc", "host"], "test $$ != 1 && echo shared"),
    ("umask", ["--umask", "0077"], "umask"),
    ("terminal", ["--tty"], "test -t 0 && echo terminal; stat -c %F /dev/console"),
    ("mounts", [], "cut -d' ' -f2- /proc/mounts | grep -vE '^/ |/etc/|/run/' | sort"),
    ("devices", [], "ls /dev | sort"),
    ("descriptors", [], "ls /proc/self/fd"),
    ("limits", [], "cat /proc/self/limits | grep -E 'files|core|processes'"),
    ("masks", [], "cat /proc/keys /proc/timer_list; ls /proc/scsi /sys/firmware; echo x > /proc/sys/vm/swappiness"),
]

# Differences that are meant to be, as (case, expression, replacement): applied to both outputs.
SAME = [
    # runc covers files with the container's /dev/null, this runtime with the host's, which no image can replace.
    ("mounts", r"(?m)^(/proc/\S+) (tmpfs|devtmpfs) .*$", r"\1 covered"),
    ("mounts", r"(?m)^(/sys/\S+) (tmpfs|devtmpfs) .*$", r"\1 covered"),
]


class Podman(Case):
    def setUp(self):
        if not shutil.which("podman") or not shutil.which("runc"):
            self.skipTest("needs podman and runc")
        super().setUp()
        for name in ("head", "cut", "sort"):
            os.symlink("busybox", os.path.join(self.rootfs, "bin", name))
        archive = os.path.join(self.folder, "image.tar")
        with tarfile.open(archive, "w") as tar:
            tar.add(self.rootfs, arcname=".")
        imported = self.podman(bundles.RUNTIME, "import", archive, "test:1")
        if imported.returncode != 0:
            self.skipTest("podman cannot import an image here: " + imported.stderr[-200:])

    def podman(self, runtime, *words, **options):
        store = os.path.join(self.folder, "podman")
        command = ["podman", "--root", store + "/root", "--runroot", store + "/run", "--runtime",
                   shutil.which(runtime), "--cgroup-manager=cgroupfs", "--events-backend=file", *words]
        options = {"capture_output": True, "text": True, "timeout": 120, "stdin": subprocess.DEVNULL, **options}
        return subprocess.run(command, **options)

    def run_case(self, runtime, name, options, script):
        program = ["/bin/sh", "-c", script] if script else ["/bin/nosuch"]
        result = self.podman(runtime, "run", "--rm", *LIMITS, *options, "test:1", *program)
        output = result.stdout
        for case, expression, replacement in SAME:
            if case == name:
                output = re.sub(expression, replacement, output)
        return result.returncode, output

    def test_what_podman_runs_is_the_same_as_with_runc(self):
        for name, options, script in RUNS:
            with self.subTest(name):
                expected = self.run_case("runc", name, options, script)
                self.assertEqual(expected, self.run_case(bundles.RUNTIME, name, options, script))

    def test_the_life_of_a_container(self):
        outputs = {}
        for runtime in ("runc", bundles.RUNTIME):
            out = outputs[runtime] = []
            steps = [("run", "-d", "--name", "one", *LIMITS, "test:1", "/bin/sleep", "500"),
                     ("exec", "one", "/bin/id"),
                     ("exec", "--user", "5", "--workdir", "/tmp", "--env", "A=b", "one", "/bin/sh", "-c",
                      "id; pwd; echo $A; exit 4"),
                     ("exec", "one", "/bin/nosuch"),
                     ("pause", "one"), ("inspect", "one", "--format", "{{.State.Status}}"),
                     ("unpause", "one"), ("inspect", "one", "--format", "{{.State.Status}}"),
                     ("stop", "--time", "1", "one"),
                     ("inspect", "one", "--format", "{{.State.Status}} {{.State.ExitCode}}"),
                     ("start", "one"), ("kill", "one"), ("wait", "one"), ("rm", "--force", "one")]
            for step in steps:
                result = self.podman(runtime, *step)
                shown = result.stdout if step[0] in ("exec", "inspect", "wait") else ""
                out.append((step[0], result.returncode, shown))
        self.assertEqual(outputs["runc"], outputs[bundles.RUNTIME])


if __name__ == "__main__":
    main()
