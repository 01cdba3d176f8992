# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong in a guest, and is told by name."""

import control
import image
from cases import booted, case, ends_well, equal, expect


def ends_with(folder, code, where, second, **options):
    """The guest gives up by name, and powers off."""
    with booted(folder, second, **options) as guest:
        line = guest.line("kosinit: KOS-E-")
        expect(code in line and where in line, f"{line!r} should name {code} and {where}")
        ends_well(guest)


@case
def bad_modules(folder):
    """A module that is not there."""
    disk = image.container_disk(f"{folder}/linux2", image.config(["sh"]))
    ends_with(folder, "KOS-E-GUEST-MODULE", "virtio_blk.ko", disk,
              initramfs=image.initramfs(f"{folder}/initramfs", leave_out=["virtio_blk.ko"]))


@case
def bad_disk(folder):
    """A squashfs whose superblock is damaged."""
    disk = image.container_disk(f"{folder}/linux2", image.config(["sh"]))
    with open(disk, "r+b") as file:
        file.seek(20)
        file.write(b"\xff\xff")
    ends_with(folder, "KOS-E-GUEST-MOUNT", "/run/linux2", disk)


@case
def damaged_data(folder):
    """A data block of the disk is damaged: the container gets EIO, the console has it by name, and the rest goes on."""
    def make(fill):
        disk = image.Disk()
        disk.folder("container")
        image.add_busybox(disk, "container/rootfs")
        disk.add("container/rootfs/damaged", fill * 131072)
        script = "busybox cat /damaged >/dev/null; echo status $?; busybox sleep 1; echo alive"
        disk.add("container/config.json", image.json.dumps(image.config(["sh", "-c", script])).encode())
        return disk.write(f"{folder}/linux2-{fill.decode()}")
    first, second = make(b"a"), make(b"b")
    with open(first, "r+b") as file, open(second, "rb") as other:
        data, others = file.read(), other.read()
        # Where they begin to differ is the block of the file that differs; its frame loses its mark.
        differs = next(i for i in range(96, len(data)) if data[i] != others[i])
        file.seek(data.rindex(b"\x28\xb5\x2f\xfd", 0, differs + 1))
        file.write(bytes(4))
    with booted(folder, first) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        out, err, last = host.run()
        equal(out, b"status 1\nalive\n", "standard output")
        expect(b"Input/output error" in err or b"I/O error" in err, err)
        equal(last["wait_status"], 0, "its end")
        host.close()
        line = guest.line("kosinit: KOS-E-GUEST-DAMAGE: kernel: ")
        expect("SQUASHFS error" in line, line)
        ends_well(guest)


@case
def bad_config(folder):
    """guest.json with a key that nobody knows."""
    disk = image.container_disk(f"{folder}/linux2", image.config(["sh"]), {"version": 1, "hostnam": "x"})
    ends_with(folder, "KOS-E-GUEST-CONFIG", '"hostnam"', disk)


@case
def no_disk(folder):
    ends_with(folder, "KOS-E-GUEST-DISK", "linux2", None)


def runs(folder, document, guest_json=None, lines=(), memory="256M"):
    """(standard output, standard error, last status) of one container."""
    disk = image.container_disk(f"{folder}/linux2", document, {"version": 1, **(guest_json or {})})
    with booted(folder, disk, memory=memory) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        result = host.run()
        host.close()
        for line in lines:
            guest.line(line)
        ends_well(guest)
    return result


@case
def missing_program(folder):
    _, _, last = runs(folder, image.config(["no-such-program"]), lines=["kosinit: KOS-E-GUEST-CONTAINER: container main"])
    equal((last["state"], last["wait_status"]), ("failed", 127 << 8), "its end")
    expect("no-such-program" in last["error"], last["error"])


@case
def out_of_memory(folder):
    """A limit of the container's."""
    document = image.config(["probe", "eat", "100"], linux__resources={"memory": {"limit": 32 << 20}})
    _, _, last = runs(folder, document, lines=["kosinit: KOS-E-GUEST-MEMORY: container main"])
    equal((last["wait_status"], last["oom_kills"] > 0), (9, True), "its end")


@case
def storage_full(folder):
    """The writable layer is full: the container sees ENOSPC, the console has it by name."""
    script = "busybox dd if=/dev/zero of=/big bs=64k count=100; exit $?"
    _, err, last = runs(folder, image.config(["sh", "-c", script]), {"writable_bytes": 1 << 20},
                        ["kosinit: KOS-E-GUEST-STORAGE: /"])
    expect(b"No space left" in err, err)
    equal(last["wait_status"], 1 << 8, "its end")


@case
def guest_root(folder):
    """The guest's own root, which a container without a PID namespace sees: only PID 1's folders are writable."""
    root = "/proc/1/root"
    script = f"for f in file bin/kosinit; do echo x > {root}/$f; done; " \
             f"for f in run tmp var etc container; do echo x > {root}/$f/new || echo no $f; done; exit 0"
    document = image.config(["sh", "-c", script], linux__namespaces=[{"type": "mount"}, {"type": "uts"}],
                            process__capabilities={kind: image.CAPABILITIES + ["CAP_SYS_PTRACE"]
                                                   for kind in ["bounding", "effective", "permitted"]})
    out, err, last = runs(folder, document)
    equal((out, err.count(b"Read-only file system")), (b"", 2), (err, last))


@case
def readonly(folder):
    """The disk as it is: EROFS."""
    document = image.config(["sh", "-c", "echo x > /file; echo x > /etc/passwd; exit 0"], root__readonly=True)
    document["mounts"] = [mount for mount in document["mounts"] if not mount["destination"].startswith("/etc")]
    _, err, _ = runs(folder, document, {"readonly": True})
    equal(err.count(b"Read-only file system"), 2, err)
