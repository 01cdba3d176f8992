# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a guest is started from (docs/guest.md), made of a busybox: initramfs and disks."""

import glob
import io
import json
import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "vmm"))
import guest as machine  # noqa: E402

KOSINIT = os.environ.get("KOSINIT", f"{machine.ROOT}/build/dev/aarch64-linux/kosinit/program/kosinit")
MODULES = machine.MODULES + ["squashfs", "overlay"]
CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID",
                "CAP_SETUID", "CAP_SYS_CHROOT"]


def sysroot(package):
    return subprocess.run([f"{machine.ROOT}/scripts/sysroot", package], check=True, capture_output=True, text=True,
                          timeout=120).stdout.strip()


def stripped_kosinit():
    target = f"{KOSINIT}.stripped"
    if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(KOSINIT):
        part = f"{target}.{os.getpid()}"
        subprocess.run(["aarch64-linux-gnu-strip", "-o", part, KOSINIT], check=True)
        os.replace(part, target)
    return target


def program(name):
    """tests/kosinit/NAME.c, built."""
    source = f"{machine.ROOT}/tests/kosinit/{name}.c"
    target = f"{os.path.dirname(KOSINIT)}/{name}"
    if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(source):
        part = f"{target}.{os.getpid()}"
        subprocess.run(["aarch64-linux-gnu-gcc", "-static", "-O2", "-s", "-o", part, source], check=True)
        os.replace(part, target)
    return target


def modules_dep(modules):
    """depmod's file for (name, file) pairs that lie in one folder."""
    names = {name[:-3].replace("-", "_"): name for name, _ in modules}
    lines = []
    for name, path in modules:
        needed = [names[need.replace("-", "_")] for need in machine.dependencies_of(path)]
        lines.append(f"{name}: {' '.join(needed)}".rstrip() + "\n")
    return "".join(sorted(lines)).encode()


def initramfs(target, modules=None, leave_out=()):
    """`leave_out` are modules that modules.dep names and that are not there."""
    root = machine.kernel_folder()
    entries = [("init", 0o100755, open(stripped_kosinit(), "rb").read()), ("dev", 0o040755, b"")]
    found = machine.modules_of(root, modules or MODULES)
    if found:
        release = os.path.basename(glob.glob(f"{root}/lib/modules/*")[0])
        entries += [(name, 0o040755, b"") for name in ["lib", "lib/modules", f"lib/modules/{release}"]]
        for name, path in found:
            if name not in leave_out:
                entries.append((f"lib/modules/{release}/{name}", 0o100644, open(path, "rb").read()))
        entries.append((f"lib/modules/{release}/modules.dep", 0o100644, modules_dep(found)))
    with open(target, "wb") as file:
        file.write(machine.cpio(entries))
    return target


class Disk:
    """A squashfs in the making."""

    def __init__(self):
        self.tar = tarfile.open(fileobj=(data := io.BytesIO()), mode="w")
        self.data = data

    def add(self, name, data=b"", mode=0o644, kind=tarfile.REGTYPE, link=""):
        entry = tarfile.TarInfo(name.lstrip("/"))
        entry.mode, entry.type, entry.linkname, entry.size = mode, kind, link, len(data)
        self.tar.addfile(entry, io.BytesIO(data))

    def folder(self, name, mode=0o755):
        self.add(name, mode=mode, kind=tarfile.DIRTYPE)

    def link(self, name, target):
        self.add(name, kind=tarfile.SYMTYPE, link=target)

    def write(self, target):
        self.tar.close()
        subprocess.run(["tar2sqfs", "-q", "-f", "-c", "zstd", target], input=self.data.getvalue(), check=True)
        return target


def first_disk(target):
    disk = Disk()
    for folder in ["bin", "container", "dev", "proc", "run", "sys"]:
        disk.folder(folder)
    disk.add("bin/kosinit", open(stripped_kosinit(), "rb").read(), 0o755)
    disk.link("bin/runc", "kosinit")
    return disk.write(target)


def add_busybox(disk, rootfs):
    disk.folder(rootfs)
    for folder in ["bin", "dev", "etc", "proc", "sys", "tmp", "var"]:
        disk.folder(f"{rootfs}/{folder}")
    disk.folder(f"{rootfs}/run")
    disk.link(f"{rootfs}/var/run", "../run")
    disk.add(f"{rootfs}/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    disk.add(f"{rootfs}/bin/busybox", open(f"{sysroot('busybox-static:arm64')}/bin/busybox", "rb").read(), 0o755)
    disk.link(f"{rootfs}/bin/sh", "busybox")
    disk.add(f"{rootfs}/bin/probe", open(program("probe"), "rb").read(), 0o755)
    disk.add(f"{rootfs}/bin/sockets", open(program("sockets"), "rb").read(), 0o755)


def config(args, **changes):
    """config.json as a packer would write it for an ordinary image."""
    document = {
        "ociVersion": "1.2.0",
        "process": {"user": {"uid": 0, "gid": 0}, "args": args, "cwd": "/",
                    "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HELLO=WORLD"],
                    "capabilities": {kind: CAPABILITIES for kind in ["bounding", "effective", "permitted"]},
                    "noNewPrivileges": True, "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 1024}]},
        "root": {"path": "rootfs", "readonly": False},
        "hostname": "box",
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
             "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev"]},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs",
             "options": ["nosuid", "noexec", "nodev", "ro"]},
            {"destination": "/etc/resolv.conf", "type": "bind", "source": "/etc/resolv.conf",
             "options": ["bind", "rprivate"]},
            {"destination": "/etc/hosts", "type": "bind", "source": "/etc/hosts", "options": ["bind", "rprivate"]},
        ],
        "linux": {"namespaces": [{"type": kind} for kind in ["pid", "ipc", "uts", "mount", "cgroup"]],
                  "maskedPaths": ["/proc/kcore", "/proc/keys"], "readonlyPaths": ["/proc/sys"], "resources": {}},
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        target = document
        for step in way:
            target = target[step]
        target[last] = value
    return document


def container_disk(target, document, guest=None):
    """/container: one busybox."""
    disk = Disk()
    disk.folder("container")
    add_busybox(disk, "container/rootfs")
    disk.add("container/config.json", json.dumps(document).encode())
    if guest is not None:
        disk.add("container/guest.json", guest if isinstance(guest, bytes) else json.dumps(guest).encode())
    return disk.write(target)
