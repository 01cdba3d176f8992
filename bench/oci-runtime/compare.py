#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Compares OCI runtimes: paired and interleaved, CPU time first.

Usage: compare.py [--rounds N] [--scenario NAME]... [--json FILE] NAME=RUNTIME...

Every round runs each runtime once, in an order that rotates; the ratio of a round is to the first
runtime of that round, so that what else the machine does falls on all alike. Needs root. crun
refuses a hybrid of cgroup v1 and v2, so the comparison runs in a mount namespace of its own in
which the v2 part is unmounted. State and bundles are on a tmpfs. In the scenario `run` stands "floor" as
well: the same container in straight-line C (floor.c). `seccomp` has podman's default profile and nothing
compiled before, `cached` is the same for the second time, `ahead` has the filter in the bundle where the
runtime is kos-oci. `many` starts and deletes 200 containers at once
and gives the times of one.
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

MEASURE = ""  # the program of measure.c, once it is compiled
MANY = 200
SCENARIOS = ["run", "seccomp", "cached", "ahead", "create", "start", "exec", "delete", "many"]
SECCOMP = "/usr/share/containers/seccomp.json"


START = """
#ifdef __x86_64__
__asm__(".globl _start\\n_start: mov $60, %eax; xor %edi, %edi; syscall");
#else
__asm__(".globl _start\\n_start: mov x8, #93; mov x0, #0; svc 0");
#endif"""


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


def run(command):
    """Wall and CPU milliseconds of a command and all that it reaps, and its peak RSS in KiB."""
    with tempfile.TemporaryFile() as error:  # not a pipe: a container may keep it open
        with tempfile.TemporaryFile() as output:
            # The command's own output goes to its standard error's file; measure's line alone to `output`.
            subprocess.run([MEASURE, *command], stdout=output, stderr=error, stdin=subprocess.DEVNULL, check=True)
            output.seek(0)
            wall, cpu, rss, status = map(int, output.read().split(b"\n")[-2].split())
        if status != 0:
            error.seek(0)
            sys.exit(f"{' '.join(command)}: status {status}: {error.read().decode()}")
    return {"wall": 1e-3 * wall, "cpu": 1e-3 * cpu, "rss": rss}


class Runtime:
    def __init__(self, name, path, folder):
        self.name, self.folder = name, folder
        self.base = [path, "--root", os.path.join(folder, "state-" + name)]
        self.is_ours = name.startswith("kos")
        if name.startswith(("kos", "crun")):
            self.base += ["--cgroup-manager=disabled"]
        if self.is_ours:
            self.base += ["--seccomp-cache", os.path.join(folder, "cache-" + name)]

    def bundle(self, kind):
        return os.path.join(self.folder, kind)

    def measure(self, scenario):
        identity = "b%d" % time.monotonic_ns()
        if scenario == "many":
            return self.measure_many(identity)
        if scenario == "seccomp":
            return self.measure_first(identity)
        if scenario in ("run", "cached", "ahead"):
            return run(self.base + ["run", "--bundle", self.bundle(scenario), identity])
        sleeper = self.bundle("sleep")
        create = run(self.base + ["create", "--bundle", sleeper, identity])
        start = run(self.base + ["start", identity])
        execute = run(self.base + ["exec", identity, "/true"]) if scenario == "exec" else None
        run(self.base + ["kill", identity, "KILL"])
        self.wait_stopped(identity)
        delete = run(self.base + ["delete", identity])
        return {"create": create, "start": start, "exec": execute, "delete": delete}[scenario]

    def measure_first(self, identity):
        """With caches that are empty: crun keeps its own below the root, newer versions than 1.8 do."""
        root = os.path.join(self.folder, "first-" + identity)
        cache = ["--seccomp-cache", os.path.join(root, "cache")] if self.is_ours else []
        sample = run(self.base + ["--root", root, *cache, "run", "--bundle", self.bundle("cached"), identity])
        shutil.rmtree(root, ignore_errors=True)
        return sample

    def measure_many(self, identity):
        """What one of many costs that exist at the same time, from create to delete."""
        steps = (("create", "--bundle", self.bundle("sleep")), ("start",), ("delete", "--force"))
        each = [run(self.base + [*step, f"{identity}-{n}"]) for step in steps for n in range(MANY)]
        return {"wall": sum(s["wall"] for s in each) / MANY, "cpu": sum(s["cpu"] for s in each) / MANY,
                "rss": max(s["rss"] for s in each),
                "growth": statistics.median(s["cpu"] for s in each[MANY - 20:MANY])
                / statistics.median(s["cpu"] for s in each[:20])}

    def wait_stopped(self, identity):
        while True:
            state = subprocess.run(self.base + ["state", identity], capture_output=True, check=True)
            if json.loads(state.stdout)["status"] == "stopped":
                return
            time.sleep(0.002)


