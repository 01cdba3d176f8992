# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""A guest of a stock QEMU with devices over vhost-user, and what is at their other ends."""

import glob
import os
import queue
import re
import shutil
import socket
import struct
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEVICE = os.environ.get("KOS_VHOST_DEVICE", f"{ROOT}/build/dev/vmm/engine/qemu/program/kos-vhost-device")
OPTIONS = []  # of QEMU, besides those of the tests
MODULES = ["virtio_mmio", "virtio_blk", "virtio_net", "virtio-rng", "vmw_vsock_virtio_transport"]


def missing():
    """Why a guest cannot run here, or None."""
    for program in ["qemu-system-aarch64", "aarch64-linux-gnu-g++"]:
        if shutil.which(program) is None:
            return f"there is no {program}"
    try:
        kernel_folder()
    except (OSError, subprocess.CalledProcessError):
        return "Debian's arm64 kernel cannot be fetched"
    return None


def kernel_folder():
    """The folder of the guest's kernel: the one that KOS_GUEST_KERNEL names, as for kos, or Debian's."""
    if folder := os.environ.get("KOS_GUEST_KERNEL"):
        return folder
    return subprocess.run([f"{ROOT}/scripts/guest-kernel"], check=True, capture_output=True, text=True,
                          timeout=120).stdout.strip()


