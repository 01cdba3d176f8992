#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Commands and states (runtime-spec, runtime.md), hooks, terminal, exec."""
import array
import json
import os
import pty
import shlex
import socket
import stat
import subprocess
import time

from bundles import Case, main


class Lifecycle(Case):
    def test_a_container_goes_through_its_states(self):
        identity = self.create("--pid-file", os.path.join(self.folder, "pid"))
        state = json.loads(self.runtime("state", identity).stdout)
        self.assertEqual("created", state["status"])
        self.assertEqual(os.path.realpath(self.folder), state["bundle"])
        with open(os.path.join(self.folder, "pid")) as file:
            self.assertEqual(state["pid"], int(file.read()))
        self.assertEqual(0, self.runtime("start", identity).returncode)
        self.wait_status(identity, "stopped")
        self.assertEqual(0, self.runtime("delete", identity).returncode)
        self.assertEqual(1, self.runtime("state", identity).returncode)

    def test_run_gives_the_exit_status(self):
        for script, status in (("exit 0", 0), ("exit 42", 42), ("kill -KILL $$; sleep 1", 0)):
            self.config["process"]["args"] = ["/bin/sh", "-c", script]
            with self.subTest(script):
                self.assertEqual(status, self.run_container().returncode)

    def test_the_program_is_process_1(self):
        self.assertEqual("1\n", self.inside("echo $$"))

    def test_an_id_is_taken_once(self):
        identity = self.started()
        result = self.runtime("create", "--bundle", self.folder, identity)
        self.assertEqual(1, result.returncode)
        self.assertIn("already exists", result.stderr)

    def test_ids_that_are_no_names_are_refused(self):
        self.write_config()
        for identity in ("", ".", "..", "a/b", "../x", "a b", "x" * 300):
            with self.subTest(identity):
                self.assertEqual(1, self.runtime("run", "--bundle", self.folder, identity).returncode)

    def test_a_running_container_is_deleted_by_force_only(self):
        identity = self.started()
        result = self.runtime("delete", identity)
        self.assertEqual(1, result.returncode)
        self.assertIn("running", result.stderr)
        self.assertEqual(0, self.runtime("delete", "--force", identity).returncode)
        self.assertEqual(0, self.runtime("delete", "--force", identity).returncode)

    def test_start_needs_a_created_container(self):
        identity = self.started()
        result = self.runtime("start", identity)
        self.assertEqual(1, result.returncode)
        self.assertIn("it is running", result.stderr)

    def test_signals_reach_the_program(self):
        identity = self.started()
        time.sleep(0.1)
        self.assertEqual(0, self.runtime("kill", identity, "TERM").returncode)
        self.wait_status(identity, "stopped")
        result = self.runtime("kill", identity, "TERM")
        self.assertEqual(1, result.returncode)
        self.assertIn("not running", result.stderr)

    def test_signals_have_names_and_numbers(self):
        identity = self.started()
        for name in ("0", "SIGCONT", "cont", "18", "RTMIN+1"):
            with self.subTest(name):
                self.assertEqual(0, self.runtime("kill", identity, name).returncode)
        self.assertEqual(1, self.runtime("kill", identity, "NOSUCH").returncode)

    def test_signals_and_removal_by_regular_expression(self):
        one, two, other = self.started(), self.started(), self.started()
        pattern = f"^({one}|{two})$"
        result = self.runtime("kill", "--regex", pattern, "KILL")
        self.assertEqual(0, result.returncode, result.stderr)
        for identity, status in ((one, "stopped"), (two, "stopped"), (other, "running")):
            self.wait_status(identity, status)
        # As with crun, what cannot be deleted is a warning, and what does not match is left alone.
        result = self.runtime("delete", "--regex", "^test-.*[0-9]$")
        self.assertEqual(0, result.returncode)
        self.assertIn(f"container {other}: cannot be deleted: it is running", result.stderr)
        self.assertEqual([other], self.runtime("list", "-q").stdout.split())
        result = self.runtime("delete", "--regex", "[z-a]")
        self.assertEqual(1, result.returncode)
        self.assertIn("--regex: a range in '[]' is in the wrong order", result.stderr)

    def test_run_forwards_signals(self):
        self.config["process"]["args"] = ["/bin/sh", "-c", "trap 'exit 9' USR1; echo up; while :; do sleep 0.05; done"]
        self.write_config()
        command = self.command("run", "--bundle", self.folder, self.new_id())
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            self.assertEqual("up\n", process.stdout.readline())
            process.send_signal(10)
            self.assertEqual(9, process.wait(20))

    def test_list_shows_containers(self):
        identity = self.started()
        listed = json.loads(self.runtime("list", "--format", "json").stdout)
        self.assertEqual([identity], [each["id"] for each in listed])
        self.assertEqual(identity + "\n", self.runtime("list", "-q").stdout)
        self.assertIn("running", self.runtime("list").stdout)

    def test_config_changes_after_create_have_no_effect(self):
        self.config["process"]["args"] = ["/bin/sh", "-c", "echo before > /tmp/which"]
        identity = self.create()
        self.config["process"]["args"] = ["/bin/sh", "-c", "echo after > /tmp/which"]
        self.write_config()
        self.runtime("start", identity)
        self.wait_status(identity, "stopped")
        with open(os.path.join(self.rootfs, "tmp/which")) as file:
            self.assertEqual("before\n", file.read())

    def test_features_are_those_of_a_1_3_runtime(self):
        features = json.loads(self.runtime("features").stdout)
        self.assertEqual("1.3.0", features["ociVersionMax"])
        self.assertIn("CAP_BPF", features["linux"]["capabilities"])
        self.assertIn("rro", features["mountOptions"])

    def test_the_example_config_is_valid(self):
        self.assertEqual(0, self.runtime("spec", "--bundle", self.folder).returncode)
        with open(os.path.join(self.folder, "config.json")) as file:
            self.config = json.load(file)
        self.config["process"].update(terminal=False, args=["sh", "-c", "echo fine"])
        self.assertEqual("fine\n", self.run_container().stdout)

    def test_logs_have_the_forms_that_engines_read(self):
        log = os.path.join(self.folder, "log")
        subprocess.run(self.command("--log", log, "--log-format", "json", "state", "nosuch"), capture_output=True)
        with open(log) as file:
            line = json.loads(file.read())
        self.assertEqual("error", line["level"])
        self.assertIn("nosuch", line["msg"])


