#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What an image or a container must not get away with. Each test names the class of attack."""
import ctypes
import json
import os
import shutil
import subprocess
import threading

from bundles import RUNTIME, Case, main

AT_FDCWD = -100
RENAME_EXCHANGE = 2
ROUNDS = int(os.environ.get("KOS_OCI_ROUNDS", "60"))


class Swapper:
    """Exchanges two names as fast as it can."""

    def __init__(self, one, two):
        self.one, self.two = one.encode(), two.encode()
        self.libc = ctypes.CDLL(None)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.swap)

    def swap(self):
        while not self.stop.is_set():
            self.libc.renameat2(AT_FDCWD, self.one, AT_FDCWD, self.two, RENAME_EXCHANGE)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


class OwnBinary(Case):
    """CVE-2019-5736: the container executes, and then overwrites, the runtime."""

    def test_the_runtime_runs_from_a_mount_that_cannot_be_written(self):
        copy = os.path.join(self.folder, "runtime")
        shutil.copy(os.environ.get("KOS_OCI", shutil.which("kos-oci") or "kos-oci"), copy)
        with open(copy, "rb") as file:
            before = file.read()
        os.symlink("/proc/self/exe", os.path.join(self.rootfs, "bin/self"))
        # exec of "/bin/self" by the runtime is exec of the runtime; a second process then tries to
        # write to the file of the first one.
        script = ("(exec 3>/proc/1/exe) 2>&1; (: >> /proc/1/exe) 2>&1; "
                  "dd if=/dev/zero of=/proc/1/exe bs=1 count=1 conv=notrunc 2>&1; true")
        self.config["process"]["args"] = ["/bin/self", "--root", "/tmp/s", "events", "nosuch"]
        self.config["hooks"] = {"createContainer": [
            {"path": "/bin/sh", "args": ["sh", "-c", script + f" > {self.folder}/attempt"]}]}
        self.write_config()
        command = [copy, "--root", self.state, "--cgroup-manager=disabled", "run", "--bundle", self.folder,
                   self.new_id()]
        subprocess.run(command, capture_output=True, timeout=60)
        with open(copy, "rb") as file:
            self.assertEqual(before, file.read())
        with open(os.path.join(self.folder, "attempt")) as file:
            attempt = file.read()
        self.assertNotIn("1+0 records out", attempt)

    def test_the_file_that_a_container_waits_in_is_read_only(self):
        # While it runs nobody can write to a program anyway (ETXTBSY); what is asked is what comes after.
        identity = self.create()
        pid = json.loads(self.runtime("state", identity).stdout)["pid"]
        self.assertTrue(os.statvfs(f"/proc/{pid}/exe").f_flag & os.ST_RDONLY)

    def test_a_shebang_of_the_runtime_itself_writes_nothing(self):
        copy = os.path.join(self.folder, "runtime")
        shutil.copy(os.environ.get("KOS_OCI", shutil.which("kos-oci") or "kos-oci"), copy)
        os.chmod(copy, 0o755)
        with open(copy, "rb") as file:
            before = file.read()
        path = os.path.join(self.rootfs, "bin/trick")
        with open(path, "w") as file:
            file.write("#!/proc/self/exe\n")
        os.chmod(path, 0o755)
        self.config["process"]["args"] = ["/bin/trick"]
        self.write_config()
        subprocess.run([copy, "--root", self.state, "--cgroup-manager=disabled", "run", "--bundle", self.folder,
                        self.new_id()], capture_output=True, timeout=60)
        with open(copy, "rb") as file:
            self.assertEqual(before, file.read())