def cpio(entries):
    """A newc archive of (name, mode, data)."""
    archive = bytearray()
    for inode, (name, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")], 1):
        fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        archive += b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        archive += b"\0" * (-len(archive) % 4) + data
        archive += b"\0" * (-len(archive) % 4)
    return bytes(archive)


def dependencies_of(path):
    with open(path, "rb") as file:
        found = re.search(rb"\0depends=([^\0]*)\0", file.read())
    return found.group(1).decode().split(",") if found and found.group(1) else []


def modules_of(folder, names=None):
    """(name, file) of the modules named (MODULES) and what they depend on, in the order to load them; none where the
    kernel has all of them built in."""
    if not os.path.isdir(f"{folder}/lib/modules"):
        return []
    files = {}
    for path in glob.glob(f"{folder}/lib/modules/*/kernel/**/*.ko", recursive=True):
        files[os.path.basename(path)[:-3].replace("-", "_")] = path
    order = []

    def add(name):
        path = files[name.replace("-", "_")]
        if path in order:
            return
        for needed in dependencies_of(path):
            add(needed)
        order.append(path)

    for name in names or MODULES:
        add(name)
    return [(os.path.basename(path), path) for path in order]


def make_initramfs(folder, target):
    init = f"{target}.init"
    subprocess.run(["aarch64-linux-gnu-g++", "-std=c++20", "-static", "-O2", "-s", "-o", init,
                    *(os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
                      for name in ["guest.cpp", "disks.cpp", "streams.cpp", "transfer.cpp"])], check=True)
    entries = [("init", 0o100755, open(init, "rb").read()), ("modules", 0o040755, b"")]
    modules = modules_of(folder)
    for name, path in modules:
        with open(path, "rb") as file:
            entries.append((f"modules/{name}", 0o100644, file.read()))
    entries.append(("modules/list", 0o100644, "".join(f"{name}\n" for name, _ in modules).encode()))
    with open(target, "wb") as file:
        file.write(cpio(entries))


class Guest:
    """QEMU with devices; lines of its console come from `line`."""

    def __init__(self, folder, memory="256M"):
        self.folder, self.memory = folder, memory
        self.processes, self.arguments = {}, []
        self.lines, self.log = queue.Queue(), []
        self.qemu = None
        self.begun = None  # when QEMU was started, by time.monotonic()

    def device(self, name, kind, *arguments):
        """Starts a device of ours and waits until it listens."""
        path = f"{self.folder}/{name}.sock"
        self.processes[name] = subprocess.Popen([DEVICE, kind, "--socket", path, *arguments])
        self.wait_for(path, self.processes[name])
        return path

    def wait_for(self, path, process):
        for _ in range(500):
            if os.path.exists(path):
                return
            if process.poll() is not None:
                raise RuntimeError(f"{path}: its process ended with {process.returncode}")
            time.sleep(0.01)
        raise RuntimeError(f"{path} did not appear")

    def disk(self, name, file, serial, *arguments):
        path = self.device(name, "blk", "--file", file, "--serial", serial, *arguments)
        self.arguments += ["-chardev", f"socket,id={name},path={path},reconnect=1",
                           "-device", f"vhost-user-blk,chardev={name},num-queues=1"]

    def other(self, name, kind, device, *arguments):
        path = self.device(name, kind, *arguments)
        self.arguments += ["-chardev", f"socket,id={name},path={path}", "-device", f"{device},chardev={name}"]

    def network(self, name, *arguments):
        path = self.device(name, "net", *arguments)
        self.arguments += ["-chardev", f"socket,id={name},path={path}",
                           "-netdev", f"vhost-user,id=n{name},chardev={name},queues=1",
                           "-device", f"virtio-net-device,netdev=n{name},mac=02:6b:6f:73:00:02"]

    def start(self, words, initramfs=None):
        """`initramfs` is a file; the tests' own guest without one."""
        kernel_root = kernel_folder()
        kernel, = glob.glob(f"{kernel_root}/boot/vmlinuz-*")
        if initramfs is None:
            initramfs = f"{self.folder}/initramfs"
            make_initramfs(kernel_root, initramfs)
        command = ["qemu-system-aarch64", "-M", "virt,gic-version=2,memory-backend=mem", "-cpu", "max,pauth=off",
                   "-smp", "1", "-accel", "tcg", "-m", self.memory, "-nodefaults", "-no-user-config", "-nographic",
                   "-no-reboot", "-serial", "stdio", "-kernel", kernel, "-initrd", initramfs,
                   "-append", f"console=ttyAMA0 panic=-1 quiet {words}",
                   "-object", f"memory-backend-memfd,id=mem,size={self.memory},share=on",
                   "-global", "virtio-mmio.force-legacy=false", *OPTIONS, *self.arguments]
        self.begun = time.monotonic()
        self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, errors="replace")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.qemu.stdout:
            self.log.append(line.rstrip())
            if "KOS_VERBOSE" in os.environ:
                print(line.rstrip(), flush=True)
            self.lines.put(line.rstrip())
        self.lines.put(None)

    def line(self, start, timeout=120):
        """The next console line that starts so; raises where the guest ends or fails before."""
        limit = time.monotonic() + timeout
        while True:
            try:
                line = self.lines.get(timeout=max(0.1, limit - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None or line.startswith("failed"):
                raise RuntimeError(f"waited for {start!r}; the console:\n" + "\n".join(self.log[-30:]))
            if line.startswith(start):
                return line

    def kill(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self):
        for process in [self.qemu, *self.processes.values()]:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def echo_server(path, accept=None):
    """Echoes on a UNIX socket, each stream in a thread, until its other end is through."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(256)

    def echo(stream):
        with stream:
            while data := stream.recv(65536):
                stream.sendall(data)

    def serve():
        while True:
            stream, _ = server.accept()
            threading.Thread(target=echo, args=(stream,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return server


def connect(path, port):
    """A stream to a port of the guest."""
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(30)
    stream.connect(path)
    stream.sendall(b"CONNECT %d\n" % port)
    answer = b""
    while not answer.endswith(b"\n"):
        byte = stream.recv(1)
        if not byte:
            raise ConnectionRefusedError(port)
        answer += byte
    if not answer.startswith(b"OK "):
        raise RuntimeError(answer)
    return stream


class Peer:
    """10.0.0.1 at the other end of a stream link: answers ARP, and echoes UDP."""
    MAC = bytes([0x02, 0, 0, 0, 0, 1])

    def __init__(self, path):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        self.stream, _ = self.server.accept()
        with self.stream, self.stream.makefile("rb") as frames:
            while len(head := frames.read(4)) == 4:
                frame = frames.read(struct.unpack(">I", head)[0])
                if answer := self.answer(frame):
                    self.send(answer)

    def send(self, frame):
        self.stream.sendall(struct.pack(">I", len(frame)) + frame)

    def answer(self, frame):
        source, kind, body = frame[6:12], frame[12:14], frame[14:]
        if kind == b"\x08\x06" and body[6:8] == b"\0\1" and body[24:28] == bytes([10, 0, 0, 1]):
            return source + self.MAC + kind + body[:6] + b"\0\2" + self.MAC + body[24:28] + body[8:18]
        if kind == b"\x08\x00" and body[9] == 17 and body[16:20] == bytes([10, 0, 0, 1]):
            # Swapped addresses and ports leave both checksums as they are.
            return (source + self.MAC + kind + body[:12] + body[16:20] + body[12:16] + body[22:24] + body[20:22]
                    + body[24:])
        return None