class Floor:
    """Takes a runtime's place in the scenario `run`."""

    name = "floor"

    def __init__(self, folder):
        self.command = [os.path.join(folder, "floor.elf"), os.path.join(folder, "run", "rootfs")]

    def measure(self, _):
        return run(self.command)


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
    table = {}
    for runtime in runtimes:
        own = samples[runtime.name]
        row = [f"{scenario:8} {runtime.name:10}"]
        table[runtime.name] = {"rss": max(sample["rss"] for sample in own)}
        for kind in ("wall", "cpu"):
            values = [sample[kind] for sample in own]
            ratios = [a[kind] / b[kind] for a, b in zip(own, reference) if b[kind] > 0]
            table[runtime.name][kind] = {"median": statistics.median(values), "p10": percentile(values, 0.1),
                                         "ratio": statistics.median(ratios)}
            row.append(f"{kind} median {statistics.median(values):7.2f} p10 {percentile(values, 0.1):7.2f} "
                       f"ratio {statistics.median(ratios):5.2f}")
        row.append(f"rss {table[runtime.name]['rss']:6d} KiB")
        if "growth" in own[0]:
            table[runtime.name]["growth"] = statistics.median(sample["growth"] for sample in own)
            row.append(f"create of the last 20 / of the first 20: {table[runtime.name]['growth']:.2f}")
        print(" | ".join(row), flush=True)
    return table


def compile_c(folder, name, source, *flags):
    path = os.path.join(folder, name + ".elf")
    subprocess.run(["gcc", "-O2", "-static", "-s", *flags, "-o", path, source], check=True)
    return path


def make_bundles(folder):
    global MEASURE
    beside = os.path.dirname(os.path.abspath(__file__))
    MEASURE = compile_c(folder, "measure", os.path.join(beside, "measure.c"))
    compile_c(folder, "floor", os.path.join(beside, "floor.c"))
    source = os.path.join(folder, "true.c")
    # Without a C library, whose start would cost as much as a fifth of a container's.
    for name, flags, text in (
            ("true", ("-nostdlib", "-ffreestanding"), START),
            ("sleep", (), "#include <unistd.h>\nint main(void) { for (;;) pause(); }")):
        with open(source, "w") as file:
            file.write(text + "\n")
        compile_c(folder, name, source, *flags)
    for kind in ("run", "cached", "ahead", "sleep"):
        rootfs = os.path.join(folder, kind, "rootfs")
        for directory in ("proc", "sys", "dev"):
            os.makedirs(os.path.join(rootfs, directory))
        for name in ("true", "sleep"):
            shutil.copy(os.path.join(folder, name + ".elf"), os.path.join(rootfs, name))
        document = config(seccomp=kind in ("cached", "ahead"))
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
    parser.add_argument("--json", help="file for the figures")
    parser.add_argument("runtime", nargs="+", metavar="NAME=RUNTIME")
    arguments = parser.parse_args()
    hide_hybrid_cgroup()
    tables = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        make_bundles(folder)
        runtimes = [Runtime(*each.split("=", 1), folder) for each in arguments.runtime]
        for runtime in runtimes:
            if runtime.is_ours:
                command = ["compile-seccomp", "--bundle", runtime.bundle("ahead")]
                subprocess.run(runtime.base + command, check=True)
        for scenario in arguments.scenario or SCENARIOS:
            measured = runtimes + [Floor(folder)] if scenario == "run" else runtimes
            rounds = max(1, arguments.rounds // 20) if scenario == "many" else arguments.rounds
            tables[scenario] = compare(measured, scenario, rounds)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(tables, file, indent=2)


main()
