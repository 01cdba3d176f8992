# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a guest is put through; each case boots one."""

import contextlib

import control
import image

machine = image.machine
ALL = {}


def case(function):
    ALL[function.__name__] = function
    return function


def expect(held, what):
    if not held:
        raise AssertionError(what)


def equal(found, wanted, what):
    expect(found == wanted, f"{what}: {found!r}, expected {wanted!r}")


@contextlib.contextmanager
def booted(folder, second, first=True, initramfs=None, memory="256M"):
    """A guest with these disks; `second` is a file."""
    guest = machine.Guest(folder, memory)
    try:
        if first:
            guest.disk("one", image.first_disk(f"{folder}/linux1"), "linux1", "--read-only")
        if second:
            guest.disk("two", second, "linux2", "--read-only")
        guest.other("rng", "rng", "vhost-user-rng")
        guest.other("vsock", "vsock", "vhost-user-vsock-device", "--cid", "3", "--path", f"{folder}/v")
        guest.start("", initramfs or image.initramfs(f"{folder}/initramfs"))
        yield guest
    finally:
        guest.stop()


def ends_well(guest):
    guest.line("kosinit: power off")
    equal(guest.qemu.wait(30), 0, "QEMU's exit status")


@case
def status(folder):
    """One container: its output, its exit status, the power switch."""
    script = "echo out; echo err >&2; busybox id -u; busybox hostname; echo $HELLO; echo $$; exit 7"
    document = image.config(["sh", "-c", script])
    disk = image.container_disk(f"{folder}/linux2", document, {"version": 1, "hostname": "web"})
    with booted(folder, disk) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        out, err, last = host.run()
        equal(out, b"out\n0\nbox\nWORLD\n1\n", "standard output")
        equal(err, b"err\n", "standard error")
        equal((last["state"], last["wait_status"], last["oom_kills"]), ("stopped", 7 << 8, 0), "its end")
        host.close()
        guest.line("kosinit: container main: exit 7")
        ends_well(guest)