class Exec(Case):
    def test_exec_runs_beside_the_container(self):
        identity = self.started()
        result = self.runtime("exec", "--user", "5:6", "--cwd", "/tmp", "--env", "A=b", identity,
                              "/bin/sh", "-c", 'echo $(id -u) $(id -g) $PWD $A')
        self.assertEqual("5 6 /tmp b\n", result.stdout)
        self.assertEqual(3, self.runtime("exec", identity, "/bin/sh", "-c", "exit 3").returncode)

    def test_exec_reads_process_json(self):
        identity = self.started()
        process = {"args": ["/bin/sh", "-c", "echo $X"], "env": ["X=y", "PATH=/bin"], "cwd": "/"}
        path = os.path.join(self.folder, "process.json")
        with open(path, "w") as file:
            json.dump(process, file)
        self.assertEqual("y\n", self.runtime("exec", "--process", path, identity).stdout)

    def test_descriptors_of_socket_activation_are_passed_on(self):
        self.config["process"]["args"] = ["/bin/sh", "-c", "echo $LISTEN_FDS $LISTEN_PID; cat <&3; cat <&4"]
        self.write_config()
        for process, seen in (("$$", "1 1\nfirst\nsecond\n"), ("1", "\nfirst\n")):
            script = f'export LISTEN_FDS=1 LISTEN_PID={process}; exec "$@" 3<{self.folder}/first 4<{self.folder}/second'
            for name in ("first", "second"):
                with open(f"{self.folder}/{name}", "w") as file:
                    file.write(name + "\n")
            command = self.command("run", "--bundle", self.folder, "--preserve-fds", "1", self.new_id())
            result = subprocess.run(["sh", "-c", script, "sh", *command], capture_output=True, text=True)
            self.assertEqual(seen, result.stdout, result.stderr)

    def test_descriptors_to_pass_on_are_counted(self):
        identity = self.started()
        for count in ("-1", "4097", "4294967295"):
            result = self.runtime("exec", "--preserve-fds", count, identity, "/bin/true")
            self.assertIn("--preserve-fds: is out of range", result.stderr)

    def test_exec_says_what_it_does_not_find(self):
        identity = self.started()
        result = self.runtime("exec", identity, "nosuch")
        self.assertEqual(255, result.returncode)
        self.assertIn("executable file not found in $PATH", result.stderr)

    def test_exec_is_in_the_same_namespaces(self):
        identity = self.started()
        script = "for n in pid net ipc uts mnt; do readlink /proc/self/ns/$n; done"
        one = self.runtime("exec", identity, "/bin/sh", "-c", script).stdout
        pid = json.loads(self.runtime("state", identity).stdout)["pid"]
        self.assertEqual([os.readlink(f"/proc/{pid}/ns/{n}") for n in ("pid", "net", "ipc", "uts", "mnt")],
                         one.split())


