#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Network devices of the host in containers (linux.netDevices), with veth pairs in a network namespace of the test's own."""
import json
import os
import subprocess
import sys

import bundles


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


class NetDevices(bundles.Case):
    def setUp(self):
        super().setUp()
        ip("link", "add", "one", "type", "veth", "peer", "name", "other")
        ip("link", "set", "one", "up")
        self.addCleanup(lambda: subprocess.run(["ip", "link", "delete", "other"], capture_output=True))
        self.config["ociVersion"] = "1.3.0"
        # busybox's applet of the name.
        os.symlink("busybox", f"{self.rootfs}/bin/ip")

    def devices(self, **devices):
        self.config["linux"]["netDevices"] = devices

    @staticmethod
    def names():
        return {link["ifname"] for link in json.loads(ip("-json", "link"))}

    def refused(self, text):
        result = self.run_container()
        self.assertEqual(1, result.returncode)
        self.assertIn(text, result.stderr)
        self.assertEqual(1, len(result.stderr.splitlines()), result.stderr)
        self.assertIn("one", self.names(), "the device has stayed")

    def test_a_device_moves_and_is_up(self):
        self.devices(one={})
        seen = self.inside("ip -o link show one; ip -o link show lo")
        self.assertRegex(seen, r"one@if\d+: <[^>]*\bUP\b")
        self.assertNotIn("one", self.names())

    def test_it_is_renamed(self):
        self.devices(one={"name": "eth0"})
        self.assertRegex(self.inside("ip -o link"), r"eth0@if\d+: <[^>]*\bUP\b")

    def test_a_template_gives_the_first_name_that_is_free(self):
        ip("link", "add", "two", "type", "veth", "peer", "name", "twin")
        self.devices(one={"name": "net%d"}, two={"name": "net%d"})
        names = self.inside("ls /sys/class/net").split()
        self.assertEqual(["lo", "net0", "net1"], names)

    def test_permanent_global_addresses_come_along(self):
        ip("address", "add", "192.0.2.7/24", "brd", "192.0.2.255", "dev", "one")
        ip("address", "add", "198.51.100.1/32", "peer", "198.51.100.2/32", "dev", "one")
        ip("address", "add", "2001:db8::7/64", "nodad", "dev", "one")
        ip("address", "add", "169.254.1.1/16", "scope", "link", "dev", "one")
        ip("address", "add", "203.0.113.5/24", "valid_lft", "600", "preferred_lft", "600", "dev", "one")
        self.devices(one={"name": "eth0"})
        seen = self.inside("ip -o address show eth0")
        self.assertIn("inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0", seen)
        self.assertIn("inet 198.51.100.1 peer 198.51.100.2/32", seen)
        self.assertIn("inet6 2001:db8::7/64 scope global", seen)
        self.assertNotIn("169.254.1.1", seen, "of link scope")
        self.assertNotIn("203.0.113.5", seen, "not permanent")

    def test_hooks_find_it_moved(self):
        self.devices(one={})
        with open(f"{self.folder}/hook", "w") as file:
            file.write(f"#!/bin/sh\nip -o link > {self.folder}/seen\n")
        os.chmod(f"{self.folder}/hook", 0o755)
        self.config["hooks"] = {"createRuntime": [{"path": f"{self.folder}/hook"}]}
        self.inside("true")
        with open(f"{self.folder}/seen") as file:
            self.assertNotIn(" one@", file.read())

    def test_into_a_user_namespace(self):
        self.devices(one={"name": "eth0"})
        self.config["linux"]["namespaces"].append({"type": "user"})
        mapping = [{"containerID": 0, "hostID": 0, "size": 65536}]
        self.config["linux"].update(uidMappings=mapping, gidMappings=mapping)
        self.assertRegex(self.inside("ip -o link"), r"eth0@if\d+: <[^>]*\bUP\b")

    def test_a_device_that_is_not_there(self):
        self.devices(none={})
        self.refused("/linux/netDevices/none: looking for none: No such device")

    def test_nothing_moves_where_one_of_them_cannot(self):
        self.devices(one={}, zzz={})
        self.refused("/linux/netDevices/zzz: looking for zzz: No such device")

    def test_a_name_that_is_taken(self):
        self.devices(one={"name": "lo"})
        self.refused("/linux/netDevices/one: the container has a device named lo already")

    def test_names_that_cannot_be(self):
        for name in ("a/b", "sixteen-letters-", "a b", "..", "%d%d", "a%s", "%dx", "a:b"):
            self.devices(one={"name": name})
            self.refused(f'{name}\\" can be neither a network device\'s name nor a template')

    def test_a_namespace_of_its_own_is_needed(self):
        self.devices(one={})
        self.config["linux"]["namespaces"] = [n for n in self.config["linux"]["namespaces"] if n["type"] != "network"]
        self.refused("/linux/netDevices: needs a network namespace")
        self.config["linux"]["namespaces"].append({"type": "network", "path": "/proc/self/ns/net"})
        self.refused("/linux/netDevices: needs a network namespace")


if __name__ == "__main__":
    if bundles.why_not() is None and os.environ.get("KOS_OWN_NETWORK") is None:
        os.execvpe("unshare", ["unshare", "--net", sys.executable, __file__, *sys.argv[1:]],
                   {**os.environ, "KOS_OWN_NETWORK": "1"})
    bundles.main()
