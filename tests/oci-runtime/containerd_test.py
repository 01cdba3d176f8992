#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""containerd's `ctr` with this runtime and with runc, case by case: the same output, and the status expected."""
import json
import os
import pty
import re
import shutil
import socketserver
import subprocess
import threading
import time
import unittest

import bundles
import engine_cases
import oci_archive
import sandbox
from bundles import Case, main
from engine_test import PROFILE

IMAGE = "localhost/test:1"
LOOP = ["/bin/sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done"]
# Its socket is private to the sandbox; the rest of its state is in the test's folder.
CONFIG = """version = 2
root = "{folder}/root"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "/run/containerd/containerd.sock"
"""


class Containerd(Case):
    @classmethod
    def setUpClass(cls):
        for program in ("containerd", "ctr", "runc", "containerd-shim-runc-v2"):
            if not shutil.which(program):
                raise unittest.SkipTest("needs " + program)

    def setUp(self):
        super().setUp()
        for name in ("head", "cut", "sort"):
            os.symlink("busybox", os.path.join(self.rootfs, "bin", name))
        self.put("rootfs/etc/passwd", "root:x:0:0::/root:/bin/sh\nnamed:x:77:78::/home/named:/bin/sh\n")
        os.mkdir(os.path.join(self.folder, "data"))
        os.chmod(self.folder, 0o755)
        self.put("data/file", "text of the host\n")
        self.put("data/profile.json", json.dumps(PROFILE))
        self.put("config.toml", CONFIG.format(folder=self.folder))
        images = [(IMAGE, "0:0"), ("localhost/user:1", "named")]
        log = open(os.path.join(self.folder, "log"), "w")
        self.addCleanup(log.close)
        daemon = subprocess.Popen(["containerd", "-c", os.path.join(self.folder, "config.toml")],
                                  stdout=log, stderr=log)
        self.addCleanup(lambda: (daemon.terminate(), daemon.wait(20)))
        deadline = time.monotonic() + 60
        while self.ctr("version").returncode != 0:
            self.assertLess(time.monotonic(), deadline, "containerd does not answer")
            time.sleep(0.05)
        for name, user in images:
            archive = os.path.join(self.folder, "image.tar")
            oci_archive.write_archive(archive, self.rootfs, name, user)
            self.good("image", "import", archive)

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def ctr(self, *words, **options):
        options = {"capture_output": True, "text": True, "timeout": 60, "stdin": subprocess.DEVNULL, **options}
        return subprocess.run(["ctr", *words], **options)

    def ctr_with_terminal(self, *words):
        """`ctr --tty` insists on a terminal of its own."""
        master, slave = pty.openpty()
        try:
            return self.ctr(*words, stdin=slave)
        finally:
            os.close(master)
            os.close(slave)

    def make_network(self):
        """/run/netns/shared with eth0, and a server that it reaches."""
        for line in ("netns add shared", "link add eth0 netns shared type veth peer name outside",
                     "-n shared address add 10.123.4.7/24 dev eth0", "-n shared link set eth0 up",
                     "address add 10.123.4.1/24 dev outside", "link set outside up"):
            subprocess.run(["ip", *line.split()], check=True)
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", "shared"], check=True)

        class Greeting(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.sendall(b"served\n")

        server = socketserver.TCPServer(("10.123.4.1", 80), Greeting)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), thread.join(), server.server_close()))

    def run_words(self, runtime, *words):
        return ["run", "--runc-binary", shutil.which(runtime), *words]

    def run_case(self, runtime, case):
        program = case.program or ["/bin/sh", "-c", case.script]
        words = self.run_words(runtime, "--rm", *case.options, case.image, "one", *program)
        result = self.ctr(*words) if "--tty" not in case.options else self.ctr_with_terminal(*words)
        self.assertEqual(case.status, result.returncode, f"{runtime}: {result.stdout}{result.stderr}")
        expression, replacement, _ = engine_cases.SAME.get(("containerd", case.name), ("$^", "", ""))
        return re.sub(expression, replacement, result.stdout)

    def test_what_containerd_runs_is_the_same_as_with_runc(self):
        self.make_network()
        for case in engine_cases.containerd_runs(os.path.join(self.folder, "data")):
            with self.subTest(case.name):
                expected = self.run_case("runc", case)
                self.assertEqual(expected, self.run_case(bundles.RUNTIME, case))

    def good(self, *words, **options):
        result = self.ctr(*words, **options)
        self.assertEqual(0, result.returncode, f"{words}: {result.stdout}{result.stderr}")
        return result.stdout

    def status(self):
        rows = [line.split() for line in self.good("task", "ls").splitlines()]
        return next((row[2] for row in rows if row[0] == "one"), "none")

    def wait_for(self, wanted):
        deadline = time.monotonic() + 30
        while self.status() != wanted:
            self.assertLess(time.monotonic(), deadline, f"the task does not become {wanted}")
            time.sleep(0.05)

    def executed(self, *words):
        run = self.ctr_with_terminal if "--tty" in words else self.ctr
        result = run("task", "exec", "--exec-id", "two", *words)
        return result.returncode, result.stdout

    def step_exec(self):
        return [self.executed("one", "/bin/id"), self.executed("--cwd", "/tmp", "one", "/bin/sh", "-c", "pwd; exit 4"),
                self.executed("--user", "5:6", "one", "/bin/id"), self.executed("one", "/bin/nosuch")[0],
                self.executed("one", "/bin/sh", "-c", engine_cases.CAPS + "; ls /proc/self/fd; cat /proc/self/limits")]

    def step_exec_with_a_terminal(self):
        return self.executed("--tty", "one", "/bin/sh", "-c", "test -t 0 && echo terminal")

    def step_pause_and_resume(self):
        self.good("task", "pause", "one")
        paused = self.status()
        self.good("task", "resume", "one")
        return paused, self.status(), self.executed("one", "/bin/echo", "again")

    def step_kill(self):
        self.good("task", "kill", "one")
        self.wait_for("STOPPED")
        return self.ctr("task", "rm", "one").returncode  # the status of the program

    def step_kill_all(self):
        self.good("task", "exec", "--detach", "--exec-id", "three", "one", "/bin/sleep", "1000")
        self.good("task", "kill", "--all", "--signal", "KILL", "one")
        self.wait_for("STOPPED")
        return self.ctr("task", "rm", "one").returncode

    def step_metrics(self):
        return sorted(line.split()[0] for line in self.good("task", "metrics", "one").splitlines() if line.strip())

    def step_ps(self):
        return len(self.good("task", "ps", "one").splitlines()) >= 2

    def step_attach(self):
        with subprocess.Popen(["ctr", "task", "attach", "one"], stdout=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL) as process:
            first = process.stdout.readline()
            self.executed("one", "/bin/touch", "/tmp/go")
            process.stdout.read()
            return first, process.wait(30)

    def step_create_and_start(self):
        self.good("task", "kill", "--signal", "KILL", "one")
        self.wait_for("STOPPED")
        self.ctr("task", "rm", "one")
        self.good("task", "start", "--detach", "one")
        return self.status()

    def step_delete_by_force(self):
        return self.ctr("task", "rm", "--force", "one").returncode, self.status()

    def step_delete_what_runs(self):
        return self.ctr("task", "rm", "one").returncode, self.status()

    def run_step(self, runtime, name):
        program = LOOP
        if name == "attach":
            program = ["/bin/sh", "-c", "while :; do echo tick; sleep 0.1; test -e /tmp/go && exit 5; done"]
        self.good(*self.run_words(runtime, "--detach", IMAGE, "one", *program), capture_output=False,
                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return getattr(self, "step_" + name.replace(" ", "_"))()
        finally:
            self.ctr("task", "rm", "--force", "one")
            self.good("container", "rm", "one")

    def test_the_life_of_tasks_is_the_same_as_with_runc(self):
        for name in engine_cases.CONTAINERD_STEPS:
            with self.subTest(name):
                expected = self.run_step("runc", name)
                self.assertEqual(expected, self.run_step(bundles.RUNTIME, name))


if __name__ == "__main__":
    reason = sandbox.why_not()
    if reason:
        print("skipped:", reason)
        raise SystemExit(bundles.SKIPPED)
    sandbox.enter()
    main()
