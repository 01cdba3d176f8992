#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Compares OCI runtimes: paired and interleaved, CPU time first.

Usage: compare.py [--rounds N] [--scenario NAME]... NAME=RUNTIME...

Every round runs each runtime once, in an order that rotates; the ratio of a round is to the first
runtime of that round, so that what else the machine does falls on all alike. Needs root. crun
refuses a hybrid of cgroup v1 and v2, so the comparison runs in a mount namespace of its own in
which the v2 part is unmounted.
"""
import argparse
import ctypes
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SECCOMP = "/usr/share/containers/seccomp.json"


def config(seccomp=False, cgroup_namespace=False):
    types = ["pid", "network", "ipc", "uts", "mount"]
    document = {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": ["/true"],
            "env": ["PATH=/bin"],
            "cwd": "/",
            "noNewPrivileges": True,
            "capabilities": {k: ["CAP_KILL", "CAP_CHOWN"] for k in ("bounding", "effective", "permitted")},
        },
        "root": {"path": "rootfs", "readonly": True},
        "hostname": "bench",
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
             "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
             "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
            {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
             "options": ["nosuid", "noexec", "nodev"]},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs",
             "options": ["nosuid", "noexec", "nodev", "ro"]},
        ],
        "linux": {
            "namespaces": [{"type": t} for t in types],
            "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware",
                            "/proc/scsi"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    }
    if seccomp:
        document["linux"]["seccomp"] = podman_profile()
    return document


def podman_profile():
    """podman's default profile as podman writes it for a container without further capabilities."""
    with open(SECCOMP) as file:
        profile = json.load(file)
    machine = "SCMP_ARCH_" + {"x86_64": "X86_64", "aarch64": "AARCH64"}[os.uname().machine]
    go_name = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    families = [row for row in profile["archMap"] if row["architecture"] == machine]
    rules = []
    for rule in profile["syscalls"]:
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        if includes.get("caps") or not set(includes.get("arches") or [go_name]) & {go_name}:
            continue
        if excludes.get("caps") and set(excludes["caps"]) <= {"CAP_KILL", "CAP_CHOWN"}:
            continue
        kept = {key: rule[key] for key in ("names", "action", "args", "errnoRet") if rule.get(key)}
        rules.append(kept)
    return {
        "defaultAction": profile["defaultAction"],
        "defaultErrnoRet": profile["defaultErrnoRet"],
        "architectures": [machine] + families[0]["subArchitectures"],
        "syscalls": rules,
    }


def run(command, stdout=subprocess.DEVNULL):
    """Wall and CPU milliseconds of a command and all that it reaps, and its peak RSS in KiB."""
    with tempfile.TemporaryFile() as error:  # not a pipe: a container may keep it open
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=stdout, stderr=error, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = 0
        error.seek(0)
        if status != 0:
            sys.exit(f"{' '.join(command)}: status {status}: {error.read().decode()}")
    return {"wall": 1e3 * wall, "cpu": 1e3 * (usage.ru_utime + usage.ru_stime), "rss": usage.ru_maxrss}


class Runtime:
    def __init__(self, name, path, folder):
        self.name, self.folder = name, folder
        self.base = [path, "--root", os.path.join(folder, "state-" + name)]
        if name.startswith(("kos", "crun")):
            self.base += ["--cgroup-manager=disabled"]

    def bundle(self, kind):
        return os.path.join(self.folder, kind)

    def measure(self, scenario):
        identity = "b%d" % time.monotonic_ns()
        if scenario in ("run", "seccomp"):
            return run(self.base + ["run", "--bundle", self.bundle(scenario), identity])
        sleeper = self.bundle("sleep")
        create = run(self.base + ["create", "--bundle", sleeper, identity])
        start = run(self.base + ["start", identity])
        execute = run(self.base + ["exec", identity, "/true"]) if scenario == "exec" else None
        run(self.base + ["kill", identity, "KILL"])
        self.wait_stopped(identity)
        delete = run(self.base + ["delete", identity])
        return {"create": create, "start": start, "exec": execute, "delete": delete}[scenario]

    def wait_stopped(self, identity):
        while True:
            state = subprocess.run(self.base + ["state", identity], capture_output=True, check=True)
            if json.loads(state.stdout)["status"] == "stopped":
                return
            time.sleep(0.002)


def percentile(values, fraction):
    return sorted(values)[int(fraction * (len(values) - 1))]


def compare(runtimes, scenario, rounds):
    samples = {runtime.name: [] for runtime in runtimes}
    for runtime in runtimes:
        runtime.measure(scenario)
    for index in range(rounds):
        turn = index % len(runtimes)
        for runtime in runtimes[turn:] + runtimes[:turn]:
            samples[runtime.name].append(runtime.measure(scenario))
    reference = samples[runtimes[0].name]
    for runtime in runtimes:
        own = samples[runtime.name]
        row = [f"{scenario:8} {runtime.name:10}"]
        for kind in ("wall", "cpu"):
            values = [sample[kind] for sample in own]
            ratios = [a[kind] / b[kind] for a, b in zip(own, reference) if b[kind] > 0]
            row.append(f"{kind} median {statistics.median(values):7.2f} p10 {percentile(values, 0.1):7.2f} "
                       f"ratio {statistics.median(ratios):5.2f}")
        row.append(f"rss {max(sample['rss'] for sample in own):6d} KiB")
        print(" | ".join(row), flush=True)


def make_bundles(folder):
    source = os.path.join(folder, "true.c")
    for name, text in (("true", "int main(void) { return 0; }"),
                       ("sleep", "#include <unistd.h>\nint main(void) { for (;;) pause(); }")):
        with open(source, "w") as file:
            file.write(text + "\n")
        subprocess.run(["gcc", "-O2", "-static", "-o", os.path.join(folder, name + ".elf"), source], check=True)
    for kind in ("run", "seccomp", "sleep"):
        rootfs = os.path.join(folder, kind, "rootfs")
        for directory in ("proc", "sys", "dev"):
            os.makedirs(os.path.join(rootfs, directory))
        for name in ("true", "sleep"):
            shutil.copy(os.path.join(folder, name + ".elf"), os.path.join(rootfs, name))
        document = config(seccomp=kind == "seccomp")
        if kind == "sleep":
            document["process"]["args"] = ["/sleep"]
        with open(os.path.join(folder, kind, "config.json"), "w") as file:
            json.dump(document, file)


def hide_hybrid_cgroup():
    libc = ctypes.CDLL(None, use_errno=True)
    new_mount_namespace, private_recursive = 0x20000, 1 << 18 | 1 << 14
    if libc.unshare(new_mount_namespace) or libc.mount(b"none", b"/", None, private_recursive, None):
        sys.exit("needs root: " + os.strerror(ctypes.get_errno()))
    libc.umount2(b"/sys/fs/cgroup/unified", 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--scenario", action="append")
    parser.add_argument("runtime", nargs="+", metavar="NAME=RUNTIME")
    arguments = parser.parse_args()
    hide_hybrid_cgroup()
    with tempfile.TemporaryDirectory() as folder:
        make_bundles(folder)
        runtimes = [Runtime(*each.split("=", 1), folder) for each in arguments.runtime]
        for scenario in arguments.scenario or ["run", "seccomp", "create", "start", "exec", "delete"]:
            compare(runtimes, scenario, arguments.rounds)


main()