class Proc(Case):
    def test_proc_behind_a_link_is_refused(self):
        """CVE-2019-16884, CVE-2019-19921, CVE-2023-27561"""
        for name in ("proc", "sys"):
            with self.subTest(name):
                os.rmdir(os.path.join(self.rootfs, name))
                os.symlink("tmp", os.path.join(self.rootfs, name))
                result = self.run_container()
                self.assertEqual(1, result.returncode)
                self.assertIn("symbolic link", result.stderr)
                os.unlink(os.path.join(self.rootfs, name))
                os.mkdir(os.path.join(self.rootfs, name))

    def test_nothing_is_mounted_inside_proc(self):
        self.config["mounts"].append({"destination": "/proc/self/attr", "type": "tmpfs", "source": "tmpfs"})
        result = self.run_container()
        self.assertEqual(1, result.returncode)
        self.assertIn("inside /proc", result.stderr)

    def test_a_fake_proc_gets_no_writes(self):
        """CVE-2025-52881: sysctls and labels go through a procfs of the runtime's own."""
        fake = os.path.join(self.folder, "fake/sys/kernel")
        os.makedirs(fake)
        with open(os.path.join(fake, "msgmax"), "w") as file:
            file.write("untouched")
        self.config["mounts"][0] = {"destination": "/proc", "type": "bind", "source": os.path.join(self.folder, "fake"),
                                    "options": ["bind"]}
        self.config["linux"]["maskedPaths"] = []
        self.config["linux"]["readonlyPaths"] = []
        self.config["linux"]["sysctl"] = {"kernel.msgmax": "9999"}
        result = self.run_container()
        self.assertEqual(0, result.returncode, result.stderr)
        with open(os.path.join(fake, "msgmax")) as file:
            self.assertEqual("untouched", file.read())

    def test_sysctls_of_the_host_are_refused(self):
        for key in ("kernel.panic", "vm.swappiness", "kernel/../kernel/panic", "net/../kernel/panic"):
            with self.subTest(key):
                self.config["linux"]["sysctl"] = {key: "1"}
                result = self.run_container()
                self.assertEqual(1, result.returncode)
                self.assertIn("/linux/sysctl/", result.stderr)


class Paths(Case):
    def test_destinations_stay_inside(self):
        """Links to the host's paths lead into the container's root."""
        target = os.path.join(self.folder, "outside")
        os.mkdir(target)
        os.symlink(target, os.path.join(self.rootfs, "absolute"))
        os.symlink("../outside", os.path.join(self.rootfs, "relative"))
        for name in ("absolute", "relative", "tmp/../../outside"):
            with self.subTest(name):
                self.config["mounts"] = self.config["mounts"][:4] + [
                    {"destination": "/" + name + "/deep", "type": "tmpfs", "source": "tmpfs"}]
                self.run_container()
                self.assertEqual([], os.listdir(target))

    def test_links_to_what_the_host_has_lead_into_the_root(self):
        """As above, where the destination need not be made: nothing but the look-up keeps it inside."""
        target = os.path.join(self.folder, "outside")
        os.makedirs(target)
        os.makedirs(self.rootfs + target)
        os.symlink(target, os.path.join(self.rootfs, "absolute"))
        os.symlink("../../.." + target, os.path.join(self.rootfs, "tmp/climbing"))
        for name in ("absolute", "tmp/climbing"):
            with self.subTest(name):
                self.config["mounts"] = self.config["mounts"][:4] + [
                    {"destination": "/" + name, "type": "tmpfs", "source": "tmpfs"}]
                self.assertIn(f" {target} ", self.inside("cat /proc/self/mountinfo"))

    def test_a_racing_rename_leads_nowhere(self):
        """CVE-2021-30465"""
        outside = os.path.join(self.folder, "outside")
        os.makedirs(os.path.join(outside, "deep"))
        os.makedirs(os.path.join(self.rootfs, "volume/deep"))
        link = os.path.join(self.rootfs, "link")
        os.symlink(outside, link)
        self.config["mounts"].append({"destination": "/volume/deep/more", "type": "tmpfs", "source": "tmpfs"})
        self.config["process"]["args"] = ["/bin/true"]
        with Swapper(os.path.join(self.rootfs, "volume"), link):
            for _ in range(ROUNDS):
                self.run_container()
        self.assertEqual([], os.listdir(os.path.join(outside, "deep")))

    def test_a_racing_link_takes_no_mount_outside(self):
        """The same where every folder is there: a mount that is not seen inside went elsewhere."""
        outside = os.path.join(self.folder, "outside")
        os.makedirs(os.path.join(outside, "deep"))
        os.makedirs(os.path.join(self.rootfs, "volume/deep"))
        link = os.path.join(self.rootfs, "link")
        os.symlink(outside, link)
        self.config["mounts"].append({"destination": "/volume/deep", "type": "tmpfs", "source": "tmpfs"})
        self.config["process"]["args"] = ["/bin/grep", "-c", "/deep .* - tmpfs", "/proc/self/mountinfo"]
        with Swapper(os.path.join(self.rootfs, "volume"), link):
            for _ in range(ROUNDS):
                result = self.run_container()
                self.assertTrue(result.stdout == "1\n" or "/mounts/4/destination" in result.stderr,
                                result.stdout + result.stderr)

    def test_working_directories_outside_are_refused(self):
        """CVE-2024-21626"""
        root = os.open("/", os.O_RDONLY)
        leaked = os.dup2(root, 3)
        try:
            for number in range(3, 12):
                self.config["process"]["cwd"] = f"/proc/self/fd/{number}"
                result = self.run_container("--preserve-fds", "1", pass_fds=[leaked])
                self.assertNotEqual(0, result.returncode)
        finally:
            os.close(leaked)
            if root != leaked:
                os.close(root)

    def test_a_filter_that_denies_the_question_opens_no_way_out(self):
        """The same where the runtime cannot ask, once the filter is there, where it is."""
        self.config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["getcwd"], "action": "SCMP_ACT_ERRNO"}]}
        self.config["process"]["noNewPrivileges"] = False
        self.test_working_directories_outside_are_refused()

    def test_exec_in_a_leaked_directory_is_refused(self):
        identity = self.started()
        for number in range(3, 12):
            result = self.runtime("exec", "--cwd", f"/proc/self/fd/{number}", identity, "/bin/ls")
            self.assertEqual(255, result.returncode)


