#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""The device models with Linux's drivers: a stock QEMU, our devices over vhost-user."""

import os
import random
import struct
import sys
import tempfile
import time

import guest as machine

BLOCK = 65536


def fnv(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return value


def block(number, turn):
    words = ((number * 0x9e3779b97f4a7c15 + i & 0xffffffffffffffff) ^ (turn << 56) for i in range(BLOCK // 8))
    return struct.pack(f"<{BLOCK // 8}Q", *words)


def expect(held, what):
    if not held:
        raise AssertionError(what)


def check_streams(path):
    """A half-closed stream, and sixty at once."""
    data = random.Random(1).randbytes(300000)
    one = machine.connect(path, 1001)
    received = b""
    one.setblocking(True)
    import threading
    sender = threading.Thread(target=lambda: (one.sendall(data), one.shutdown(machine.socket.SHUT_WR)))
    sender.start()
    while part := one.recv(65536):
        received += part
    sender.join()
    expect(received == data, "a stream to the guest came back changed")
    many = [machine.connect(path, 1001) for _ in range(60)]
    for number, stream in enumerate(many):
        stream.sendall(b"stream %d" % number)
    for number, stream in enumerate(many):
        expect(stream.recv(100) == b"stream %d" % number, f"stream {number}")
    for stream in many:
        stream.close()


def run(folder):
    content = random.Random(0).randbytes(300 * 1024 + 300)
    with open(f"{folder}/linux1", "wb") as file:
        file.write(content)
    with open(f"{folder}/data", "wb") as file:
        file.truncate(8 << 20)
    keep = [machine.echo_server(f"{folder}/v_1000"), machine.Peer(f"{folder}/peer")]
    guest = machine.Guest(folder)
    try:
        guest.disk("ro", f"{folder}/linux1", "linux1", "--read-only")
        guest.disk("rw", f"{folder}/data", "data")
        guest.other("rng", "rng", "vhost-user-rng")
        guest.other("vsock", "vsock", "vhost-user-vsock-device", "--cid", "3", "--path", f"{folder}/v")
        guest.network("net", "--stream", f"{folder}/peer")
        guest.start("do=read do=write do=rng do=net do=streams do=restart")

        _, _, size, digest = guest.line("ok blk-read").split()
        padded = content + bytes(-len(content) % 512)
        expect(int(size) == len(padded) and int(digest, 16) == fnv(padded), "the read-only disk reads otherwise")

        guest.line("ok blk-write")
        with open(f"{folder}/data", "rb") as file:
            data = file.read()
        expect(data[:4 * BLOCK] == bytes(4 * BLOCK), "zeroes are not in the file")
        expect(data[20 * BLOCK:21 * BLOCK] == block(20, 1), "what was flushed is not in the file")

        guest.line("ok rng")
        guest.line("ok net")
        guest.line("ok vsock-guest")
        guest.line("ready vsock-host")
        check_streams(f"{folder}/v")
        guest.line("ok vsock-host 61")

        guest.line("ready blk-restart")
        for _ in range(2):
            time.sleep(0.3)
            guest.kill("rw")
            guest.device("rw", "blk", "--file", f"{folder}/data", "--serial", "data")
        guest.line("ok blk-restart")
        guest.line("ok all")
        expect(guest.qemu.wait(30) == 0, "QEMU did not end well")
        with open(f"{folder}/data", "rb") as file:
            expect(file.read() == b"".join(block(i, 6) for i in range(128)), "the disk is not as written last")
    finally:
        guest.stop()
        del keep


def main():
    if why := machine.missing():
        print(f"skipped: {why}")
        return 77
    with tempfile.TemporaryDirectory(prefix="kos-vmm-") as folder:
        start = time.monotonic()
        run(folder)
        print(f"all well after {time.monotonic() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
