#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""From PID 1's first instruction to the container's first output: kosinit against an init of busybox's shell with
Debian's crun (or runc, or no container at all), in the same guest with the same container; and from QEMU's start to that output on the host.
Prints JSON; ratios are of paired runs.

Usage: [KOS_GUEST_KERNEL=FOLDER] first_output.py [--rounds N] [--runtime crun|runc|none] [--counted]

With --counted the guest's clock counts instructions, 1 ns each, and idle time: on a busy machine too, the first of the two
says what work there was.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/tests/kosinit")
import cases  # noqa: E402
import control  # noqa: E402
import image  # noqa: E402

LIBRARIES = {
    "crun": ["crun", "libc6", "libgcc-s1", "libseccomp2", "libcap2", "libyajl2", "libsystemd0", "libgcrypt20",
             "libgpg-error0", "liblzma5", "libzstd1", "liblz4-1"],
    "runc": ["runc", "libc6", "libseccomp2"],
    "none": [],
}
SCRIPT = "read up rest < /proc/uptime; echo output $up"

INIT = """#!/bin/sh
busybox mount -t proc proc /proc
read started rest < /proc/uptime
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
while read module; do busybox insmod /modules/$module; done < /modules/list
for disk in /sys/block/vd*; do
    read serial < $disk/serial
    busybox mount -t squashfs -o ro /dev/${disk##*/} /$serial
done
busybox mount -t tmpfs tmpfs /writable
busybox mkdir /writable/upper /writable/work
busybox mount -t overlay -o lowerdir=/linux2:/linux1,upperdir=/writable/upper,workdir=/writable/work overlay /root
busybox mount --move /proc /root/proc
busybox mount --move /sys /root/sys
busybox mount --move /dev /root/dev
busybox mount -t tmpfs tmpfs /root/run
busybox mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
cd /root
busybox mount --move . /
echo "started $started"
exec busybox chroot . /bin/sh -c 'RUN; busybox poweroff -f'
"""


def add_tree(disk, folder):
    """The files of an unpacked package that a program needs to run, without documentation."""
    for path, folders, files in os.walk(folder):
        inside = os.path.relpath(path, folder)
        if inside.startswith("usr/share"):
            folders.clear()
            continue
        for name in files + [name for name in folders if os.path.islink(f"{path}/{name}")]:
            full, target = f"{path}/{name}", os.path.normpath(f"{inside}/{name}")
            if os.path.islink(full):
                disk.link(target, os.readlink(full))
            else:
                disk.add(target, open(full, "rb").read(), 0o755)


def baseline_disk(target, runtime):
    disk = image.Disk()
    for folder in ["bin", "container", "dev", "etc", "proc", "run", "sys", "tmp"]:
        disk.folder(folder)
    add_tree(disk, f"{image.sysroot('busybox-static:arm64')}")
    disk.link("bin/sh", "busybox")
    for package in LIBRARIES[runtime]:
        add_tree(disk, image.sysroot(f"{package}:arm64"))
    return disk.write(target)


def command_of(runtime):
    if runtime == "none":
        return 'sh -c "' + SCRIPT.replace("$", "\\$") + '"'
    return f"{runtime} --root /run/oci run -b /container main"


def baseline_initramfs(target, runtime):
    busybox = open(f"{image.sysroot('busybox-static:arm64')}/bin/busybox", "rb").read()
    entries = [("init", 0o100755, INIT.replace("RUN", command_of(runtime)).encode())]
    for folder in ["bin", "dev", "linux1", "linux2", "modules", "proc", "root", "sys", "writable"]:
        entries.append((folder, 0o040755, b""))
    entries += [("bin/busybox", 0o100755, busybox), ("bin/sh", 0o120777, b"busybox")]
    modules = image.machine.modules_of(image.machine.kernel_folder(), image.MODULES)
    for name, path in modules:
        entries.append((f"modules/{name}", 0o100644, open(path, "rb").read()))
    entries.append(("modules/list", 0o100644, "".join(f"{name}\n" for name, _ in modules).encode()))
    with open(target, "wb") as file:
        file.write(image.machine.cpio(entries))
    return target


def time_kosinit(folder, second):
    """Seconds in the guest's own time from PID 1 to the output, and from QEMU's start to the output on the host."""
    with cases.booted(folder, second) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        started = output = None
        for kind, data in host.attach(""):
            if kind == 0x92:
                started = started or control.Reader(data).take("QQ")[1] / 1e9
                record = control.log(data)
                if record["container"] == "main":
                    arrived = time.monotonic() - guest.begun
                    output = output or float(record["bytes"].split()[1])
        host.close()
        cases.ends_well(guest)
    return output - started, arrived


def time_baseline(folder, second, first, initramfs):
    guest = image.machine.Guest(folder)
    try:
        guest.disk("one", first, "linux1", "--read-only")
        guest.disk("two", second, "linux2", "--read-only")
        guest.other("rng", "rng", "vhost-user-rng")
        guest.other("vsock", "vsock", "vhost-user-vsock-device", "--cid", "3", "--path", f"{folder}/v")
        guest.start("", initramfs)
        started = float(guest.line("started ").split()[1])
        output = float(guest.line("output ").split()[1])
        return output - started, time.monotonic() - guest.begun
    finally:
        guest.stop()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--runtime", choices=LIBRARIES, default="crun")
    options.add_argument("--counted", action="store_true")
    options = options.parse_args()
    if options.counted:
        image.machine.OPTIONS += ["-icount", "shift=0"]
    if why := image.machine.missing():
        sys.exit(f"first_output: {why}")
    with tempfile.TemporaryDirectory(prefix="kos-bench-") as folder:
        # crun 1.8 knows no later version.
        document = image.config(["sh", "-c", SCRIPT], ociVersion="1.0.2")
        document["mounts"] = [mount for mount in document["mounts"] if not mount["destination"].startswith("/etc")]
        second = image.container_disk(f"{folder}/linux2", document)
        first = baseline_disk(f"{folder}/baseline", options.runtime)
        initramfs = baseline_initramfs(f"{folder}/baseline.cpio", options.runtime)
        pairs = []
        for number in range(options.rounds):
            os.makedirs(f"{folder}/{number}a")
            os.makedirs(f"{folder}/{number}b")
            pairs.append((time_kosinit(f"{folder}/{number}a", second),
                          time_baseline(f"{folder}/{number}b", second, first, initramfs)))
    result = {"rounds": options.rounds, "runtime": options.runtime,
              "kernel": os.path.basename(image.machine.kernel_folder())}
    for index, name in enumerate(["first_output", "since_qemu"]):
        times = [(ours[index], theirs[index]) for ours, theirs in pairs]
        ratios = [ours / theirs for ours, theirs in times]
        result[name] = {"kosinit_s": round(statistics.median(ours for ours, _ in times), 3),
                        "baseline_s": round(statistics.median(theirs for _, theirs in times), 3),
                        "ratio": round(statistics.median(ratios), 3),
                        "ratio_best": round(min(ratios), 3), "ratio_worst": round(max(ratios), 3)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
