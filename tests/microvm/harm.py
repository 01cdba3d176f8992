# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Cases about harm: what dies, runs out or is damaged."""

import json
import os
import signal
import subprocess
import sys
import tempfile

import faults
import image
import linuxkit
from kits import by_container, kit
from runs import BUSYBOX, PROGRAMS, expect, expect_alone, expect_gone, expect_named, qemu_of, run, started, up


def qemu_killed_case():
    process = started("busybox", "sh", "-c", "echo started; sleep 100")
    os.kill(qemu_of(process.pid), signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    expect("status", process.returncode, 125)
    if "QEMU was killed by signal 9" not in errors:
        sys.exit(f"its death is not told:\n{errors}")


def kos_killed_case():
    process = started("busybox", "sh", "-c", "echo started; sleep 100")
    qemu = qemu_of(process.pid)
    process.kill()
    process.wait()
    expect_gone(qemu)


def panic_case():
    finished = up(faults.SYSTEM.replace("KEY", "c"))
    expect_alone(finished, 125)
    expect_named(finished.stderr, "Kernel panic - not syncing: sysrq triggered crash",
                 "KOS-E-GUEST-PANIC: the guest's kernel panicked")


def killed_case():
    expect_alone(up(faults.SYSTEM.replace("KEY", "i")), 137)


def out_of_memory_case():
    with tempfile.TemporaryDirectory() as folder:
        finished = run(BUSYBOX, "busybox", "sh", "-c", faults.EAT, options=["--report", f"{folder}/report"])
        with open(f"{folder}/report", encoding="utf-8") as file:
            errors, = [app["errors"] for app in json.load(file)["apps"]]
    expect("output", (finished.stdout, finished.returncode), ("killed 1\n", 5))
    expect_named(finished.stderr, "KOS-E-GUEST-MEMORY: ")
    expect("errors in the report", [error.split(":")[0] for error in errors], ["KOS-E-GUEST-MEMORY"])


def disk_full_case():
    finished = run(BUSYBOX, "busybox", "sh", "-c", faults.FILL)
    expect("output", (finished.stdout, finished.returncode), ("status 1\nkept\n", 0))
    expect_named(finished.stderr, "No space left on device")
    finished = run(BUSYBOX, "busybox", "sh", "-c", faults.FILL.split(";", maxsplit=1)[0] + "; exit 6")
    expect(f"status (errors: {finished.stderr})", finished.returncode, 6)
    expect_named(finished.stderr, "KOS-E-GUEST-STORAGE: ")


def module_case():
    """A damaged module is found by the guest (one that is not there: kosinit.bad_modules)."""
    kernel = subprocess.run([f"{image.ROOT}/scripts/guest-kernel"], check=True, capture_output=True,
                            text=True).stdout.splitlines()[-1]
    with tempfile.TemporaryDirectory() as folder:
        damaged = faults.with_damaged_module(kernel, "overlay", f"{folder}/kernel")
        finished = run(BUSYBOX, "busybox", "true", KOS_GUEST_KERNEL=damaged)
    expect(f"status (errors: {finished.stderr})", finished.returncode, 125)
    expect_named(finished.stderr, "KOS-E-GUEST-MODULE: ", "overlay.ko")


def vmm_fault_case():
    """A VMM that faults while its guest runs, when that has written something."""
    with tempfile.TemporaryDirectory() as folder:
        programs = faults.breaking(PROGRAMS, "container_output", f"{folder}/target")
        finished = up(faults.SYSTEM.replace("KEY", "h"), KOS_TARGET_DIR=programs)
    expect(f"output (errors: {finished.stderr})", finished.stdout.splitlines(),
           ["guest exited with code 132", "beside exited with code 0"])
    expect_named(finished.stderr, "SIGILL (illegal instruction)")


def run_damaged(folder, kind):
    """kos run of a LinuxKit file whose disks are damaged as they are packed."""
    library = f"{folder}/damage.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, f"{image.ROOT}/tests/microvm/damage.c", "-ldl"],
                   check=True)
    words = kit(linuxkit.DAMAGED, BUSYBOX, folder, damaged="DAMAGE!\n" * 16384)
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280,
                          env={**os.environ, "LD_PRELOAD": library, "KOS_DAMAGE": kind})


def damaged_data_case():
    """A block of a file on the disk is damaged: who reads it gets EIO, that is told by name, the others go on."""
    with tempfile.TemporaryDirectory() as folder:
        finished = run_damaged(folder, "data")
    expect(f"output (errors: {finished.stderr})", by_container(finished.stdout),
           {"reader": ["whole", "status 1"], "beside": ["fine"]})
    expect("status", finished.returncode, 4)
    expect_named(finished.stderr, "KOS-E-GUEST-DAMAGE: kernel: ", "SQUASHFS error")
    if "reader | busybox: " not in finished.stderr and "Input/output error" not in finished.stderr:
        sys.exit(f"the container does not see EIO:\n{finished.stderr}")


def damaged_metadata_case():
    """A disk whose metadata is damaged cannot be mounted, which is told by name."""
    with tempfile.TemporaryDirectory() as folder:
        finished = run_damaged(folder, "metadata")
    expect(f"status and output (errors: {finished.stderr})", (finished.returncode, finished.stdout), (125, ""))
    expect_named(finished.stderr, "KOS-E-GUEST-MOUNT: ")
