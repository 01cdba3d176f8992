#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a container sees is what config.json says: looked at from inside, area by area."""
import json
import os
import stat
import subprocess

from bundles import Case, main


class Process(Case):
    def test_user_groups_and_umask(self):
        self.config["process"]["user"] = {"uid": 7, "gid": 8, "additionalGids": [9, 10], "umask": 0o27}
        self.assertEqual("uid=7 gid=8 groups=9,10\n0027\n", self.inside("id; umask"))

    def test_the_umask_of_the_caller_stays_where_none_is_given(self):
        before = os.umask(0o31)
        try:
            self.assertEqual("0031\n", self.inside("umask"))
        finally:
            os.umask(before)

    def test_environment_and_working_directory(self):
        self.config["process"].update(env=["PATH=/bin", "A=1", "B=two words", "A=2"], cwd="/made/here")
        self.assertEqual("2 two words / /made/here\n", self.inside('echo $A $B $HOME $PWD'))

    def test_home_comes_from_the_containers_passwd(self):
        with open(os.path.join(self.rootfs, "etc/passwd"), "w") as file:
            file.write("bad line\nuser:x:7:8::/home/user:/bin/sh\n")
        self.config["process"]["user"] = {"uid": 7, "gid": 8}
        self.assertEqual("/home/user\n", self.inside("echo $HOME"))

    def test_capabilities_are_those_granted(self):
        self.config["process"]["capabilities"] = {
            "bounding": ["CAP_KILL", "CAP_CHOWN"], "permitted": ["CAP_KILL", "CAP_CHOWN"],
            "effective": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}
        self.config["process"]["user"] = {"uid": 7, "gid": 7}
        rows = self.inside("grep Cap /proc/self/status")
        kill, chown = 1 << 5, 1 << 0
        # After execve(2) of a plain program a user keeps the ambient ones.
        self.assertEqual([kill, kill, kill, kill | chown, kill],
                         [int(row.split()[1], 16) for row in rows.splitlines()])

    def test_without_capabilities_there_are_none(self):
        del self.config["process"]["capabilities"]
        rows = self.inside("grep Cap /proc/self/status")
        self.assertEqual([0] * 5, [int(row.split()[1], 16) for row in rows.splitlines()])

    def test_limits(self):
        self.config["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
                                             {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]
        self.assertEqual("100 200 0\n", self.inside("echo $(ulimit -Sn) $(ulimit -Hn) $(ulimit -c)"))

    def test_no_new_privileges(self):
        for value in (True, False):
            self.config["process"]["noNewPrivileges"] = value
            self.assertEqual(f"NoNewPrivs:\t{int(value)}\n", self.inside("grep NoNew /proc/self/status"))

    def test_oom_score_adjustment(self):
        self.config["process"]["oomScoreAdj"] = 321
        self.assertEqual("321\n", self.inside("cat /proc/self/oom_score_adj"))

    def test_scheduler_and_io_priority(self):
        self.config["process"]["scheduler"] = {"policy": "SCHED_BATCH", "nice": 5}
        self.config["process"]["ioPriority"] = {"class": "IOPRIO_CLASS_IDLE"}
        fields = self.inside("cat /proc/self/stat").rsplit(")", 1)[1].split()
        self.assertEqual(("5", "3"), (fields[16], fields[38]))

    def test_personality(self):
        self.config["linux"]["personality"] = {"domain": "LINUX32"}
        self.assertEqual("00000008\n", self.inside("cat /proc/self/personality"))


class Namespaces(Case):
    def test_each_is_new(self):
        names = ["pid", "net", "ipc", "uts", "mnt"]
        inside = self.inside("for n in " + " ".join(names) + "; do readlink /proc/self/ns/$n; done").split()
        for name, link in zip(names, inside):
            self.assertNotEqual(os.readlink(f"/proc/self/ns/{name}"), link)

    def test_those_not_listed_are_the_callers(self):
        self.config["linux"]["namespaces"] = [{"type": "mount"}, {"type": "uts"}]
        inside = self.inside("for n in pid net ipc; do readlink /proc/self/ns/$n; done").split()
        self.assertEqual([os.readlink(f"/proc/self/ns/{n}") for n in ("pid", "net", "ipc")], inside)

    def test_one_with_a_path_is_joined(self):
        identity = self.started()
        pid = __import__("json").loads(self.runtime("state", identity).stdout)["pid"]
        for entry in self.config["linux"]["namespaces"]:
            name = {"network": "net", "mount": None}.get(entry["type"], entry["type"])
            if name:
                entry["path"] = f"/proc/{pid}/ns/{name}"
        names = ("pid", "net", "ipc", "uts")
        inside = self.inside("for n in " + " ".join(names) + "; do readlink /proc/self/ns/$n; done").split()
        self.assertEqual([os.readlink(f"/proc/{pid}/ns/{n}") for n in names], inside)

    def test_time_offsets(self):
        if not os.path.exists("/proc/self/ns/time"):
            self.skipTest("this kernel has no time namespaces")
        self.config["linux"]["namespaces"].append({"type": "time"})
        self.config["linux"]["timeOffsets"] = {"boottime": {"secs": 1000000}}
        self.assertGreater(float(self.inside("cat /proc/uptime").split()[0]), 1000000)

    def test_a_user_namespace_has_its_mappings(self):
        self.config["linux"]["namespaces"].append({"type": "user"})
        for kind in ("uid", "gid"):
            self.config["linux"][kind + "Mappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        os.chmod(self.folder, 0o755)
        output = self.inside("id -u; cat /proc/self/uid_map; ls -l /dev/null").split()
        self.assertEqual(["0", "0", "100000", "65536"], output[:4])
        self.assertTrue(output[4].startswith("crw-rw-rw-"))

    def test_hostname_and_domainname(self):
        self.config["domainname"] = "domain"
        self.assertEqual("inside\ndomain\n", self.inside("hostname; cat /proc/sys/kernel/domainname"))

    def test_loopback_is_up(self):
        self.assertIn("lo", self.inside("cat /proc/net/dev"))
        self.assertEqual("0x9\n", self.inside("cat /sys/class/net/lo/flags"))

    def test_sysctls(self):
        self.config["linux"]["sysctl"] = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "123"}
        self.assertEqual("1\n123\n", self.inside("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni"))


class Files(Case):
    def mounts_inside(self):
        rows = {}
        for line in self.inside("cat /proc/self/mountinfo").splitlines():
            before, after = line.split(" - ")
            words = before.split()
            rows[words[4]] = (set(words[5].split(",")), words[6:], after.split()[0], set(after.split()[2].split(",")))
        return rows

    def add_mount(self, destination, *options, kind="tmpfs", source="tmpfs"):
        self.config["mounts"].append(
            {"destination": destination, "type": kind, "source": source, "options": list(options)})

    def test_options_of_mounts(self):
        self.add_mount("/a", "nosuid", "nodev", "noexec", "ro", "noatime", "size=4096k", "mode=711")
        row = self.mounts_inside()["/a"]
        self.assertLessEqual({"ro", "nosuid", "nodev", "noexec", "noatime"}, row[0])
        self.assertIn("size=4096k", row[3])
        self.assertEqual("711\n", self.inside("stat -c %a /a"))

    def test_propagation(self):
        for word, shown in (("shared", "shared:"), ("private", ""), ("unbindable", "unbindable")):
            self.config["mounts"] = self.config["mounts"][:4]
            self.add_mount("/a", word)
            fields = " ".join(self.mounts_inside()["/a"][1])
            self.assertTrue(shown in fields if shown else fields == "", fields)

    def test_recursive_read_only(self):
        source = os.path.join(self.folder, "tree")
        os.makedirs(os.path.join(source, "below"))
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", os.path.join(source, "below")], check=True)
        self.addCleanup(subprocess.run, ["umount", os.path.join(source, "below")], check=True)
        self.mounts_before = self.mounts()
        self.add_mount("/a", "rbind", "rro", kind="bind", source=source)
        rows = self.mounts_inside()
        self.assertIn("ro", rows["/a"][0])
        self.assertIn("ro", rows["/a/below"][0])

    def test_binds_of_files_and_folders(self):
        with open(os.path.join(self.folder, "file"), "w") as file:
            file.write("text")
        self.add_mount("/etc/deep/file", "bind", "ro", kind="bind", source="file")
        self.add_mount("/folder", "rbind", kind="bind", source=self.folder)
        self.assertEqual("texttext", self.inside("cat /etc/deep/file /folder/file"))

    def test_tmpcopyup(self):
        os.makedirs(os.path.join(self.rootfs, "etc/sub"))
        with open(os.path.join(self.rootfs, "etc/sub/file"), "w") as file:
            file.write("kept")
        os.symlink("sub/file", os.path.join(self.rootfs, "etc/link"))
        self.add_mount("/etc", "tmpcopyup")
        self.assertEqual("kept", self.inside("cat /etc/link; rm -f /etc/link 2>/dev/null; true"))
        self.assertTrue(os.path.islink(os.path.join(self.rootfs, "etc/link")))

    def test_an_id_mapped_bind(self):
        source = os.path.join(self.folder, "mapped")
        os.mkdir(source)
        os.chown(source, 1000, 1000)
        self.config["mounts"].append({
            "destination": "/a", "type": "bind", "source": source, "options": ["bind"],
            "uidMappings": [{"containerID": 1000, "hostID": 5000, "size": 1}],
            "gidMappings": [{"containerID": 1000, "hostID": 5000, "size": 1}]})
        self.config["process"]["args"] = ["/bin/stat", "-c", "%u %g", "/a"]
        result = self.run_container()
        if "this filesystem's ids cannot be mapped" in result.stderr:
            self.skipTest("the kernel maps no ids of a tmpfs")
        self.assertEqual("5000 5000\n", result.stdout)

    def test_masked_and_readonly_paths(self):
        output = self.inside("cat /proc/kcore | od | head -1; ls /sys/firmware; echo x > /proc/sys/kernel/shmmni")
        self.assertEqual("0000000\n", output)

    def inside(self, script, **options):
        return super().inside(script + "\ntrue", **options)

    def test_a_read_only_root(self):
        self.config["root"]["readonly"] = True
        self.assertIn("Read-only file system", self.inside("touch /x 2>&1"))

    def test_devices(self):
        self.config["linux"]["devices"] = [
            {"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 0o640, "uid": 3, "gid": 4},
            {"path": "/dev/dir/pipe", "type": "p"}]
        self.assertEqual("character special file 640 3 4 1 5\nfifo\n",
                         self.inside("stat -c '%F %a %u %g %t %T' /dev/mine; stat -c %F /dev/dir/pipe"))
        for name, numbers in (("null", "1 3"), ("zero", "1 5"), ("full", "1 7"), ("random", "1 8"), ("tty", "5 0")):
            self.assertEqual(numbers + " 666\n", self.inside(f"stat -c '%t %T %a' /dev/{name}"))
        self.assertEqual("/proc/self/fd\npts/ptmx\n", self.inside("readlink /dev/fd; readlink /dev/ptmx"))

    def test_rootfs_propagation(self):
        for word, shown in (("shared", "shared:"), ("private", ""), ("unbindable", "unbindable")):
            with self.subTest(word):
                self.config["linux"]["rootfsPropagation"] = word
                fields = " ".join(self.mounts_inside()["/"][1])
                self.assertTrue(shown in fields if shown else "shared" not in fields, fields)

    def test_nothing_of_the_old_root_is_left(self):
        outside = set(self.mounts_inside()) - {"/"}
        listed = {m["destination"] for m in self.config["mounts"]} | set(self.config["linux"]["maskedPaths"]) | set(
            self.config["linux"]["readonlyPaths"])
        self.assertEqual(set(), outside - listed)

    def test_no_pivot_works_as_well(self):
        self.config["process"]["args"] = ["/bin/ls", "/"]
        result = self.run_container("--no-pivot")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertIn("bin", result.stdout.split())


class WithoutEffect(Case):
    """What is lawful and does nothing is a warning that names the field."""

    def warnings(self):
        result = self.run_container()
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual(result.stderr.count("\n"), result.stderr.count("level=warning"), result.stderr)
        return result.stderr

    def test_options_of_a_filesystem_on_a_bind_mount(self):
        self.config["mounts"].append({"destination": "/x", "source": "/etc", "options": ["bind", "size=1k", "mode=755"]})
        text = self.warnings()
        self.assertIn("/mounts/4/options", text)
        self.assertIn("has no effect on a bind mount", text)
        self.assertNotIn("mode", text)

    def test_a_label_of_mounts_without_selinux(self):
        with open("/proc/filesystems") as file:
            if "selinuxfs" in file.read():
                self.skipTest("this kernel has SELinux")
        self.config["linux"]["mountLabel"] = "system_u:object_r:container_file_t:s0"
        self.assertIn("/linux/mountLabel: has no effect", self.warnings())


class Features(Case):
    """What `features` lists is what works, and what the specification lists besides is refused."""

    def features(self):
        return json.loads(self.runtime("features").stdout)

    def works(self):
        result = self.run_container()
        self.assertEqual(0, result.returncode, result.stderr)

    def test_every_mount_option_is_taken(self):
        options = self.features()["mountOptions"]
        needs_more = {"bind", "rbind", "idmap", "ridmap", "remount"}
        self.assertLessEqual(needs_more, set(options))
        self.config["mounts"] += [{"destination": f"/m/{n}", "type": "tmpfs", "source": "tmpfs", "options": [option]}
                                  for n, option in enumerate(sorted(set(options) - needs_more))]
        self.works()
        self.config["mounts"][-1]["options"] = ["nosuch"]
        self.assertEqual(1, self.run_container().returncode)

    def test_every_name_of_seccomp_is_taken(self):
        seccomp = self.features()["linux"]["seccomp"]
        actions = [name for name in seccomp["actions"] if name not in ("SCMP_ACT_NOTIFY", "SCMP_ACT_ALLOW")]
        self.assertEqual(7, len(actions))
        self.config["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW", "architectures": seccomp["archs"],
            "flags": [flag for flag in seccomp["supportedFlags"] if "KILLABLE" not in flag],
            "syscalls": [{"names": ["acct"], "action": action,
                          "args": [{"index": n, "value": 1, "op": operator}
                                   for n, operator in enumerate(seccomp["operators"][:6])]} for action in actions]}
        self.works()
        self.assertLessEqual(set(seccomp["supportedFlags"]), set(seccomp["knownFlags"]))

    def test_namespaces_and_capabilities_are_those_of_the_kernel(self):
        features = self.features()["linux"]
        kinds = {"mount": "mnt", "network": "net"}
        for name in features["namespaces"]:
            self.assertTrue(os.path.exists("/proc/self/ns/" + kinds.get(name, name)), name)
        with open("/proc/sys/kernel/cap_last_cap") as file:
            self.assertEqual(int(file.read()) + 1, len(features["capabilities"]))
        self.config["process"]["capabilities"] = {"bounding": features["capabilities"]}
        self.works()

    def test_what_the_host_lacks_is_told_by_name(self):
        features = self.features()["linux"]
        for name, value in (("intelRdt", {"closID": "x"}), ("netDevices", {"nosuch0": {}})):
            self.assertTrue(features[name]["enabled"])
            self.config["linux"] = {**self.config["linux"], name: value}
            result = self.run_container()
            self.assertEqual(1, result.returncode)
            self.assertIn("/linux/" + name, result.stderr)
            del self.config["linux"][name]


class Seccomp(Case):
    def test_a_refused_call_gives_its_errno(self):
        self.config["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64"],
            "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
        for nnp in (True, False):
            self.config["process"]["noNewPrivileges"] = nnp
            self.assertIn("No space left", self.inside("mkdir /tmp/x 2>&1; grep -q 'Seccomp:.2' /proc/self/status"))

    def test_a_profile_older_than_the_calls_of_the_runtime_is_no_obstacle(self):
        """Without no_new_privs the filter is there before the program is looked for."""
        self.config["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["faccessat2", "openat2", "close_range"], "action": "SCMP_ACT_ERRNO"}]}
        for nnp in (True, False):
            self.config["process"].update(noNewPrivileges=nnp, args=["echo", "fine"])
            result = self.run_container()
            self.assertEqual("fine\n", result.stdout, result.stderr)

    def test_a_profile_may_deny_what_the_runtime_checks_with(self):
        self.config["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["getcwd"], "action": "SCMP_ACT_ERRNO"}]}
        for cwd in ("/", "/tmp"):
            for nnp in (True, False):
                self.config["process"].update(noNewPrivileges=nnp, cwd=cwd, args=["ls", "-di", "."])
                result = self.run_container()
                inode = os.stat(self.rootfs + cwd).st_ino
                self.assertEqual(f"{inode} .", result.stdout.strip(), result.stderr)

    def test_conditions_on_arguments(self):
        self.config["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28,
                          "args": [{"index": 1, "value": 12, "op": "SCMP_CMP_EQ"}]}]}
        output = self.inside("trap : USR1; kill -USR1 $$ && echo one; kill -USR2 $$ 2>&1; true")
        self.assertIn("one", output)
        self.assertIn("No space left", output)


main()