class WithoutMountNamespace(Case):
    """The mounts are the caller's then; so that this is not the machine, the caller has a namespace of its own."""

    def setUp(self):
        super().setUp()
        self.config["linux"]["namespaces"] = [{"type": "pid"}, {"type": "uts"}]
        self.config["process"]["args"] = ["/bin/sleep", "1000"]
        self.write_config()

    def outside(self, script):
        """A shell script in which `oci` is the runtime and `mounts` counts what is mounted on the root file system."""
        head = (f"oci() {{ {shlex.join(self.command())} \"$@\"; }}; "
                f"mounts() {{ grep -c ' {self.rootfs}[ /]' /proc/self/mountinfo || true; }}; cd {self.folder}; ")
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", head + script]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(0, result.returncode, result.stderr)
        return result.stdout.split()

    def test_its_mounts_are_the_callers_and_go_with_it(self):
        identity = self.new_id()
        words = self.outside(f"oci create {identity} > output; mounts; oci start {identity}; "
                             f"oci exec {identity} /bin/ls /; oci exec {identity} /bin/test -d /tmp/../../bin; "
                             f"oci delete --force {identity}; mounts")
        self.assertGreaterEqual(int(words[0]), 5)
        self.assertEqual(["bin", "dev", "etc", "proc", "sys", "tmp"], words[1:7])
        self.assertEqual(["0"], words[7:])

    def test_a_mount_that_was_there_before_stays(self):
        identity = self.new_id()
        words = self.outside(f"mount --bind rootfs rootfs; mounts; oci create {identity} > output; "
                             f"oci delete --force {identity}; mounts")
        self.assertEqual(["1", "1"], words)

    def test_a_failed_launch_leaves_no_mount(self):
        self.config["process"]["args"] = ["/nosuch"]
        self.write_config()
        self.assertEqual(["0"], self.outside(f"! oci create {self.new_id()} 2> /dev/null; mounts"))

    def test_propagation_of_the_callers_mounts_is_refused(self):
        self.config["linux"]["rootfsPropagation"] = "rslave"
        self.assertIn("/linux/rootfsPropagation: there is no mount namespace", self.run_container().stderr)


class Hooks(Case):
    def hook(self, kind, script):
        self.config.setdefault("hooks", {}).setdefault(kind, []).append(
            {"path": "/bin/sh", "args": ["sh", "-c", script], "env": ["PATH=/bin:/usr/bin"]})

    def test_each_kind_runs_in_its_turn(self):
        trace = os.path.join(self.folder, "trace")
        for kind in ("prestart", "createRuntime", "createContainer", "poststart", "poststop"):
            self.hook(kind, f"echo {kind} >> {trace}")
        self.hook("startContainer", "echo startContainer > /tmp/inside")
        identity = self.create()
        with open(trace) as file:
            self.assertEqual(["prestart", "createRuntime", "createContainer"], file.read().split())
        self.assertFalse(os.path.exists(os.path.join(self.rootfs, "tmp/inside")))
        self.runtime("start", identity)
        self.assertTrue(os.path.exists(os.path.join(self.rootfs, "tmp/inside")))
        self.wait_status(identity, "stopped")
        self.runtime("delete", identity)
        with open(trace) as file:
            self.assertEqual(["poststart", "poststop"], file.read().split()[3:])

    def test_hooks_read_the_state(self):
        self.hook("prestart", f"cat > {self.folder}/prestart.json")
        self.hook("createRuntime", f"cat > {self.folder}/state.json")
        self.config["annotations"] = {"key": "value"}
        self.run_container()
        with open(os.path.join(self.folder, "prestart.json")) as file:
            self.assertEqual("created", json.load(file)["status"])
        with open(os.path.join(self.folder, "state.json")) as file:
            state = json.load(file)
        self.assertEqual("creating", state["status"])
        self.assertEqual({"key": "value"}, state["annotations"])
        self.assertGreater(state["pid"], 0)

    def test_a_failing_hook_stops_the_container(self):
        for kind in ("prestart", "createRuntime", "createContainer", "startContainer", "poststart"):
            with self.subTest(kind):
                self.config["hooks"] = {}
                self.hook(kind, "exit 5")
                result = self.run_container()
                self.assertEqual(1, result.returncode)
                self.assertIn(f"/hooks/{kind}/0", result.stderr)
                self.assertIn("status 5", result.stderr)

    def test_a_failing_poststop_hook_is_a_warning(self):
        self.hook("poststop", "exit 5")
        result = self.run_container()
        self.assertEqual(0, result.returncode)
        self.assertIn("warning", result.stderr)

    def test_a_hook_that_takes_too_long_is_killed(self):
        self.hook("prestart", "exec sleep 60")
        self.config["hooks"]["prestart"][0]["timeout"] = 1
        result = self.run_container()
        self.assertIn("took longer than 1 s", result.stderr)