class Masks(Case):
    def test_a_linked_dev_null_masks_nothing_else(self):
        """CVE-2025-31133"""
        self.config["mounts"] = [m for m in self.config["mounts"] if not m["destination"].startswith("/dev")]
        os.symlink("../etc/victim", os.path.join(self.rootfs, "dev/null"))
        with open(os.path.join(self.rootfs, "etc/victim"), "w") as file:
            file.write("secret")
        with open(os.path.join(self.rootfs, "etc/masked"), "w") as file:
            file.write("masked")
        self.config["linux"]["maskedPaths"] = ["/etc/masked"]
        result = self.run_container()
        if result.returncode == 0:
            self.assertEqual("", self.inside("cat /etc/masked"))
        else:
            self.assertIn("/dev/null", result.stderr)

    def test_masked_files_stay_masked_in_a_race(self):
        self.config["mounts"] = [m for m in self.config["mounts"] if not m["destination"].startswith("/dev")]
        dev = os.path.join(self.rootfs, "dev")
        subprocess.run(["mknod", os.path.join(dev, "null"), "c", "1", "3"], check=True)
        os.symlink("../etc/shown", os.path.join(dev, "other"))
        for name, text in (("shown", "shown"), ("masked", "masked")):
            with open(os.path.join(self.rootfs, "etc", name), "w") as file:
                file.write(text)
        self.config["linux"]["maskedPaths"] = ["/etc/masked"]
        self.config["process"]["args"] = ["/bin/cat", "/etc/masked"]
        started = 0
        with Swapper(os.path.join(dev, "null"), os.path.join(dev, "other")):
            for _ in range(ROUNDS):
                result = self.run_container()
                self.assertEqual("", result.stdout)
                started += result.returncode == 0
        self.assertGreater(started, 0)

    def test_a_linked_console_makes_no_file_of_the_host(self):
        """CVE-2025-52565"""
        victim = os.path.join(self.folder, "victim")
        for target in (victim, "/etc/made"):
            with self.subTest(target):
                self.config["mounts"] = [m for m in self.config["mounts"] if m["destination"] != "/dev"]
                os.makedirs(os.path.join(self.rootfs, "dev/pts"), exist_ok=True)
                console = os.path.join(self.rootfs, "dev/console")
                if os.path.lexists(console):
                    os.unlink(console)
                os.symlink(target, console)
                self.config["process"]["terminal"] = True
                result = self.run_container()
                self.assertEqual(1, result.returncode)
                self.assertIn("/dev/console", result.stderr)
                self.assertFalse(os.path.exists(victim))
                self.assertFalse(os.path.exists(os.path.join(self.rootfs, "etc/made")))


