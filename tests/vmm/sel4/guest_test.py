#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Guests under vmm.elf on seL4 in QEMU: Debian's kernel with busybox up to user space and off; a panic; and a guest
that tries what no guest may."""

import glob
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import guest as machine  # noqa: E402

RUN_GUEST = os.environ["KOS_RUN_GUEST"]
MODULES = ["virtio_mmio", "virtio_blk", "virtio-rng", "virtio_console"]
START = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/list); do insmod /modules/$module; done
# The node is there before what it stands for.
until (: </dev/hvc0) 2>/dev/null; do sleep 0.1; done
exec </dev/hvc0 >/dev/hvc0 2>&1
"""
INTO_USER_SPACE = START + """
echo "kernel $(uname -sm)"
for disk in /sys/block/vd*; do echo "disk $(cat $disk/serial) $(md5sum <"/dev/${disk##*/}")"; done
echo "random $(head -c 16 /dev/hwrng | wc -c)"
before=$(cut -d. -f1 /proc/uptime); sleep 3; echo "slept $(($(cut -d. -f1 /proc/uptime) - before))"
poweroff -f
"""
CRASH = START + """
echo "about to crash"
echo c >/proc/sysrq-trigger
"""


def missing():
    if not any(os.environ.get(name) for name in ["SEL4_PREFIX", "MICROKIT_SDK"]):
        return "neither SEL4_PREFIX nor MICROKIT_SDK names a kernel"
    return machine.missing()


def busybox():
    folder = subprocess.run([f"{machine.ROOT}/scripts/sysroot", "busybox-static:arm64"], check=True,
                            capture_output=True, text=True).stdout.strip()
    with open(f"{folder}/bin/busybox", "rb") as file:
        return file.read()


def initrd(path, kernel_folder, script):
    modules = machine.modules_of(kernel_folder, MODULES)
    entries = [(name, 0o040755, b"") for name in ["bin", "dev", "proc", "sys", "modules"]]
    entries += [("bin/busybox", 0o100755, busybox()), ("init", 0o100755, script.encode())]
    for name, file in modules:
        with open(file, "rb") as content:
            entries.append((f"modules/{name}", 0o100644, content.read()))
    entries.append(("modules/list", 0o100644, "".join(f"{name}\n" for name, _ in modules).encode()))
    with open(path, "wb") as file:
        file.write(machine.cpio(entries))


def run_linux(folder, script, *arguments):
    kernel_folder = machine.kernel_folder()
    kernel, = glob.glob(f"{kernel_folder}/boot/vmlinuz-*")
    initrd(f"{folder}/initrd", kernel_folder, script)
    return run(folder, kernel, *arguments)


def run(folder, kernel, *arguments):
    """Exit status, the end of the guest's console, what else the root server logged, and the report."""
    done = subprocess.run([RUN_GUEST, "--kernel", kernel, "--initrd", f"{folder}/initrd",
                           "--report", f"{folder}/report", *arguments],
                          capture_output=True, text=True, errors="replace", timeout=280)
    if "KOS_VERBOSE" in os.environ:
        print(done.stdout + done.stderr)
    label = "kos: guest: guest: "
    lines = done.stderr.splitlines(keepends=True)
    console = "".join(line[len(label):] for line in lines if line.startswith(label))
    log = "".join(line for line in lines if not line.startswith(label))
    with open(f"{folder}/report", encoding="utf-8") as file:
        return done.returncode, console, log, json.load(file)


def expect(held, what, output):
    if not held:
        raise AssertionError(f"{what}; the console:\n{output}")


def expect_failure(status, log, why="KOS-E-GUEST-INTERNAL: the guest ended before its container did"):
    """A guest without a container has failed however it ends."""
    expect(status == 125, f"status {status}", log)
    expect(why in log, "it does not say why", log)


