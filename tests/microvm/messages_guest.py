# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs in a container of a microVM: speaks docs/msg.md over /var/run/msg0.sock, and, for stream sockets, over vsock.
Usage: messages_guest.py member | stranger NATIVE-ADDRESS"""

import socket
import struct
import sys
import threading
import time

HELLO, PUBLISH, QUERY, REQUEST, SEND, OPEN_STREAM, ATTACH = 1, 2, 4, 5, 7, 8, 9
CONNECT, LISTEN, ACCEPT = 0x10, 0x11, 0x12
MESSAGE, GRANTED, GONE, INCOMING = 0x41, 0x42, 0x43, 0x46
OK, DENIED, NOT_FOUND, REFUSED, UNREACHABLE = 0, 4, 6, 10, 11
STREAM_BYTES = 1 << 20


def check(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r}, expected {expected!r}")


class Session:
    """A connection to the message server, by the container's socket."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect("/var/run/msg0.sock")
        self.events = []
        self.last = 0

    def receive(self):
        payload = self.socket.recv(5000)
        opcode, status, number = struct.unpack_from("<HHI", payload)
        return opcode, status, number, payload[8:]

    def ask(self, opcode, body):
        self.last += 1
        self.socket.send(struct.pack("<HHI", opcode, 0, self.last) + body)
        while True:
            answer, status, number, found = self.receive()
            if answer == opcode + 0x80:
                check("the answer's number", number, self.last)
                return status, found
            self.events.append((answer, found))

    def event(self):
        if self.events:
            return self.events.pop(0)
        opcode, _, _, body = self.receive()
        return opcode, body

    def request(self, protocol):
        status, body = self.ask(REQUEST, protocol)
        while status == NOT_FOUND:
            time.sleep(0.05)
            status, body = self.ask(REQUEST, protocol)
        check("request", status, OK)
        return body[:16]


class Stream:
    """A connection to the VMM."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
        self.socket.connect((socket.VMADDR_CID_HOST, 1000))

    def exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                sys.exit("the stream ended early")
            data += part
        return data

    def receive(self):
        payload = self.exactly(*struct.unpack("<I", self.exactly(4)))
        opcode, status, _ = struct.unpack_from("<HHI", payload)
        return opcode, status, payload[8:]

    def ask(self, opcode, body):
        self.socket.sendall(struct.pack("<IHHI", 8 + len(body), opcode, 0, 1) + body)
        answer, status, found = self.receive()
        check("the answer's opcode", answer, opcode + 0x80)
        return status, found


def address_of(name):
    for line in open("/etc/hosts", encoding="ascii"):
        address, *names = line.split()
        if name in names:
            return socket.inet_aton(address)[::-1]
    sys.exit(f"/etc/hosts has no {name}")


def words(size):
    """What tests/programs/traffic.c pours."""
    values = (((place + 1) * 0x9e3779b97f4a7c15 & (1 << 64) - 1) ^ place >> 7 for place in range(size // 8))
    return struct.pack(f"<{size // 8}Q", *values)


def messages():
    session = Session()
    check("hello", session.ask(HELLO, struct.pack("<I", 1)), (OK, struct.pack("<II", 1, 4096)))
    check("a protocol that no label lists", session.ask(PUBLISH, b"other")[0], DENIED)
    token = session.request(b"5050")
    for i in range(60):
        message = bytes([i]) * (4096 if i % 2 else 8 * i)
        while session.ask(SEND, token + message)[0] != OK:
            pass
        opcode, body = session.event()
        check("event", opcode, MESSAGE)
        check("message", body, token + message)
    print("messages came back", flush=True)
    echoed(session, token)


def echoed(session, token):
    """A stream that a token opens, at whose other end all comes back."""
    status, ticket = session.ask(OPEN_STREAM, token)
    check("open a stream", status, OK)
    stream = Session()
    check("attach", stream.ask(ATTACH, ticket)[0], OK)
    data = words(100_000)

    def send():
        for start in range(0, len(data), 3000):
            stream.socket.send(data[start:start + 3000])
        stream.socket.shutdown(socket.SHUT_WR)
    sender = threading.Thread(target=send)
    sender.start()
    found = b""
    while part := stream.socket.recv(4096):
        found += part
    sender.join()
    check("the stream's bytes", found == data, True)
    print("a stream came back", flush=True)


def service():
    session = Session()
    check("publish", session.ask(PUBLISH, b"7070")[0], OK)
    count = 0
    while True:
        opcode, body = session.event()
        if opcode == GONE:
            break
        if opcode == MESSAGE:
            check("send", session.ask(SEND, body)[0], OK)
            count += 1
    print(f"served {count}", flush=True)


def streams():
    out = Stream()
    server = address_of("drain") + struct.pack("<H", 81)
    while (status := out.ask(CONNECT, server)[0]) == REFUSED:
        time.sleep(0.05)
    check("connect", status, OK)
    out.socket.sendall(words(STREAM_BYTES))
    out.socket.shutdown(socket.SHUT_WR)
    check("the end of drain", out.socket.recv(1), b"")

    listener = Stream()
    status, body = listener.ask(LISTEN, struct.pack("<IHH", 0, 9090, 4))
    check("listen", (status, body), (OK, struct.pack("<H", 9090)))
    opcode, _, body = listener.receive()
    check("incoming", opcode, INCOMING)
    stream = Stream()
    check("accept", stream.ask(ACCEPT, body[:16])[0], OK)
    time.sleep(1)  # what pours has to wait
    data = stream.exactly(STREAM_BYTES)
    check("the end of pour", stream.socket.recv(1), b"")
    check("what was poured", data == words(STREAM_BYTES), True)
    check("a ticket again", Stream().ask(ACCEPT, body[:16])[0], NOT_FOUND)
    print("streams are whole", flush=True)


def stranger(native):
    session = Session()
    check("query", session.ask(QUERY, struct.pack("<I", 0)), (OK, struct.pack("<I", 0)))
    check("request", session.ask(REQUEST, b"5050")[0], NOT_FOUND)
    check("connect", Stream().ask(CONNECT, socket.inet_aton(native)[::-1] + struct.pack("<H", 81))[0], UNREACHABLE)
    print("nothing is seen", flush=True)


if sys.argv[1] == "stranger":
    stranger(sys.argv[2])
else:
    messages()
    service()
    streams()
