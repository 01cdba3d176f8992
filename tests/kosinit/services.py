# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of a guest's stream sockets, written from docs/msg.md alone ("Stream sockets")."""

import os
import socket
import struct
import threading

CONNECT, LISTEN, ACCEPT, INCOMING, ANSWER = 0x10, 0x11, 0x12, 0x46, 0x80
OK, NOT_FOUND, REFUSED, UNREACHABLE, IN_USE = 0, 6, 10, 11, 12
OWN, SERVER = 0x0a010003, 0x0a010002


class Host:
    """Listens where a guest's connections to port 1000 arrive. `services` are functions by port of SERVER; each gets
    the stream of a connection, in a thread. Ports that are no key are refused."""

    def __init__(self, path, services):
        self.services, self.listeners, self.tickets = services, {}, {}
        self.changed = threading.Condition()
        self.connects, self.next_port = [], 40000
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            stream, _ = self.server.accept()
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    @staticmethod
    def _exactly(stream, size):
        data = b""
        while len(data) < size:
            part = stream.recv(size - len(data))
            if not part:
                return None
            data += part
        return data

    def _serve(self, stream):
        while (head := self._exactly(stream, 4)) is not None:
            opcode, status, number = struct.unpack_from("<HHI", payload := self._exactly(stream, *struct.unpack("<I", head)))
            assert status == 0
            answer, goes_on = {CONNECT: self._connect, LISTEN: self._listen, ACCEPT: self._take}[opcode](payload[8:], stream)
            answer = struct.pack("<HHI", opcode | ANSWER, answer[0], number) + answer[1]
            stream.sendall(struct.pack("<I", len(answer)) + answer)
            if goes_on is not None:
                return goes_on()

    def _connect(self, body, stream):
        address, port = struct.unpack("<IH", body)
        self.connects.append((address, port))
        if address != SERVER:
            return (UNREACHABLE, b""), None
        if port not in self.services:
            return (REFUSED, b""), None
        self.next_port += 1
        return (OK, struct.pack("<IH", OWN, self.next_port)), lambda: self.services[port](stream)

    def _listen(self, body, stream):
        address, port, _ = struct.unpack("<IHH", body)
        with self.changed:
            if port in self.listeners:
                return (IN_USE, b""), None
            self.listeners[port] = stream
            self.changed.notify_all()

        def until_closed():
            ended = not stream.recv(1)
            with self.changed:
                assert ended
                del self.listeners[port]
                self.changed.notify_all()
        return (OK, struct.pack("<H", port)), until_closed

    def _take(self, body, stream):
        with self.changed:
            taken = self.tickets.pop(body, None)
        if taken is None:
            return (NOT_FOUND, b""), None
        return (OK, b""), lambda: taken(stream)

    def wait_listening(self, port, listening=True, timeout=60):
        with self.changed:
            if not self.changed.wait_for(lambda: (port in self.listeners) == listening, timeout):
                raise RuntimeError(f"port {port}: it should {'' if listening else 'not '}listen")

    def call(self, port, work, source=40):
        """The guest's listener is told of a peer, SERVER; work(stream) runs when the guest takes it. Gives an event that
        is set when work is done, and a list of what it raised."""
        ticket, done, errors = os.urandom(16), threading.Event(), []

        def run(stream):
            try:
                work(stream)
            except Exception as error:  # told to the test's own thread
                errors.append(error)
            done.set()

        with self.changed:
            self.tickets[ticket] = run
        event = struct.pack("<HHI", INCOMING, 0, 0) + ticket + struct.pack("<IHI", SERVER, source, OWN)
        self.listeners[port].sendall(struct.pack("<I", len(event)) + event)
        return done, errors
