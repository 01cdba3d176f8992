# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What engines are asked to do, with this runtime and with runc. docs/oci-engines.md has the same table;
engine_test.py checks that it does."""
import dataclasses
import os

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/oci-engines.md")


@dataclasses.dataclass
class Run:
    """One container: its options, the script inside (or a program), and the status that it must end with."""
    name: str
    options: list
    script: str
    status: int = 0
    program: list = None
    stdin: str = ""
    image: str = "localhost/test:1"


@dataclasses.dataclass
class Steps:
    """Commands of the engine, one after another; statuses and outputs are compared. Each is
    (words, expected status, whether the output is compared)."""
    name: str
    steps: list


# Differences that are meant to be: (engine, case) -> (expression, replacement, why), applied to both outputs.
SAME = {
    ("podman", "mounts"): (r"(?m)^(/(?:proc|sys)/\S+) (?:tmpfs|devtmpfs) .*$", r"\1 covered",
                           "runc covers files with the container's /dev/null, this runtime with the host's, "
                           "which no image can replace"),
    ("containerd", "rootfs-propagation"): (r"shared:\n", "", "runc leaves the root private where the mount that holds "
                                           "the root filesystem was private; here it is what the config says"),
    ("containerd", "mounts"): (r"(?m)^(/(?:proc|sys)/\S+) (?:tmpfs|devtmpfs) .*$", r"\1 covered",
                               "as with podman"),
}

# Limits that can be had without CAP_SYS_RESOURCE.
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
CAPS = "grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status"
MOUNTS = "cut -d' ' -f2- /proc/mounts | grep -vE '^/ |/etc/|/run/| cgroup' | sort"


def podman_runs(folder):
    """`folder` is a folder of the host with `file` in it, profile.json, and a named pipe."""
    return [
        Run("plain", [], "echo hello"),
        Run("status", [], "exit 7", 7),
        Run("not found", [], None, 127, ["/bin/nosuch"]),
        Run("not executable", [], None, 126, ["/etc"]),
        Run("signal", [], "kill -TERM $$", 0),
        Run("standard input", ["-i"], "cat", stdin="typed\n"),
        Run("user", ["--user", "1000:1000"], "id"),
        Run("user by name", ["--user", "named"], "id; echo $HOME"),
        Run("groups", ["--user", "1000", "--group-add", "44"], "id"),
        Run("cap-drop all", ["--cap-drop", "ALL"], CAPS),
        Run("cap-drop one", ["--cap-drop", "CHOWN"], CAPS + "; touch /tmp/x; chown 5 /tmp/x 2>&1; true"),
        Run("cap-add", ["--cap-add", "NET_ADMIN"], CAPS),
        Run("cap-add for a user", ["--user", "9", "--cap-add", "NET_ADMIN"], CAPS),
        Run("privileged", ["--privileged"], "grep -E 'Cap|Secc' /proc/self/status"),
        Run("default seccomp profile", [], "grep -E '^(Seccomp:|NoNew)' /proc/self/status; mount -t tmpfs x /tmp 2>&1; true"),
        Run("seccomp=unconfined", ["--security-opt", "seccomp=unconfined"], "grep ^Seccomp: /proc/self/status"),
        Run("seccomp=FILE", ["--security-opt", f"seccomp={folder}/profile.json"], "mkdir /tmp/x 2>&1; echo $?"),
        Run("no-new-privileges", ["--security-opt", "no-new-privileges"], "grep NoNew /proc/self/status"),
        Run("mask and unmask", ["--security-opt", "mask=/etc/masked", "--security-opt", "unmask=/proc/sys"],
            "cat /etc/masked; grep -c ' /proc/sys ' /proc/mounts", 1),
        Run("read-only", ["--read-only"], "touch /x 2>&1; touch /tmp/x && echo fine"),
        Run("read-only without tmpfs", ["--read-only", "--read-only-tmpfs=false"], "touch /tmp/x 2>&1; true"),
        Run("tmpfs", ["--tmpfs", "/foo:size=1m,mode=700"], "stat -c '%a %F' /foo; grep ' /foo ' /proc/mounts"),
        Run("tmpfs over content", ["--tmpfs", "/etc/full"], "ls /etc/full"),
        Run("volume read-only", ["-v", f"{folder}/file:/vol:ro"], "cat /vol; (echo x > /vol) 2>&1; true"),
        Run("volume", ["-v", f"{folder}:/vol"], "cat /vol/file; echo more > /vol/made; cat /vol/made"),
        Run("named volume", ["-v", "kept:/etc/full"], "ls /etc/full; stat -c %F /etc/full"),
        Run("mount with propagation", ["--mount", f"type=bind,src={folder},dst=/vol,bind-propagation=rslave"],
            "grep -c ' /vol ' /proc/self/mountinfo"),
        Run("device", ["--device", "/dev/null:/dev/mine"], "stat -c '%F %t %T' /dev/mine; echo x > /dev/mine"),
        Run("device read-only", ["--device", "/dev/zero:/dev/mine:r"],
            "dd if=/dev/mine bs=1 count=1 2>/dev/null | od; (echo x > /dev/mine) 2>&1; true"),
        Run("init", ["--init"], "tr '\\0' ' ' < /proc/1/cmdline | cut -c1-20"),
        Run("hostname", ["--hostname", "web"], "hostname; cat /proc/sys/kernel/hostname"),
        Run("workdir", ["--workdir", "/tmp"], "pwd"),
        Run("environment", ["--env", "A=b"], "echo $A $HOME"),
        Run("sysctl", ["--sysctl", "net.ipv4.ip_forward=1"], "cat /proc/sys/net/ipv4/ip_forward"),
        Run("shm-size", ["--shm-size", "2m"], "grep ' /dev/shm ' /proc/mounts"),
        Run("pid, ipc and uts of the host", ["--pid", "host", "--ipc", "host", "--uts", "host"],
            "test $$ != 1 && echo shared"),
        Run("network of the host", ["--network", "host"], "ls /sys/class/net; cat /proc/net/dev | grep -c lo:"),
        Run("user namespace", ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536"],
            "id; cat /proc/self/uid_map; stat -c '%u %g' /bin/busybox"),
        Run("umask", ["--umask", "0077"], "umask"),
        Run("ulimit", ["--ulimit", "nofile=99:100", "--ulimit", "nproc=1000:1000"], "ulimit -Sn; ulimit -Hn"),
        Run("oom-score-adj", ["--oom-score-adj", "500"], "cat /proc/self/oom_score_adj"),
        Run("terminal", ["--tty"], "test -t 0 && echo terminal; stat -c %F /dev/console"),
        Run("control groups of the host", ["--cgroupns", "host"], "readlink /proc/self/ns/cgroup | cut -d: -f1"),
        Run("pids-limit, memory and cpus", ["--pids-limit", "55", "--memory", "64m", "--cpus", "0.5"],
            "cd /sys/fs/cgroup; cat pids.max pids/pids.max memory.max memory/memory.limit_in_bytes cpu.max "
            "cpu/cpu.cfs_quota_us 2>/dev/null; true"),
        Run("mounts", [], MOUNTS),
        Run("devices", [], "stat -c '%A %t:%T %N' /dev/* | sort"),
        Run("descriptors", [], "ls /proc/self/fd"),
        Run("limits", [], "cat /proc/self/limits"),
        Run("masks", [], "cat /proc/keys /proc/timer_list; ls /proc/scsi /sys/firmware; "
                         "(echo x > /proc/sys/vm/swappiness) 2>&1; true"),
    ]


def podman_steps():
    limits = [*LIMITS, "--network", "none"]
    image = "localhost/test:1"
    loop = ["/bin/sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done"]
    status = ("inspect", "one", "--format", "{{.State.Status}} {{.State.ExitCode}}")
    background = ("run", "-d", "--name", "one", *limits)

    def silent(*words):
        return words, 0, False

    def shown(*words, expected=0):
        return words, expected, True

    end = silent("rm", "--force", "--time", "0", "one")
    return [
        Steps("exec", [
            silent(*background, image, *loop), shown("exec", "one", "/bin/id"),
            shown("exec", "--user", "5", "--workdir", "/tmp", "--env", "A=b", "one", "/bin/sh", "-c",
                  "id; pwd; echo $A; exit 4", expected=4),
            shown("exec", "one", "/bin/nosuch", expected=127), shown("exec", "one", "/etc", expected=126),
            shown("exec", "--privileged", "one", "/bin/sh", "-c", CAPS),
            shown("exec", "--tty", "one", "/bin/sh", "-c", "test -t 1 && echo terminal"),
            shown("exec", "one", "/bin/sh", "-c", CAPS + "; ls /proc/self/fd; cat /proc/self/limits; grep "
                  "-E '^(Seccomp:|NoNew)' /proc/self/status; cat /proc/self/oom_score_adj"), end]),
        Steps("exec detached", [
            silent(*background, image, *loop),
            silent("exec", "-d", "one", "/bin/sh", "-c", "echo made > /tmp/made"),
            shown("exec", "one", "/bin/sh", "-c", "while ! test -s /tmp/made; do sleep 0.1; done; cat /tmp/made"), end]),
        Steps("attach", [
            silent(*background, "-i", image, "/bin/sh", "-c", "read word; echo got $word; exit 5"),
            (("attach", "one", "<word"), 0, True), shown("wait", "one"), end]),
        Steps("start attached", [
            silent("create", "-i", "--name", "one", *limits, image, "/bin/cat"),
            (("start", "--attach", "--interactive", "one", "<word"), 0, True), shown(*status), end]),
        Steps("stop", [silent(*background, image, *loop), silent("stop", "--time", "20", "one"), shown(*status), end]),
        Steps("stop what does not listen", [
            silent(*background, image, "/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"),
            silent("stop", "--time", "1", "one"), shown(*status), end]),
        Steps("pause", [
            silent(*background, image, *loop), silent("pause", "one"), shown(*status),
            (("exec", "one", "/bin/true"), 255, False), silent("unpause", "one"), shown(*status),
            shown("exec", "one", "/bin/echo", "again"), end]),
        Steps("kill and wait", [
            silent(*background, image, *loop), silent("kill", "--signal", "TERM", "one"), shown("wait", "one"),
            shown(*status), end]),
        Steps("start again and restart", [
            silent(*background, image, *loop), silent("stop", "one"), silent("start", "one"), shown(*status),
            silent("restart", "--time", "5", "one"), shown(*status), end]),
        Steps("logs", [silent("run", "--name", "one", *limits, image, "/bin/sh", "-c", "echo out; echo err >&2"),
                       shown("logs", "one"), end]),
        Steps("top", [silent(*background, image, "/bin/sleep", "1000"), shown("top", "one", "pid", "args"), end]),
        Steps("copy", [silent(*background, image, *loop), silent("cp", "@folder/file", "one:/tmp/copied"),
                       shown("exec", "one", "/bin/cat", "/tmp/copied"), end]),
        Steps("healthcheck", [
            silent(*background, "--health-cmd", "test -f /tmp/well", "--health-interval", "disable",
                   "--health-retries", "1", image, *loop),
            (("healthcheck", "run", "one"), 1, False),
            shown("inspect", "one", "--format", "{{.State.Health.Status}}"),
            silent("exec", "one", "/bin/touch", "/tmp/well"), shown("healthcheck", "run", "one"),
            shown("inspect", "one", "--format", "{{.State.Health.Status}}"), end]),
        Steps("inspect", [
            silent(*background, "--cap-drop", "KILL", "--tmpfs", "/foo", image, *loop),
            shown("inspect", "one", "--format", "{{.EffectiveCaps}} {{.BoundingCaps}} {{.Mounts}} {{.Path}} {{.Args}} "
                  "{{.State.Running}} {{.HostConfig.Tmpfs}} {{.HostConfig.Ulimits}}"), end]),
        Steps("update", [
            silent(*background, "--pids-limit", "50", image, *loop), silent("update", "--cpus", "0.25", "one"),
            shown("exec", "one", "/bin/sh", "-c", "cd /sys/fs/cgroup; cat cpu.max cpu/cpu.cfs_quota_us 2>/dev/null; "
                  "true"), end]),
        Steps("network without ports", [
            silent("network", "create", "--internal", "--disable-dns", "--subnet", "10.123.4.0/24", "net"),
            silent("run", "-d", "--name", "one", *LIMITS, "--network", "net", "--ip", "10.123.4.7", image, "/bin/sh",
                   "-c", "while :; do echo served | nc -l -p 80; done"),
            shown("run", "--rm", *LIMITS, "--network", "net", "--ip", "10.123.4.8", image, "/bin/sh", "-c",
                  "for i in 1 2 3 4 5 6 7 8 9; do nc 10.123.4.7 80 && break; sleep 0.3; done; "
                  "ip -4 addr show eth0 | grep -o 'inet [0-9./]*'; cat /sys/class/net/eth0/flags"),
            end, silent("network", "rm", "net")]),
        Steps("network of another container", [
            silent("run", "-d", "--name", "one", *LIMITS, "--network", "none", image, *loop),
            silent("exec", "--privileged", "one", "/bin/ip", "link", "set", "dev", "lo", "mtu", "1234"),
            shown("run", "--rm", *LIMITS, "--network", "container:one", image, "/bin/cat", "/sys/class/net/lo/mtu"), end]),
        Steps("pod", [
            silent("pod", "create", "--name", "pod", "--network", "none", "--hostname", "shared"),
            silent("run", "-d", "--pod", "pod", "--name", "one", *LIMITS, image, *loop),
            shown("run", "--rm", "--pod", "pod", *LIMITS, image, "/bin/sh", "-c", "hostname; ls /sys/class/net"), end,
            silent("pod", "rm", "--force", "--time", "0", "pod")]),
    ]


def containerd_runs(folder):
    return [
        Run("plain", [], "echo hello"),
        Run("status", [], "exit 7", 7),
        Run("not found", [], None, 1, ["/bin/nosuch"]),
        Run("user of the image", [], "id; echo $HOME", image="localhost/user:1"),
        Run("cap-drop", ["--cap-drop", "CAP_CHOWN"], CAPS),
        Run("cap-add", ["--cap-add", "CAP_SYS_ADMIN"], CAPS),
        Run("privileged", ["--privileged"], "grep -E 'Cap|Secc' /proc/self/status"),
        Run("seccomp", ["--seccomp"], "grep ^Seccomp: /proc/self/status; mount -t tmpfs x /tmp 2>&1; true"),
        Run("seccomp-profile", ["--seccomp", "--seccomp-profile", f"{folder}/profile.json"], "mkdir /tmp/x 2>&1; echo $?"),
        Run("allow-new-privs", ["--allow-new-privs"], "grep NoNew /proc/self/status"),
        Run("read-only", ["--read-only"], "touch /x 2>&1; true"),
        Run("mount", ["--mount", f"type=bind,src={folder},dst=/vol,options=rbind:ro"],
            "cat /vol/file; (echo x > /vol/file) 2>&1; true"),
        Run("tmpfs", ["--mount", "type=tmpfs,src=tmpfs,dst=/foo,options=size=1m:mode=700"],
            "stat -c %a /foo; grep ' /foo ' /proc/mounts"),
        Run("device", ["--device", "/dev/kmsg"], "stat -c '%F %t %T' /dev/kmsg"),
        Run("cwd and environment", ["--cwd", "/tmp", "--env", "A=b"], "pwd; echo $A $HOME"),
        Run("network of the host", ["--net-host"], "ls /sys/class/net"),
        Run("namespace by path", ["--with-ns", "uts:/proc/1/ns/uts"], "hostname | grep -c ."),
        # As CRI has it: the pod's network is there before its containers.
        Run("network without ports", ["--with-ns", "network:/run/netns/shared"],
            "busybox ip -4 addr show eth0 | grep -o 'inet [0-9./]*'; cat /sys/class/net/eth0/flags; "
            "busybox nc 10.123.4.1 80"),
        Run("user namespace", ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536", "--snapshotter", "native"],
            "id; cat /proc/self/uid_map; stat -c '%u %g' /bin/busybox"),
        Run("terminal", ["--tty"], "test -t 0 && echo terminal; stat -c %F /dev/console"),
        Run("no-pivot", ["--no-pivot"], "ls /"),
        Run("rootfs-propagation", ["--rootfs-propagation", "rshared"], "grep ' / / ' /proc/self/mountinfo | grep -o shared: ; true"),
        Run("memory-limit and cpus", ["--memory-limit", "67108864", "--cpus", "0.5"],
            "grep -c . /proc/self/cgroup; true"),
        Run("mounts", [], MOUNTS),
        Run("devices", [], "stat -c '%A %t:%T %N' /dev/* | sort"),
        Run("descriptors", [], "ls /proc/self/fd"),
        Run("limits", [], "cat /proc/self/limits"),
        Run("masks", [], "cat /proc/keys /proc/timer_list; ls /proc/scsi /sys/firmware; "
                         "(echo x > /proc/sys/vm/swappiness) 2>&1; true"),
    ]


# What containerd_test.py does step by step, in its order.
CONTAINERD_STEPS = ["exec", "exec with a terminal", "pause and resume", "kill", "kill all", "metrics", "ps",
                    "attach", "create and start", "delete by force", "delete what runs"]


def containerd_table():
    for case in containerd_runs("FOLDER"):
        yield case.name, " ".join(["ctr run", *case.options])
    for name in CONTAINERD_STEPS:
        yield name, f"`step_{name.replace(' ', '_')}` of `containerd_test.py`"


def podman_table():
    for case in podman_runs("FOLDER"):
        yield case.name, " ".join(["podman run", *case.options])
    for case in podman_steps():
        yield case.name, ", ".join(" ".join(words[:2] if words[0] in ("network", "pod", "healthcheck") else words[:1])
                                   for words, _, _ in case.steps)


def table():
    """The rows of the table, as docs/oci-engines.md must have them."""
    for engine, rows in (("podman", podman_table()), ("containerd", containerd_table())):
        for name, what in rows:
            why = SAME.get((engine, name), (None, None, None))[2]
            what = what if "`" in what else f"`{what}`"
            yield f"| {engine} | {name} | {what} | {'same but: ' + why if why else 'same'} |"


def documented_table():
    with open(TABLE) as file:
        return [line.rstrip("\n") for line in file if line.startswith(("| podman |", "| containerd |"))]
