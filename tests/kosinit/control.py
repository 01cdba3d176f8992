# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of the control service (docs/guest-control.md)."""

import struct
import time

from image import machine

PORT = 1001
FOLLOW, LOSSLESS, INPUT = 1, 2, 4


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("<I", len(value)) + value


def texts(values):
    return struct.pack("<H", len(values)) + b"".join(map(text, values))


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def bytes(self):
        size = self.take("I")
        self.at += size
        return self.data[self.at - size:self.at]

    def text(self):
        return self.bytes().decode()


STATES = ["waiting", "running", "stopped", "failed"]


def status(data):
    reader = Reader(data)
    name = reader.text()
    state, ready, pid, wait_status, oom_kills, restarts, started, ended = reader.take("BBIIIIQQ")
    return {"name": name, "state": STATES[state], "ready": bool(ready), "pid": pid, "wait_status": wait_status,
            "oom_kills": oom_kills, "restarts": restarts, "started": started, "ended": ended, "error": reader.text()}


def log(data):
    reader = Reader(data)
    sequence, _, stream = reader.take("QQB")
    return {"sequence": sequence, "stream": stream, "container": reader.text(), "bytes": reader.bytes()}


class Refused(Exception):
    pass


class Control:
    def __init__(self, path, timeout=60):
        limit = time.monotonic() + timeout
        while True:
            try:
                self.socket = machine.connect(path, PORT)
                break
            except (ConnectionError, FileNotFoundError):
                if time.monotonic() > limit:
                    raise
                time.sleep(0.05)
        self.socket.settimeout(timeout)
        self.send(0x01, struct.pack("<IH", 0x31534f4b, 1))
        kind, data = self.receive()
        if kind != 0x01 or struct.unpack("<IH", data) != (0x31534f4b, 1):
            raise RuntimeError(f"greeted with {kind:#x} {data!r}")

    def send(self, kind, data=b""):
        self.socket.sendall(struct.pack("<IHH", len(data), kind, 0) + data)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def receive(self):
        size, kind, _ = struct.unpack("<IHH", self.exactly(8))
        return kind, self.exactly(size)

    def answers(self):
        """Until Done; Failed is raised."""
        while True:
            kind, data = self.receive()
            if kind == 0x80:
                return
            if kind == 0x81:
                reader = Reader(data)
                raise Refused(f"{reader.text()}: {reader.text()}")
            yield kind, data

    def ask(self, kind, data=b""):
        self.send(kind, data)
        return list(self.answers())

    def status(self):
        guest, *containers = self.ask(0x10)
        state, uptime, total, available = Reader(guest[1]).take("BQQQ")
        return {"state": ["starting", "running", "stopping"][state], "uptime": uptime, "memory": total,
                "available": available, "containers": {c["name"]: c for c in (status(d) for _, d in containers)}}

    def attach(self, container="main", flags=FOLLOW, start=0):
        self.send(0x11, text(container) + struct.pack("<IQ", flags, start))
        return self.answers()

    def run(self, container="main", flags=FOLLOW):
        """Follows it to its end: (standard output, standard error, its last status)."""
        streams, last = [b"", b"", b""], None
        for kind, data in self.attach(container, flags):
            if kind == 0x92:
                record = log(data)
                streams[record["stream"]] += record["bytes"]
            elif kind == 0x91:
                last = status(data)
        return streams[1], streams[2], last

    def start_exec(self, args, container="main", flags=0, size=(0, 0), directory="", user="", environment=()):
        self.send(0x12, text(container) + struct.pack("<IHH", flags, *size) + text(directory) + text(user)
                  + texts(args) + texts(environment))
        kind, data = self.receive()
        if kind == 0x81:
            reader = Reader(data)
            raise Refused(f"{reader.text()}: {reader.text()}")
        if kind != 0x95:
            raise RuntimeError(f"exec was answered with {kind:#x}")

    def finish_exec(self):
        """(standard output, standard error, wait status)"""
        streams = [b"", b"", b""]
        while True:
            kind, data = self.receive()
            if kind == 0x97:
                return streams[1], streams[2], Reader(data).take("I")
            reader = Reader(data)
            streams[reader.take("B")] += reader.bytes()

    def signal(self, number, container="main", everything=False):
        self.ask(0x13, text(container) + struct.pack("<II", number, int(everything)))

    def usage(self, container="main"):
        (_, data), = self.ask(0x14, text(container))
        names = ["cpu_us", "memory", "memory_peak", "processes", "oom_kills", "read", "written"]
        return dict(zip(names, Reader(data).take("7Q")))

    def set_time(self, seconds, nanoseconds=0):
        self.ask(0x15, struct.pack("<QI", seconds, nanoseconds))

    def shutdown(self, deadline=0xffffffff, restart=False):
        self.ask(0x16, struct.pack("<II", deadline, int(restart)))

    def close(self):
        self.socket.close()
