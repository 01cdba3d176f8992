#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Streams over vsock with Linux's driver: many, half-closed, without credit, slow, long. Usage: streams_test.py [MiB]"""

import contextlib
import socket
import struct
import sys
import tempfile
import threading
import time
import zlib

import guest as machine

PORT = 1002
COUNT, AT_ONCE = 1000, 100
PERIOD = bytes((i * 7 + i // 251) & 255 for i in range(251 * 256))
MIB = 1 << 20
# What may be under way to a reader that reads nothing: buffers of the guest, of the device and of two sockets here.
MOST_UNDER_WAY = 2 * MIB


def expect(held, what):
    if not held:
        raise AssertionError(what)


def pattern(size):
    return (PERIOD * (size // len(PERIOD) + 1))[:size]


def crc_of_pattern(size):
    crc = 0
    for at in range(0, size, len(PERIOD)):
        crc = zlib.crc32(PERIOD[:size - at], crc)
    return crc


class Streams:
    """Streams to the guest's server."""

    def __init__(self, path):
        self.path = path

    def open(self, kind, more=b""):
        stream = machine.connect(self.path, PORT)
        stream.settimeout(60)
        stream.sendall(kind + more)
        return contextlib.closing(stream)

    def check_alive(self):
        with self.open(b"E", b"ping") as stream:
            expect(stream.recv(4, socket.MSG_WAITALL) == b"ping", "another stream does not get through")

    def many(self):
        """As the guest does it: all open, each with bytes of its own, its half ended before any is read."""
        sent = pattern(1500 + COUNT)
        for first in range(0, COUNT, AT_ONCE):
            with contextlib.ExitStack() as opened:
                streams = [opened.enter_context(self.open(b"E")) for _ in range(AT_ONCE)]
                for number, stream in enumerate(streams, first):
                    stream.sendall(sent[number:number + 1500])
                    stream.shutdown(socket.SHUT_WR)
                for number, stream in enumerate(streams, first):
                    got = stream.recv(1501, socket.MSG_WAITALL)
                    expect(got == sent[number:number + 1500], f"stream {number} came back changed")

    def starve(self):
        """The guest reads nothing until it is told: what can be sent ends, others go on, nothing is lost."""
        data = pattern(4 * MIB)
        with self.open(b"S") as stream:
            stream.settimeout(1)
            sent = 0
            with contextlib.suppress(TimeoutError):
                while sent < len(data):
                    sent += stream.send(data[sent:sent + 65536])
            expect(0 < sent < MOST_UNDER_WAY, f"{sent} bytes are under way to a guest that reads nothing")
            self.check_alive()
            stream.settimeout(60)
            with self.open(b"G") as other:
                expect(other.recv(1) == b"g", "the guest was not told")
            stream.sendall(data[sent:])
            self.expect_digest(stream, len(data))
        return sent

    def slow(self):
        """Here is read little by little: the guest waits, others go on, nothing is lost."""
        got = bytearray()
        with self.open(b"W", struct.pack("<I", 4)) as stream:
            time.sleep(0.5)
            self.check_alive()
            for _ in range(20):
                got += stream.recv(3000)
                time.sleep(0.02)
            self.check_alive()
            while part := stream.recv(65536):
                got += part
        expect(got == pattern(4 * MIB), f"{len(got)} bytes of a slow stream are others")

    def expect_digest(self, stream, size):
        stream.shutdown(socket.SHUT_WR)
        count, crc = struct.unpack("<QQ", stream.recv(16, socket.MSG_WAITALL))
        expect((count, crc) == (size, crc_of_pattern(size)), f"the guest has {count} bytes of {size}, CRC {crc:#x}")

    def long(self, mebibytes):
        """Both ways at once, with checksums."""
        size = mebibytes * MIB
        with self.open(b"D") as down, self.open(b"W", struct.pack("<I", mebibytes)) as up:
            def send():
                for at in range(0, size, len(PERIOD)):
                    down.sendall(PERIOD[:size - at])
            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            crc = count = 0
            while part := up.recv(1 << 18):
                crc, count = zlib.crc32(part, crc), count + len(part)
            expect((count, crc) == (size, crc_of_pattern(size)), f"{count} bytes of {size} came, CRC {crc:#x}")
            sender.join()
            self.expect_digest(down, size)


def run(folder, mebibytes):
    keep = machine.echo_server(f"{folder}/v_1000")
    guest = machine.Guest(folder)
    try:
        guest.other("vsock", "vsock", "vhost-user-vsock-device", "--cid", "3", "--path", f"{folder}/v")
        guest.start("do=many-streams")
        guest.line(f"ok vsock-open {COUNT}")
        guest.line("ready vsock-serve")
        streams = Streams(f"{folder}/v")
        for name, part in [("many", streams.many), ("starve", streams.starve), ("slow", streams.slow),
                           ("long", lambda: streams.long(mebibytes))]:
            start = time.monotonic()
            told = part()
            print(f"{name}: {time.monotonic() - start:.1f} s{f', {told} bytes' if told else ''}", flush=True)
        with streams.open(b"Q"):
            guest.line("ok vsock-serve")
        guest.line("ok all")
        expect(guest.qemu.wait(30) == 0, "QEMU did not end well")
    finally:
        guest.stop()
        keep.close()


def main():
    if why := machine.missing():
        print(f"skipped: {why}")
        return 77
    with tempfile.TemporaryDirectory(prefix="kos-vmm-") as folder:
        start = time.monotonic()
        run(folder, int(sys.argv[1]) if len(sys.argv) > 1 else 8)
        print(f"all well after {time.monotonic() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