class Leaks(Case):
    def test_no_descriptor_comes_along(self):
        read, write = os.pipe()
        directory = os.open("/", os.O_RDONLY)
        try:
            listed = self.inside("ls /proc/self/fd", pass_fds=(read, write, directory))
        finally:
            for descriptor in (read, write, directory):
                os.close(descriptor)
        # ls itself opens the folder that it lists.
        self.assertEqual(["0", "1", "2", "3"], listed.split())

    def test_descriptors_that_are_to_be_passed_are(self):
        read, write = os.pipe()
        fixed = [os.dup2(write, 3), os.dup2(write, 4)]
        try:
            self.config["process"]["args"] = ["/bin/sh", "-c", "echo three >&3; ls /proc/self/fd"]
            result = self.run_container("--preserve-fds", "1", pass_fds=fixed)
            self.assertEqual(["0", "1", "2", "3", "4"], result.stdout.split())
        finally:
            for descriptor in (read, write):
                if descriptor not in fixed:
                    os.close(descriptor)

    def test_exec_has_no_inheritable_capabilities(self):
        """CVE-2022-27650"""
        identity = self.started()
        status = self.runtime("exec", "--cap", "CAP_NET_ADMIN", identity, "/bin/cat", "/proc/self/status").stdout
        rows = dict(line.split(":\t") for line in status.splitlines() if line.startswith("Cap"))
        self.assertEqual("0" * 16, rows["CapInh"])
        self.assertEqual("0" * 16, rows["CapAmb"])
        self.assertEqual(1 << 12, int(rows["CapEff"], 16) & 1 << 12)

    def test_the_session_keyring_is_a_new_one(self):
        script = "grep -c . /proc/keys; grep _ses /proc/keys || cat /proc/keys"
        self.config["linux"]["maskedPaths"] = []
        output = self.inside(script)
        if not output:
            self.skipTest("this kernel shows no keys")
        self.assertIn("_ses.test-", output)

    def test_supplementary_groups_of_the_caller_are_dropped(self):
        os.setgroups([4, 27])
        try:
            self.assertEqual("Groups:\t \n", self.inside("grep Groups: /proc/self/status"))
        finally:
            os.setgroups([0])

    def deny(self, *names):
        self.config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": list(names), "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}

    def test_a_filter_is_there_without_no_new_privileges(self):
        """It has to be loaded while that is still allowed; the user who gets it has no privilege."""
        self.config["process"].update(noNewPrivileges=False, user={"uid": 7, "gid": 7})
        del self.config["process"]["capabilities"]
        self.deny("mkdir", "mkdirat")
        self.config["process"]["args"] = ["/bin/mkdir", "/tmp/new"]
        self.assertIn("not implemented", self.run_container().stderr)

    def test_a_filter_with_no_new_privileges_denies_nothing_to_the_runtime(self):
        """It comes last: what a profile denies it denies to the program."""
        self.config["process"]["user"] = {"uid": 7, "gid": 7}
        self.deny("setresuid", "setresgid", "setgroups", "capset", "chdir")
        self.assertEqual("7\n", self.inside("id -u"))

    def test_the_runtimes_processes_cannot_be_looked_into(self):
        """They are not dumpable: with no more capabilities than the container they are still closed to it."""
        with open(os.path.join(self.rootfs, "runtime"), "w"):
            pass
        runtime = os.path.realpath(shutil.which(RUNTIME))
        self.config["mounts"].append({"destination": "/runtime", "source": runtime, "options": ["bind", "ro"]})
        self.config["process"]["args"] = ["/bin/sh", "-c", "while :; do for process in /proc/[2-9]*; do "
                                          "[ $process/exe -ef /runtime ] && echo $process >> /tmp/seen; done; done"]
        identity = self.create()
        self.assertEqual(0, self.runtime("start", identity).returncode)
        for _ in range(2 * ROUNDS):
            self.assertEqual(0, self.runtime("exec", identity, "/bin/true").returncode)
        self.assertFalse(os.path.exists(os.path.join(self.rootfs, "tmp/seen")))

    def test_the_environment_of_the_caller_stays_outside(self):
        output = self.inside("env", env={**os.environ, "SECRET": "word"})
        self.assertNotIn("SECRET", output)


class WithoutOpenat2(Paths):
    """The same where openat2(2) is refused, as it is inside older engines."""

    def command(self, *words):
        wrapper = os.environ.get("KOS_OCI_DENY")
        if not wrapper:
            self.skipTest("the helper that refuses openat2 is not built")
        return [wrapper, *super().command(*words)]


main()
