# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Sockets of unchanged programs to services of the guest's networks; the host's end is services.py."""

import hashlib
import queue
import struct
import threading

import cases
import control
import image
import services
from cases import case, equal, expect

NETWORK = {"own": ["10.1.0.3"], "names": [{"name": "server", "address": "10.1.0.2"},
                                          {"name": "other", "address": "10.1.0.9"},
                                          {"name": "web", "address": "10.1.0.3"}]}


def echo(stream):
    with stream:
        while data := stream.recv(65536):
            stream.sendall(data)
        stream.shutdown(services.socket.SHUT_WR)


def lines_of(host):
    """Lines of the container's output as they come."""
    rest = b""
    for kind, data in host:
        if kind == 0x92:
            *lines, rest = (rest + control.log(data)["bytes"]).split(b"\n")
            yield from (line.decode() for line in lines)


def disk(folder, args):
    return image.container_disk(f"{folder}/linux2", image.config(args), {"version": 1, "services": NETWORK})


@case
def service_connect(folder):
    """connect(2): refused and unreachable as errno, names of both ends, half-close, 4 MiB, many at once, loopback."""
    stuck = threading.Event()
    host = services.Host(f"{folder}/v_1000", {5050: echo, 5051: lambda stream: stuck.wait(60)})
    args = ["sockets", "refused", "server", "81", "refused", "other", "5050", "eventually", "server", "81",
            "eventually", "server", "5050", "mapped", "server", "81", "mapped", "server", "5050",
            "ends", "server", "5050", "ends", "server", "5051", "echo", "server", "5050", "4",
            "many", "server", "5050", "50", "refused", "127.0.0.1", "5050",
            "time", "server", "5050", "40", "time", "server", "81", "40", "plain", "9", "40"]
    script = f"busybox cat /etc/hosts; {' '.join(args)}; echo hello | busybox nc server 5050"
    with cases.booted(folder, disk(folder, ["sh", "-c", script])) as guest:
        guest.line("kosinit: ready")
        session = control.Control(f"{folder}/v")
        lines = []
        for line in lines_of(session.attach()):
            print(line, flush=True)
            lines.append(line)
        session.close()
        for name in ["10.1.0.2\tserver", "10.1.0.9\tother", "10.1.0.3\tweb"]:
            expect(name in lines, f"{name} in /etc/hosts")
        start = next(i for i, line in enumerate(lines) if line.startswith("refused"))
        equal(lines[start:start + 6],
              ["refused Connection refused", "refused Network is unreachable", "eventually Connection refused",
               "eventually ok", "mapped Connection refused", "mapped ok"], "what connect(2) gave")
        for line, port in zip(lines[start + 6:start + 8], [5050, 5051]):
            own, peer = line.split()[1:]
            expect(own.startswith("10.1.0.3:4000"), f"the own end {own}")
            equal(peer, f"10.1.0.2:{port}", "the peer's end")
        equal(lines[start + 8:start + 11], ["echo ok", "many 50", "refused Connection refused"], "streams")
        equal(lines[start + 14], "hello", "what nc got back")
        cases.ends_well(guest)


@case
def service_listen(folder):
    """listen(2): peers' names, 4 MiB each way, half-close, a port in use, the end of a listener."""
    host = services.Host(f"{folder}/v_1000", {})
    script = ("sockets serve 5050 3; sockets serve 5050 1; sockets listen 5051; "
              "while :; do busybox sleep 1; done | sockets serve 5052 1")
    payload = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(131072))

    def exchange(stream):
        with stream:
            threading.Thread(target=lambda: (stream.sendall(payload), stream.shutdown(services.socket.SHUT_WR)),
                             daemon=True).start()
            back = b""
            while data := stream.recv(65536):
                back += data
            equal(hashlib.sha256(back).hexdigest(), hashlib.sha256(payload).hexdigest(), "what came back")

    with cases.booted(folder, disk(folder, ["sh", "-c", script])) as guest:
        guest.line("kosinit: ready")
        session = control.Control(f"{folder}/v")
        lines = lines_of(session.attach(flags=control.FOLLOW))
        equal(next(lines), "listen ok", "listen(2)")
        host.wait_listening(5050)
        for number in range(3):
            done, errors = host.call(5050, exchange, 1040 + number)
            equal(next(lines), f"peer 10.1.0.2:{1040 + number} 10.1.0.3:5050", "names of both ends")
            expect(done.wait(60) and not errors, f"a connection to the guest: {errors}")
        equal(next(lines), "closed", "the first server's end")
        # The second one takes the same port at once; the host had to be told of the first one's end.
        equal(next(lines), "listen ok", "listen(2) again")
        host.wait_listening(5050)
        done, errors = host.call(5050, exchange)
        equal(next(lines), "peer 10.1.0.2:40 10.1.0.3:5050", "names of both ends")
        expect(done.wait(60) and not errors, f"a connection to the guest: {errors}")
        equal(next(lines), "closed", "the second server's end")
        equal(next(lines), "listen ok, Address already in use", "a port in use")
        equal(next(lines), "listen ok", "the third server")
        host.wait_listening(5050, False)
        host.wait_listening(5051, False)
        host.wait_listening(5052)
        other = control.Control(f"{folder}/v")
        other.signal(9)
        host.wait_listening(5052, False)
        other.close()
        session.close()
        cases.ends_well(guest)


class Intruder(cases.machine.Peer):
    """10.0.0.1 on the guest's Ethernet, which tries to connect to addresses of its other networks."""

    def __init__(self, path):
        self.answers = queue.Queue()
        super().__init__(path)

    def answer(self, frame):
        if frame[12:14] == b"\x08\x00" and frame[23] == 6:
            self.answers.put(frame[47])
            return None
        return super().answer(frame)

    def connect(self, mac, address, port):
        """The flags of TCP that come back for a SYN: 0x12 where someone listens, 0x14 where nobody does."""
        ends = bytes([10, 0, 0, 1]) + bytes(map(int, address.split(".")))
        segment = struct.pack(">HHIIBBHHH", 40000, port, 1, 0, 0x50, 2, 65535, 0, 0)
        check = checksum(ends + struct.pack(">HH", 6, len(segment)) + segment)
        segment = segment[:16] + check + segment[18:]
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, 6, 0) + ends
        head = head[:10] + checksum(head) + head[12:]
        self.send(bytes.fromhex(mac.replace(":", "")) + self.MAC + b"\x08\x00" + head + segment)
        return self.answers.get(timeout=30)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack(">H", ~total & 0xffff)


@case
def service_intruder(folder):
    """From an Ethernet the guest is no way into its other networks: neither to their services nor as one of them."""
    mac = "02:6b:6f:73:00:02"
    host = services.Host(f"{folder}/v_1000", {5050: echo})
    guest_json = {"version": 1, "services": NETWORK,
                  "interfaces": [{"name": "eth0", "mac": mac, "address": "10.0.0.2/24", "gateway": "10.0.0.1"}]}
    second = image.container_disk(f"{folder}/linux2", image.config(["sockets", "serve", "5050", "1"]), guest_json)
    intruder = Intruder(f"{folder}/peer")
    with cases.booted(folder, second, network=f"{folder}/peer") as guest:
        guest.line("kosinit: ready")
        session = control.Control(f"{folder}/v")
        equal(next(lines_of(session.attach())), "listen ok", "listen(2)")
        for address, flags in [("10.0.0.2", 0x12), ("10.1.0.2", 0x14), ("10.1.0.3", 0x14)]:
            equal(intruder.connect(mac, address, 5050), flags, f"what {address} answers")
        session.close()