class Terminal(Case):
    def test_the_master_goes_to_the_console_socket(self):
        path = os.path.join(self.folder, "console")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen(1)
            self.config["process"].update(terminal=True, consoleSize={"height": 33, "width": 44},
                                          args=["/bin/sh", "-c", "stty size; readlink /proc/self/fd/0"])
            identity = self.create("--console-socket", path)
            connection, _ = server.accept()
            _, control, _, _ = connection.recvmsg(100, socket.CMSG_SPACE(4))
            master = array.array("i", control[0][2])[0]
            self.runtime("start", identity)
            output = b""
            try:
                while chunk := os.read(master, 1000):
                    output += chunk
            except OSError:
                pass
            self.assertEqual(b"33 44\r\n/dev/pts/0\r\n", output)

    def test_run_relays_its_own_terminal(self):
        self.config["process"].update(terminal=True, args=["/bin/sh", "-c", "read word; echo got $word; exit 4"])
        self.write_config()
        master, slave = pty.openpty()
        command = self.command("run", "--bundle", self.folder, self.new_id())
        with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave) as process:
            os.close(slave)
            os.write(master, b"hello\n")
            self.assertEqual(4, process.wait(20))
        self.assertIn(b"got hello", os.read(master, 1000))

    def test_create_needs_a_console_socket(self):
        self.config["process"]["terminal"] = True
        self.write_config()
        result = self.runtime("create", "--bundle", self.folder, self.new_id())
        self.assertIn("--console-socket", result.stderr)


class Cgroups(Case):
    manager = "cgroupfs"

    def setUp(self):
        self.addCleanup(self.remove_parent)
        super().setUp()
        # v1 or v2; the tmpfs that holds v1's hierarchies is read-only under systemd.
        if not any(os.access(path, os.W_OK) for path in ("/sys/fs/cgroup/pids", "/sys/fs/cgroup/cgroup.procs")):
            self.skipTest("no control groups are mounted")
        self.config["linux"]["cgroupsPath"] = f"/kos-oci-test-{os.getpid()}/one"

    def remove_parent(self):
        for root, _, _ in os.walk("/sys/fs/cgroup"):
            if os.path.basename(root) == f"kos-oci-test-{os.getpid()}":
                os.rmdir(root)

    def test_pause_stops_and_resume_goes_on(self):
        identity = self.started()
        self.assertEqual(0, self.runtime("pause", identity).returncode)
        self.assertEqual("paused", self.status(identity))
        self.assertIn("is paused", self.runtime("exec", identity, "true").stderr)
        self.assertEqual(0, self.runtime("resume", identity).returncode)
        self.assertEqual("running", self.status(identity))

    def test_a_paused_container_is_deleted_by_force(self):
        identity = self.started()
        self.runtime("pause", identity)
        self.assertEqual(0, self.runtime("delete", "--force", identity).returncode)

    def test_limits_are_set_and_updated(self):
        self.config["linux"]["resources"] = {"pids": {"limit": 77}}
        identity = self.started()
        path = next(os.path.join(root, "pids.max") for root, _, files in os.walk("/sys/fs/cgroup")
                    if root.endswith(f"kos-oci-test-{os.getpid()}/one") and "pids.max" in files)
        with open(path) as file:
            self.assertEqual("77\n", file.read())
        self.assertEqual(0, self.runtime("update", "--pids-limit", "55", identity).returncode)
        with open(path) as file:
            self.assertEqual("55\n", file.read())
        stats = json.loads(self.runtime("events", "--stats", identity).stdout)
        self.assertEqual(55, stats["data"]["pids"]["limit"])

    def test_classes_of_cache_are_updated_only_where_there_is_one(self):
        identity = self.started()
        result = self.runtime("update", "--l3-cache-schema", "L3:0=f", identity)
        self.assertEqual(1, result.returncode)
        self.assertIn("--l3-cache-schema: the container's config.json has no linux.intelRdt", result.stderr)

    def test_ps_lists_the_processes(self):
        identity = self.started()
        pid = json.loads(self.runtime("state", identity).stdout)["pid"]
        self.assertIn(pid, json.loads(self.runtime("ps", "--format", "json", identity).stdout))
        self.assertIn("sleep 0.05", self.runtime("ps", identity).stdout)

    def test_delete_ends_every_process(self):
        self.config["linux"]["namespaces"] = [{"type": "mount"}]
        self.config.pop("hostname")
        self.config["mounts"] = self.config["mounts"][:3]
        identity = self.started()
        self.runtime("exec", "--detach", identity, "/bin/sh", "-c", "exec sleep 500", stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL, capture_output=False)
        pids = json.loads(self.runtime("ps", "--format", "json", identity).stdout)
        self.assertGreaterEqual(len(pids), 2)
        self.assertEqual(0, self.runtime("delete", "--force", identity).returncode)


main()
