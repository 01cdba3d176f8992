# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs of kos, and what is expected of them, for the cases."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import image

KOS = os.environ.get("KOS", f"{image.ROOT}/build/dev/cli/kos")
IMAGES = os.environ.get("KOS_TEST_IMAGES", f"{image.ROOT}/build/dev/test-images")
PROGRAMS = os.environ.get("KOS_PROGRAMS", f"{image.ROOT}/build/dev/aarch64-sel4/bin")
TARGET = os.environ.get("KOS_TARGET", "sim")
BUSYBOX = f"{IMAGES}/layers-umoci"
KOS_OCI = os.environ.get("KOS_OCI", f"{image.ROOT}/build/dev/oci-runtime/cli/kos-oci")


def missing():
    """Why a microVM cannot run here, or None."""
    for program in ["qemu-system-aarch64", "umoci"]:
        if shutil.which(program) is None:
            return f"there is no {program}"
    if TARGET == "qemu" and not any(os.environ.get(name) for name in ["SEL4_PREFIX", "MICROKIT_SDK"]):
        return "neither SEL4_PREFIX nor MICROKIT_SDK names a kernel"
    if subprocess.run([f"{image.ROOT}/scripts/guest-kernel"], capture_output=True).returncode != 0:
        return "Debian's arm64 kernel cannot be fetched"
    return None


def command(layout, *arguments, options=()):
    return [KOS, "run", "--target", TARGET, "--microvm", "--timeout", "240", *options, f"oci:{layout}:latest", *arguments]


def run(layout, *arguments, options=(), **variables):
    finished = subprocess.run(command(layout, *arguments, options=options), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=280,
                              env={**os.environ, **variables})
    # What the boot shim and the kernel say, and where the image lies, is the target's own.
    own = ("kos: console: ", "kos: the system image, ")
    finished.stderr = "".join(line for line in finished.stderr.splitlines(keepends=True) if not line.startswith(own))
    return finished


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r}, expected {expected!r}")


def expect_run(finished, output, status, errors=None):
    if finished.returncode != status or finished.stdout != output or errors not in (None, finished.stderr):
        sys.exit(f"status {finished.returncode}, expected {status}\n--- output\n{finished.stdout}--- errors\n"
                 f"{finished.stderr}")


def debian(name):
    return image.make(name, f"{IMAGES}/debian-{name}")


def compose_project(folder, text):
    """Puts a compose file into the folder; its busybox is that of the test images."""
    with open(f"{folder}/compose.yaml", "w", encoding="utf-8") as file:
        file.write(text.replace("IMAGE", f"oci:{BUSYBOX}:latest"))


def up_command(target=TARGET):
    return [KOS, "up", "--no-color", "--target", target, "--timeout", "240"]


def up(text, *options, target=TARGET, **variables):
    """kos up of a compose file."""
    with tempfile.TemporaryDirectory() as folder:
        compose_project(folder, text)
        return subprocess.run([*up_command(target), *options], cwd=folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=280, env={**os.environ, **variables})


def started(*arguments, options=()):
    """A run whose container has said `started`."""
    process = subprocess.Popen(command(BUSYBOX, *arguments, options=options), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    expect("first line", process.stdout.readline(), "started\n")
    return process


def find_qemu(pid):
    """The process of QEMU that is a child of this one, or None."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        direct = file.read().split()
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="utf-8") as file:
            direct += file.read().split()
    for child in direct:
        # Others come and go.
        with contextlib.suppress(OSError), open(f"/proc/{child}/comm", encoding="utf-8") as file:
            if file.read().startswith("qemu-system"):
                return int(child)
    return None


def qemu_of(pid):
    return find_qemu(pid) or sys.exit("QEMU is no child of kos")


def expect_gone(pid):
    for _ in range(200):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
        except OSError:
            return
        time.sleep(0.05)
    sys.exit("QEMU still runs")


def expect_named(errors, *names):
    """Each is told, in this order."""
    at = 0
    for name in names:
        at = errors.find(name, at)
        if at < 0:
            sys.exit(f"{name!r} is not told:\n{errors}")


def expect_alone(finished, status):
    """The guest's output is kept and its status told; what runs beside it goes on to its own end."""
    expect(f"output (errors: {finished.stderr})", finished.stdout.splitlines(),
           ["guest   | before", f"guest exited with code {status}", "beside exited with code 0"])
