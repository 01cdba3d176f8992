# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a guest has of networks: message sockets, interfaces, DHCP."""

import control
import image
from cases import booted, case, ends_well, equal, expect

machine = image.machine


def message_server(path, slow=None):
    """Echoes frames; says bye where the other end closes. With `slow`, an event, it reads nothing until it is set,
    then counts what comes."""
    server = machine.socket.socket(machine.socket.AF_UNIX)
    server.bind(path)
    server.listen(128)
    counts = []

    def serve(stream):
        with stream, stream.makefile("rb") as frames:
            if slow:
                slow.wait(60)
            number = 0
            while len(head := frames.read(4)) == 4:
                data = frames.read(machine.struct.unpack("<I", head)[0])
                if slow:
                    expect(machine.struct.unpack_from("<I", data)[0] == number, "a message out of order")
                else:
                    stream.sendall(head + data)
                number += 1
            counts.append(number)
            if not slow:
                stream.sendall(b"\x04\0\0\0bye.")

    def accept():
        while True:
            stream, _ = server.accept()
            machine.threading.Thread(target=serve, args=(stream,), daemon=True).start()

    machine.threading.Thread(target=accept, daemon=True).start()
    return server, counts


@case
def messages(folder):
    """The message socket: many connections, half-close, back-pressure, and nobody there."""
    script = ("probe messages /var/run/msg0.sock 60; probe flood /var/run/slow.sock; "
              "probe messages /var/run/nobody.sock 1")
    document = image.config(["sh", "-c", script])
    for name in ["msg0", "slow", "nobody"]:
        document["mounts"].append({"destination": f"/var/run/{name}.sock", "type": "bind",
                                   "source": f"/run/kos/{name}.sock", "options": ["bind", "rprivate"]})
    sockets = [{"socket": "msg0"}, {"socket": "slow", "port": 1002}, {"socket": "nobody", "port": 1003}]
    disk = image.container_disk(f"{folder}/linux2", document, {"version": 1, "messages": sockets})
    begin = machine.threading.Event()
    keep = [message_server(f"{folder}/v_1000"), message_server(f"{folder}/v_1002", begin)]
    with booted(folder, disk) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        out = b""
        for kind, data in host.attach():
            if kind == 0x92:
                out += control.log(data)["bytes"]
                if b"blocked" in out:
                    begin.set()
        lines = out.decode().splitlines()
        equal(lines[0], "ok", "messages")
        blocked, sent = int(lines[1].split()[-1]), int(lines[2].split()[-1])
        expect(0 < blocked < 4000, f"it blocked after {blocked} messages")
        equal(keep[1][1], [sent], "messages that arrived")
        expect(lines[3] != "ok", f"a server that is not there: {lines[3:]}")
        host.close()
        ends_well(guest)


class DhcpPeer(machine.Peer):
    """Gives 10.0.0.9 to whoever asks."""

    def answer(self, frame):
        if frame[12:14] != b"\x08\x00" or frame[23] != 17 or frame[36:38] != b"\0\x43":
            return super().answer(frame)
        request = frame[42:]
        kind = {1: 2, 3: 5}[request[request.index(b"\x35\x01") + 2]]
        reply = (b"\x02" + request[1:16] + bytes([10, 0, 0, 9]) + bytes(8) + request[28:240]
                 + b"\x35\x01" + bytes([kind]) + b"\x36\x04\x0a\0\0\x01\x01\x04\xff\xff\xff\0\x03\x04\x0a\0\0\x01"
                 + b"\x06\x04\x0a\0\0\x35\xff")
        udp = machine.struct.pack(">HHHH", 67, 68, 8 + len(reply), 0) + reply
        head = machine.struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes([10, 0, 0, 1]),
                                   b"\xff" * 4)
        total = sum(machine.struct.unpack(">10H", head))
        total = (total & 0xffff) + (total >> 16)
        head = head[:10] + machine.struct.pack(">H", ~(total + (total >> 16)) & 0xffff) + head[12:]
        return b"\xff" * 6 + self.MAC + b"\x08\x00" + head + udp


def network(folder, peer, interface, expected, servers):
    script = "probe udp 10.0.0.1; busybox ip -4 addr show eth0; busybox ip route; busybox cat /etc/resolv.conf /etc/hosts"
    guest_json = {"version": 1, "hostname": "net", "interfaces": [interface], **servers,
                  "hosts": [{"address": "10.0.0.7", "names": ["db"]}]}
    disk = image.container_disk(f"{folder}/linux2", image.config(["sh", "-c", script]), guest_json)
    keep = peer(f"{folder}/peer")
    with booted(folder, disk, network=f"{folder}/peer") as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        out = host.run()[0].decode()
        expect(out.startswith("ok\n"), out)
        for part in [*expected, "default via 10.0.0.1", "10.0.0.7\tdb"]:
            expect(part in out, f"{part!r} is missing in {out}")
        host.close()
        ends_well(guest)
    del keep


@case
def static_network(folder):
    """An interface found by its MAC address, with an address from guest.json."""
    network(folder, machine.Peer, {"name": "eth0", "mac": "02:6b:6f:73:00:02", "address": "10.0.0.2/24",
                                   "gateway": "10.0.0.1"},
            ["10.0.0.2/24", "nameserver 10.0.0.3", "search lan", "10.0.0.2\tnet"],
            {"dns": {"servers": ["10.0.0.3"], "search": ["lan"]}})


@case
def dhcp(folder):
    """An address, a gateway and a name server from DHCP."""
    network(folder, DhcpPeer, {"name": "eth0", "address": "dhcp"},
            ["10.0.0.9/24", "nameserver 10.0.0.53", "10.0.0.9\tnet"], {})
