# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""A line to a target that damages what passes, both ways: bits flip, bytes are lost and come from nowhere.

In the simulator the line is the control socket of the instance's folder, on seL4 QEMU's serial line: a program of QEMU's name
in PATH hands both of its ends over.
"""

import os
import selectors
import shutil
import socket
import struct
import threading
import zlib
from pathlib import Path

STATUS, ACKNOWLEDGED, QUERY_STATUS = 10, 9, 0x42
ALL = 255

# Becomes QEMU with another serial line: descriptor 3, cli/qemu/command.hpp.
WRAPPER = """#!/usr/bin/env python3
import os, socket, sys
ours, qemus = socket.socketpair()
with socket.socket(socket.AF_UNIX) as test:
    test.connect(sys.argv[0] + ".socket")
    socket.send_fds(test, [b"line"], [3, ours.fileno()])
os.dup2(qemus.fileno(), 3)
os.execv({qemu!r}, [{qemu!r}, *sys.argv[1:]])
"""


class Damage:
    """What becomes of bytes; nothing at a rate of 0."""

    def __init__(self, chosen):
        self.chosen, self.rate, self.count = chosen, 0.0, 0

    def __call__(self, data):
        if self.rate == 0:
            return data
        out = bytearray()
        for byte in data:
            if self.chosen.random() >= self.rate:
                out.append(byte)
                continue
            self.count += 1
            kind = self.chosen.randrange(4)
            if kind == 0:
                out.append(byte ^ 1 << self.chosen.randrange(8))
            elif kind == 1:
                out += bytes([byte, *self.chosen.randbytes(self.chosen.randint(1, 3))])
            elif kind == 2:  # as at another baud rate
                out += self.chosen.randbytes(self.chosen.randint(4, 40))
            # else it is lost
        return bytes(out)


class Line(threading.Thread):
    """Carries what comes at pairs of sockets, with damage, from one to the other."""

    def __init__(self, damage):
        super().__init__(daemon=True)
        self.damage, self.waiting, self.listener = damage, selectors.DefaultSelector(), None

    def listen(self, path, take):
        """`take` makes of a connection two sockets."""
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        self.waiting.register(self.listener, selectors.EVENT_READ, take)
        self.start()

    def run(self):
        while True:
            for key, _ in self.waiting.select():
                if key.fileobj is self.listener:
                    one, other = key.data(self.listener.accept()[0])
                    self.waiting.register(one, selectors.EVENT_READ, other)
                    self.waiting.register(other, selectors.EVENT_READ, one)
                elif key.fileobj.fileno() >= 0:  # else its other end was closed just now
                    self.carry(key.fileobj, key.data)

    def carry(self, source, sink):
        try:
            data = source.recv(4096)
            if data:
                sink.sendall(self.damage(data))
        except OSError:
            data = b""
        if not data:
            for each in (source, sink):
                self.waiting.unregister(each)
                each.close()


def take_serial_line(connection):
    with connection:
        _, descriptors, _, _ = socket.recv_fds(connection, 16, 2)
    return [socket.socket(fileno=each) for each in descriptors]


def put_before_qemu(damage, folder):
    """A PATH whose QEMU has this line."""
    wrapper = Path(folder) / "bin" / "qemu-system-aarch64"
    wrapper.parent.mkdir()
    wrapper.write_text(WRAPPER.format(qemu=shutil.which(wrapper.name)))
    wrapper.chmod(0o755)
    Line(damage).listen(f"{wrapper}.socket", take_serial_line)
    return f"{wrapper.parent}:{os.environ['PATH']}"


def put_before_control(damage, path):
    """In the place of the socket at `path`, which others connect to from now on."""
    own = f"{path}.own"
    os.rename(path, own)

    def take(connection):
        target = socket.socket(socket.AF_UNIX)
        target.connect(own)
        return connection, target

    Line(damage).listen(path, take)
    return own


def frame(kind, app, sequence):
    """A command without a payload, as docs/control-channel.md has it."""
    head = struct.pack("<BBHII", kind, app, 0, sequence, 0)
    head += struct.pack("<I", zlib.crc32(head))
    return b"\x1b_K" + head.hex().encode() + b"\x1b\\"


def read_frame(stream):
    """Type and payload of the next frame, which is hidden, as all on a control socket."""
    while not (found := stream.read(1)) == b"\x1b":
        if not found:
            raise AssertionError("the control socket was closed")
    assert stream.read(2) == b"_K"
    text = b""
    while not text.endswith(b"\x1b\\"):
        text += stream.read(1)
    data = bytes.fromhex(text[:-2].decode())
    return data[0], data[16:]


def ask_states(path):
    """State, times it was started, and name of each app, as the root server has them."""
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(30)
        control.connect(path)
        control.sendall(frame(QUERY_STATUS, ALL, 1))
        states = {}
        with control.makefile("rb") as stream:
            while True:
                kind, payload = read_frame(stream)
                if kind == STATUS:
                    state, _, starts = struct.unpack_from("<III", payload)
                    states[payload[32:].decode()] = (state, starts)
                if kind == ACKNOWLEDGED:
                    return states
