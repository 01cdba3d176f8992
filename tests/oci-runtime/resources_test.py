#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""linux.resources as the kernel's files say them, with every controller that this machine has: v1, v2 or both."""
import glob
import os
import stat

from bundles import Case, main

MIB = 1 << 20
ROOT = "/sys/fs/cgroup"


def found(pattern):
    """Each file once: hierarchies of v1 have links to them, a name for each controller."""
    return sorted({os.path.realpath(path) for path in glob.glob(pattern, recursive=True)})


def is_unified():
    return os.path.exists(f"{ROOT}/cgroup.controllers")


def controllers():
    if is_unified():
        with open(f"{ROOT}/cgroup.controllers") as file:
            return set(file.read().split())
    names = {name for folder in os.listdir(ROOT) for name in folder.split(",")} if os.path.isdir(ROOT) else set()
    return names | ({"io"} if "blkio" in names else set())


def disk():
    """The number of a disk, "8:0"."""
    for path in sorted(glob.glob("/sys/block/*/dev")):
        if not os.path.basename(os.path.dirname(path)).startswith(("ram", "loop", "zram")):
            with open(path) as file:
                return file.read().strip()
    return None


class Resources(Case):
    manager = "cgroupfs"

    def setUp(self):
        self.addCleanup(self.remove_parents)
        super().setUp()
        self.name = f"kos-oci-test-{os.getpid()}"
        if not any(os.access(path, os.W_OK) for path in (f"{ROOT}/pids", f"{ROOT}/cgroup.procs")):
            self.skipTest("no control groups are mounted")
        self.config["linux"]["cgroupsPath"] = f"/{self.name}/one"

    def remove_parents(self):
        for folder in found(f"{ROOT}/**/{self.name}"):
            os.rmdir(folder)

    def files(self, name):
        return found(f"{ROOT}/**/{self.name}/one/{name}")

    def expect(self, controller, resources, legacy, unified):
        """The files of the group hold what is given for its version; None: the limit is refused by its field."""
        if controller not in controllers():
            self.skipTest(f"no controller {controller} here")
        self.config["linux"]["resources"] = resources
        wanted = unified if is_unified() else legacy
        if wanted is None:
            result = self.run_container()
            self.assertEqual(1, result.returncode)
            self.assertIn("/linux/resources/", result.stderr)
            return
        identity = self.started()
        for name, value in wanted.items():
            files = self.files(name)
            self.assertEqual(1, len(files), f"{name}: {files}")
            with open(files[0]) as file:
                self.assertIn(value, file.read().splitlines(), name)
        self.assertEqual(0, self.runtime("delete", "--force", identity).returncode)
        self.assertEqual([], self.files("."))

    def test_cpu(self):
        self.expect("cpu", {"cpu": {"shares": 512, "quota": 50000, "period": 100000}},
                    {"cpu.shares": "512", "cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000"},
                    {"cpu.weight": "20", "cpu.max": "50000 100000"})

    def test_a_group_with_a_relative_path(self):
        self.config["linux"]["cgroupsPath"] = f"{self.name}/one"
        if not is_unified():
            return self.expect("cpu", {"cpu": {"shares": 512}}, {"cpu.shares": "512"}, None)
        # Beside the caller's group: v2 gives no controllers to what is below one with processes.
        identity = self.started()
        with open("/proc/self/cgroup") as file:
            parent = os.path.dirname(file.read().strip().split("::")[1]).rstrip("/")
        self.assertEqual([f"{ROOT}{parent}/{self.name}/one/cgroup.procs"], self.files("cgroup.procs"))
        self.assertEqual(0, self.runtime("delete", "--force", identity).returncode)

    def test_cpuset(self):
        files = {"cpuset.cpus": "0", "cpuset.mems": "0"}
        self.expect("cpuset", {"cpu": {"cpus": "0", "mems": "0"}}, files, files)

    def test_memory(self):
        self.expect("memory", {"memory": {"limit": 64 * MIB, "reservation": 32 * MIB}},
                    {"memory.limit_in_bytes": str(64 * MIB), "memory.soft_limit_in_bytes": str(32 * MIB)},
                    {"memory.max": str(64 * MIB), "memory.low": str(32 * MIB)})

    def test_memory_and_swap(self):
        accounting = ("memory/memory.memsw.limit_in_bytes", "*/memory.swap.max")
        if not any(glob.glob(f"{ROOT}/{name}") for name in accounting):
            self.skipTest("this kernel does not count swap")
        self.expect("memory", {"memory": {"limit": 64 * MIB, "swap": 96 * MIB}},
                    {"memory.memsw.limit_in_bytes": str(96 * MIB)}, {"memory.swap.max": str(32 * MIB)})

    def test_swappiness_is_of_version_1(self):
        self.expect("memory", {"memory": {"swappiness": 20}}, {"memory.swappiness": "20"}, None)

    def test_processes(self):
        self.expect("pids", {"pids": {"limit": 77}}, {"pids.max": "77"}, {"pids.max": "77"})

    def test_block_devices(self):
        number = disk()
        if number is None:
            self.skipTest("no disk here")
        major, minor = map(int, number.split(":"))
        limit = [{"major": major, "minor": minor, "rate": MIB}]
        self.expect("io", {"blockIO": {"throttleReadBpsDevice": limit}},
                    {"blkio.throttle.read_bps_device": f"{number} {MIB}"},
                    {"io.max": f"{number} rbps={MIB} wbps=max riops=max wiops=max"})

    def test_huge_pages(self):
        self.expect("hugetlb", {"hugepageLimits": [{"pageSize": "2MB", "limit": 4 * MIB}]},
                    {"hugetlb.2MB.limit_in_bytes": str(4 * MIB)}, {"hugetlb.2MB.max": str(4 * MIB)})

    def test_network(self):
        self.expect("memory" if is_unified() else "net_cls", {"network": {"classID": 0x100001}},
                    {"net_cls.classid": str(0x100001)}, None)

    def test_priorities_of_network_devices(self):
        self.expect("memory" if is_unified() else "net_prio", {"network": {"priorities": [{"name": "lo", "priority": 5}]}},
                    {"net_prio.ifpriomap": "lo 5"}, None)

    def test_files_of_version_2(self):
        self.expect("memory", {"unified": {"memory.high": str(32 * MIB)}}, None, {"memory.high": str(32 * MIB)})

    def test_devices(self):
        """By what can be done: v2 has no files for it. That a device is missing is told only to who may open it."""
        self.config["linux"]["resources"] = {"devices": [
            {"allow": False, "access": "rwm"}, {"allow": True, "type": "c", "major": 10, "minor": 200, "access": "r"}]}
        for minor in (200, 201):
            os.mknod(f"{self.rootfs}/tmp/{minor}", 0o666 | stat.S_IFCHR, os.makedev(10, minor))
        for access, refused in (("< /tmp/200", False), ("> /tmp/200", True), ("< /tmp/201", True)):
            with self.subTest(access):
                self.config["process"]["args"] = ["/bin/sh", "-c", f": {access}"]
                self.assertEqual(refused, "Operation not permitted" in self.run_container().stderr)


main()