def check_user_space(folder):
    disks, expected = [], []
    for serial, size in [("linux1", 300 * 1024 + 300), ("linux2", 3 << 20)]:
        content = random.Random(size).randbytes(size)
        with open(f"{folder}/{serial}", "wb") as file:
            file.write(content)
        disks += ["--disk", f"{serial}={folder}/{serial}"]
        padded = content + bytes(-len(content) % 512)
        expected.append(f"disk {serial} {hashlib.md5(padded).hexdigest()}")
    status, output, log, report = run_linux(folder, INTO_USER_SPACE, *disks)
    expect_failure(status, log)
    expect("kernel Linux aarch64" in output, "no user space", output + log)
    for line in expected:
        expect(line in output, f"not {line}", output + log)
    expect("random 16" in output, "no random bytes", output)
    slept = int(re.search(r"slept (\d+)", output).group(1))
    expect(3 <= slept <= 5, f"three seconds were {slept}", output)
    check_report(report)


def check_report(report):
    expect(report["inventory"]["before"] == report["inventory"]["after"], "memory was not given back", report)
    manifest = report["apps"][0]["manifest"]
    expect(manifest["untyped"] <= 1 << 20, "a VM takes more than 1 MiB beside its guest's memory", manifest)


def check_crash(folder):
    status, output, log, report = run_linux(folder, CRASH, "--restarts", "1", "--append",
                                      "console=hvc0 earlycon keep_bootcon quiet panic=-1")
    expect_failure(status, log, "KOS-E-GUEST-PANIC: the guest's kernel panicked")
    expect(output.count("about to crash") == 2, "it was not started again once", output + log)
    expect("sysrq triggered crash" in output, "the panic was not printed", output + log)
    expect("the guest asked for a reset" in log, "the log does not say why", log)
    check_report(report)


def has_debug_calls():
    """Whether the kernel has system calls below -11, of which one halts the machine."""
    config = glob.glob(f"{os.environ.get('SEL4_PREFIX', '')}/libsel4/include/kernel/gen_config.json")
    if not config:
        return True
    with open(config[0], encoding="utf-8") as file:
        return json.load(file)["DEBUG_BUILD"]


def check_hostile(folder):
    lowest = -11 if has_debug_calls() else -20
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run(["aarch64-linux-gnu-g++", "-std=c++20", "-O2", "-ffreestanding", "-fno-exceptions", "-fno-rtti",
                    "-nostdlib", "-fno-pie", "-no-pie", "-mgeneral-regs-only", "-mstrict-align", "-mcmodel=tiny",
                    "-fno-stack-protector", "-fno-asynchronous-unwind-tables", f"-DLOWEST={lowest}",
                    f"-Wl,-T,{here}/hostile.ld,--build-id=none,--no-warn-rwx-segments", "-o", f"{folder}/hostile.elf",
                    f"{here}/hostile.cpp"], check=True)
    subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", f"{folder}/hostile.elf", f"{folder}/hostile"],
                   check=True)
    with open(f"{folder}/initrd", "wb") as file:
        file.write(b"none")
    status, output, log, report = run(folder, f"{folder}/hostile", "--memory", "16M", "--restarts", "1")
    expect_failure(status, log)
    expect(output.count("done") == 2, "it did not go on to its end, twice", output + log)
    expect(output.count("secrets: 0\n") == 2, "what a guest left was found by the next", output)
    calls = int(re.search(r"hvc: (\d+)", output).group(1))
    undefined = int(re.search(r"undefined: (\d+)", output).group(1))
    # Yield and NBSend have no answer; Call and Send are told that slots 0 and 1 are empty.
    expect(calls == (21 - lowest) * 33 and undefined == calls - 2 * 33 - 2 * 2, "system calls reached something", output)
    expect("firmware refused: 11\n" in output, "there was firmware that there is not", output)
    expect("aborts: 1560\n" in output and "fetches: 4\n" in output, "an access to nothing was none", output)
    expect("exits: " in log, "exits were not counted", log)
    check_report(report)


def main():
    if why := missing():
        print(f"skipped: {why}")
        return 77
    checks = {"user-space": check_user_space, "crash": check_crash, "hostile": check_hostile}
    for name in sys.argv[1:] or checks:
        with tempfile.TemporaryDirectory(prefix="kos-guest-") as folder:
            checks[name](folder)
        print(f"{name}: well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
