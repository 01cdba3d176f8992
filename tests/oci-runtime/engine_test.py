#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""podman with this runtime and with runc, case by case: the same output, and the status that is expected."""
import json
import os
import re
import shutil
import subprocess
import tarfile
import unittest

import bundles
import engine_cases
import sandbox
from bundles import Case, main

PROFILE = {"defaultAction": "SCMP_ACT_ALLOW",
           "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
IMAGE = "localhost/test:1"
NEEDED = ("podman", "runc", "conmon", "catatonit")


class Podman(Case):
    def setUp(self):
        for program in NEEDED:
            if not shutil.which(program):
                self.skipTest("needs " + program)
        super().setUp()
        for name in ("head", "cut", "sort", "tr", "nc", "ip", "chown", "sed"):
            os.symlink("busybox", os.path.join(self.rootfs, "bin", name))
        os.makedirs(os.path.join(self.rootfs, "etc/full"))
        self.put("rootfs/etc/full/kept", "kept")
        self.put("rootfs/etc/masked", "masked")
        self.put("rootfs/etc/passwd", "root:x:0:0::/root:/bin/sh\nnamed:x:77:78::/home/named:/bin/sh\n")
        self.put("rootfs/etc/group", "root:x:0:\nmore:x:79:named\n")
        os.mkdir(os.path.join(self.folder, "data"))
        os.chmod(self.folder, 0o755)
        self.put("data/file", "text of the host\n")
        self.put("data/profile.json", json.dumps(PROFILE))
        self.put("containers.conf", '[containers]\nlog_driver = "k8s-file"\n'
                 '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
                 '[network]\nnetwork_backend = "netavark"\n')
        self.put("storage.conf", '[storage]\ndriver = "vfs"\nrunroot = "/run/storage"\ngraphroot = "/run/graph"\n')
        archive = os.path.join(self.folder, "image.tar")
        with tarfile.open(archive, "w") as tar:
            tar.add(self.rootfs, arcname=".")
        for runtime in ("runc", bundles.RUNTIME):
            imported = self.podman(runtime, "import", archive, IMAGE)
            self.assertEqual(0, imported.returncode, imported.stderr)

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def podman(self, runtime, *words, stdin=""):
        """Each runtime has a store of its own: the n-th container and volume have the same names in both."""
        store = os.path.join(self.folder, "podman-" + os.path.basename(runtime))
        command = ["podman", "--root", store + "/root", "--runroot", store + "/run", "--tmpdir", store + "/tmp",
                   "--network-config-dir", store + "/networks", "--volumepath", store + "/volumes",
                   "--runtime", shutil.which(runtime), *words]
        environment = {**os.environ, "CONTAINERS_CONF": self.folder + "/containers.conf",
                       "CONTAINERS_STORAGE_CONF": self.folder + "/storage.conf"}
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, env=environment)

    def normalised(self, name, output):
        for each in (name, "*"):
            expression, replacement, _ = engine_cases.SAME.get(("podman", each), ("$^", "", ""))
            output = re.sub(expression, replacement, output)
        return re.sub(r"\b[0-9a-f]{64}\b", "ID", output)

    def run_case(self, runtime, case):
        program = case.program or ["/bin/sh", "-c", case.script]
        network = [] if "--network" in case.options else ["--network=none"]
        limits = [] if "--ulimit" in case.options else engine_cases.LIMITS
        result = self.podman(runtime, "run", "--rm", *limits, *network, *case.options, IMAGE, *program,
                             stdin=case.stdin)
        self.assertEqual(case.status, result.returncode, f"{runtime}: {result.stdout}{result.stderr}")
        return self.normalised(case.name, result.stdout)

    def test_what_podman_runs_is_the_same_as_with_runc(self):
        for case in engine_cases.podman_runs(os.path.join(self.folder, "data")):
            with self.subTest(case.name):
                expected = self.run_case("runc", case)
                self.assertEqual(expected, self.run_case(bundles.RUNTIME, case))

    def run_steps(self, runtime, case):
        outputs = []
        for words, status, is_compared in case.steps:
            stdin = "".join(w[1:] + "\n" for w in words if w.startswith("<"))
            words = [w.replace("@folder", self.folder + "/data") for w in words if not w.startswith("<")]
            result = self.podman(runtime, *words, stdin=stdin)
            self.assertEqual(status, result.returncode, f"{runtime}: {words}: {result.stdout}{result.stderr}")
            if is_compared:
                outputs.append((words[0], self.normalised(case.name, result.stdout)))
        return outputs

    def test_the_life_of_containers_is_the_same_as_with_runc(self):
        for case in engine_cases.podman_steps():
            with self.subTest(case.name):
                try:
                    expected = self.run_steps("runc", case)
                    self.assertEqual(expected, self.run_steps(bundles.RUNTIME, case))
                finally:
                    for runtime in ("runc", bundles.RUNTIME):
                        self.podman(runtime, "rm", "--all", "--force", "--time", "0")


class Table(unittest.TestCase):
    def test_the_table_of_the_documentation_has_these_cases(self):
        self.assertEqual(list(engine_cases.table()), engine_cases.documented_table())


if __name__ == "__main__":
    reason = sandbox.why_not()
    if reason:
        print("skipped:", reason)
        raise SystemExit(bundles.SKIPPED)
    sandbox.enter()
    main()
