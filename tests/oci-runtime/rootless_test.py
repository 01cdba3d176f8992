#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Containers of a user who is not root: with one id, and with a range by newuidmap(1)."""
import os
import shutil
import subprocess
import sys

import bundles
from bundles import Case

UID = 4242


class Rootless(Case):
    def setUp(self):
        super().setUp()
        self.config["linux"]["namespaces"].append({"type": "user"})
        for kind in ("uid", "gid"):
            self.config["linux"][kind + "Mappings"] = [{"containerID": 0, "hostID": UID, "size": 1}]
        options = next(m for m in self.config["mounts"] if m["type"] == "devpts")["options"]
        options.remove("gid=5")

    def test_the_user_is_root_inside(self):
        self.assertEqual("0\n0 4242 1\n", self.inside("id -u; echo $(cat /proc/self/uid_map)"))

    def test_the_life_of_a_container(self):
        identity = self.started()
        self.assertEqual("running", self.status(identity))
        self.assertEqual("0\n", self.runtime("exec", identity, "/bin/id", "-u").stdout)
        self.assertEqual(0, self.runtime("kill", identity, "KILL").returncode)
        self.wait_status(identity, "stopped")
        self.assertEqual(0, self.runtime("delete", identity).returncode)

    def test_a_range_is_mapped_with_newuidmap(self):
        if not shutil.which("newuidmap"):
            self.skipTest("needs newuidmap")
        for kind in ("uid", "gid"):
            self.config["linux"][kind + "Mappings"].append({"containerID": 1, "hostID": 100000, "size": 1000})
        self.config["process"]["user"] = {"uid": 7, "gid": 8}
        self.assertEqual("7\n8\n0 4242 1 1 100000 1000\n", self.inside("id -u; id -g; echo $(cat /proc/self/uid_map)"))

    def test_what_is_the_hosts_stays_out_of_reach(self):
        self.config["mounts"].append({"destination": "/host", "type": "bind", "source": "/etc", "options": ["rbind"]})
        self.assertIn("denied", self.inside("cat /host/shadow 2>&1; true"))


def become_user():
    """Root of the guest makes a user with subordinate ids, and goes on as that one."""
    for file, line in (("/etc/passwd", f"guest:x:{UID}:{UID}::/tmp:/bin/sh"), ("/etc/group", f"guest:x:{UID}:"),
                       ("/etc/subuid", "guest:100000:1000"), ("/etc/subgid", "guest:100000:1000")):
        with open(file, "a") as out:
            out.write(line + "\n")
    os.execvp("setpriv", ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", sys.executable, *sys.argv])


if __name__ == "__main__":
    if os.geteuid() == 0:
        if not os.path.exists("/opt/tests/guest"):
            print("skipped: makes a user, so it runs in the guest only")
            sys.exit(bundles.SKIPPED)
        become_user()
    bundles.unittest.main(verbosity=2)
