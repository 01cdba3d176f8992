# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a guest is put through; each case boots one."""

import contextlib

import control
import image

machine = image.machine
ALL = {}


def case(function):
    ALL[function.__name__] = function
    return function


def expect(held, what):
    if not held:
        raise AssertionError(what)


def equal(found, wanted, what):
    expect(found == wanted, f"{what}: {found!r}, expected {wanted!r}")


@contextlib.contextmanager
def booted(folder, second, first=True, initramfs=None, memory="256M", network=None):
    """A guest with these disks; `second` is a file."""
    guest = machine.Guest(folder, memory)
    try:
        if first:
            guest.disk("one", image.first_disk(f"{folder}/linux1"), "linux1", "--read-only")
        if second:
            guest.disk("two", second, "linux2", "--read-only")
        guest.other("rng", "rng", "vhost-user-rng")
        guest.other("vsock", "vsock", "vhost-user-vsock-device", "--cid", "3", "--path", f"{folder}/v")
        if network:
            guest.network("net", "--stream", network)
        guest.start("", initramfs or image.initramfs(f"{folder}/initramfs"))
        yield guest
    finally:
        guest.stop()


def ends_well(guest):
    guest.line("kosinit: power off")
    equal(guest.qemu.wait(30), 0, "QEMU's exit status")


@case
def status(folder):
    """One container: its output, its exit status, the power switch."""
    script = "echo out; echo err >&2; busybox id -u; busybox hostname; echo $HELLO; echo $$; exit 7"
    document = image.config(["sh", "-c", script])
    disk = image.container_disk(f"{folder}/linux2", document, {"version": 1, "hostname": "web"})
    with booted(folder, disk) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        out, err, last = host.run()
        equal(out, b"out\n0\nbox\nWORLD\n1\n", "standard output")
        equal(err, b"err\n", "standard error")
        equal((last["state"], last["wait_status"], last["oom_kills"]), ("stopped", 7 << 8, 0), "its end")
        host.close()
        guest.line("kosinit: container main: exit 7")
        ends_well(guest)


@case
def service(folder):
    """The control service: processes, terminal, input, signals, usage, time, and hostile hosts."""
    script = ("read line; echo got $line; trap 'echo bye; exit 3' TERM; touch /tmp/up; "
              "while :; do busybox sleep 0.1; done")
    disk = image.container_disk(f"{folder}/linux2", image.config(["sh", "-c", script]),
                                {"version": 1, "stdin": True})
    with booted(folder, disk) as guest:
        guest.line("kosinit: ready")
        follower = control.Control(f"{folder}/v")
        logs = follower.attach(flags=control.FOLLOW | control.LOSSLESS | control.INPUT)
        host = control.Control(f"{folder}/v")
        while host.status()["containers"]["main"]["state"] != "running":
            pass
        follower.send(0x20, b"hello\n")
        first = next(control.log(data) for kind, data in logs if kind == 0x92)
        equal(first["bytes"], b"got hello\n", "what the container read")
        check_processes(host)
        usage = host.usage()
        expect(usage["processes"] >= 1 and usage["memory"] > 0 and usage["cpu_us"] > 0, f"usage {usage}")
        host.set_time(2_000_000_000)
        host.start_exec(["busybox", "date", "+%s"])
        seconds = int(host.finish_exec()[0])
        expect(2_000_000_000 <= seconds < 2_000_000_100, f"the time is {seconds}")
        check_hostile(folder)
        for kind in [refused(lambda: host.signal(15, "other")), refused(lambda: host.usage("other")),
                     refused(lambda: host.start_exec(["sh"], "other"))]:
            expect(kind.startswith("KOS-E-GUEST-CONTAINER"), kind)
        host.start_exec(["busybox", "sleep", "1000"])
        host.close()
        other = control.Control(f"{folder}/v")
        other.signal(15)
        rest = list(logs)
        expect(b"bye\n" in [control.log(d)["bytes"] for k, d in rest if k == 0x92], "its last words")
        equal(control.status(rest[-1][1])["wait_status"], 3 << 8, "its end")
        other.close()
        follower.close()
        ends_well(guest)


def refused(call):
    try:
        call()
    except control.Refused as why:
        return str(why)
    raise AssertionError("was not refused")


def check_processes(host):
    host.start_exec(["sh", "-c", "busybox cat; echo $A >&2; busybox pwd; busybox id -u; exit 5"], directory="/tmp",
                    user="1000:100", environment=["A=b"])
    host.send(0x20, b"typed")
    host.send(0x21)
    equal(host.finish_exec(), (b"typed/tmp\n1000\n", b"b\n", 5 << 8), "a process")
    host.start_exec(["sh", "-c", "busybox stty size; read x; busybox stty size; [ -t 1 ] && kill -9 $$"], flags=1,
                    size=(25, 80))
    kind, data = host.receive()
    expect(kind == 0x96 and b"25 80" in data, f"the terminal's size: {data!r}")
    host.send(0x22, b"\x32\x00\x64\x00")
    host.send(0x20, b"\n")
    out, _, wait_status = host.finish_exec()
    expect(b"50 100" in out, f"the terminal's new size: {out!r}")
    equal(wait_status, 9, "the end by a signal")
    host.start_exec(["busybox", "sleep", "1000"])
    host.send(0x23, b"\x0f\x00\x00\x00")
    equal(host.finish_exec()[2], 15, "the end by a signal of the host's")
    host.start_exec(["busybox", "head", "-c", "3000000", "/dev/zero"])
    equal(len(host.finish_exec()[0]), 3000000, "bytes of a long output")
    expect("KOS-E-GUEST-CONTAINER" in refused(lambda: host.start_exec(["no-such-program"])), "a missing program")


def check_hostile(folder):
    """What is no greeting, no frame, or malformed is refused, and harms nobody else."""
    for greeting in [b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 64, b"\0" * 8, b"\x06\0\0\0\x01\0\0\0KOS1\x63\0"]:
        stream = machine.connect(f"{folder}/v", control.PORT)
        stream.sendall(greeting)
        answer = b""
        while part := stream.recv(4096):
            answer += part
        expect(b"KOS-E-" in answer, f"{greeting!r} was answered with {answer!r}")
        stream.close()
    host = control.Control(f"{folder}/v")
    for kind, data in [(0x11, b"\xff" * 20), (0x12, b""), (0x77, b""), (0x16, b"1"), (0x15, b"\xff" * 12)]:
        expect(refused(lambda: host.ask(kind, data)).startswith("KOS-E-U"), f"frame {kind:#x}")
    host.close()


@case
def linuxkit(folder):
    """onboot in order, services when they may, restarts, onshutdown in order."""
    disk = image.Disk()
    disk.folder("containers")
    disk.folder("boot")

    def add(stage, name, script, **service):
        folder = f"containers/{stage}/{name}"
        if f"containers/{stage}" not in made:
            made.add(f"containers/{stage}")
            disk.folder(f"containers/{stage}")
        disk.folder(folder)
        image.add_busybox(disk, f"{folder}/rootfs")
        disk.add(f"{folder}/config.json", image.json.dumps(image.config(["sh", "-c", script])).encode())
        if service:
            disk.add(f"{folder}/service.json", image.json.dumps({"version": 1, **service}).encode())

    made = set()
    stay = "trap 'echo stopped; exit 0' TERM; echo up; while :; do busybox sleep 0.1; done"
    add("onboot", "000-first", "echo one")
    add("onboot", "010-second", "echo two")
    add("services", "a-web", stay, after=["z-db"])
    add("services", "z-db", f"busybox sleep 1; touch /tmp/ready; {stay}",
        ready={"command": ["busybox", "test", "-f", "/tmp/ready"], "interval_ms": 50})
    add("services", "flaky", "echo try; exit 1", ready={"command": ["busybox", "false"]}, restart="on-failure", restart_limit=2,
        restart_delay_ms=10)
    add("services", "after-flaky", "echo never", after=["flaky"])
    add("onshutdown", "000-bye", "echo bye")
    add("onshutdown", "001-stubborn", "trap '' TERM; busybox sleep 1000")
    disk.add("containers/guest.json", b'{"version": 1, "shutdown_ms": 4000}')
    with booted(folder, disk.write(f"{folder}/linux2")) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        follower = control.Control(f"{folder}/v")
        logs = follower.attach("")
        while True:
            containers = host.status()["containers"]
            if containers["a-web"]["ready"] and containers["flaky"]["restarts"] == 2 \
                    and containers["flaky"]["state"] == "stopped":
                break
        equal(containers["after-flaky"]["state"], "waiting", "what waits for a service that failed")
        said = []
        while not said or (said[-1]["container"], said[-1]["bytes"]) != ("a-web", b"up\n"):
            kind, data = next(logs)
            said += [control.log(data)] if kind == 0x92 else []
        host.shutdown()
        host.close()
        ending = None
        for kind, data in logs:
            said += [control.log(data)] if kind == 0x92 else []
            ending = control.Reader(data) if kind == 0x98 else ending
        equal((ending.take("I"), ending.text()), (1 << 8, "flaky"), "how the guest ended: as the first that failed")
        said = [(one["container"], one["bytes"].decode().strip()) for one in said if one["container"]]
        equal(said[:2], [("onboot-000-first", "one"), ("onboot-010-second", "two")], "onboot")
        equal(said.count(("flaky", "try")), 3, "starts of a service that fails")
        order = [one for one in said if one[0] in ("a-web", "z-db")]
        equal(order, [("z-db", "up"), ("a-web", "up"), ("a-web", "stopped"), ("z-db", "stopped")], "services")
        equal(said[-1], ("onshutdown-000-bye", "bye"), "onshutdown")
        follower.close()
        guest.line("kosinit: container onshutdown-001-stubborn: exit 137")
        ends_well(guest)


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
def readonly(folder):
    """The disk as it is: EROFS."""
    document = image.config(["sh", "-c", "echo x > /file; echo x > /etc/passwd; exit 0"], root__readonly=True)
    document["mounts"] = [mount for mount in document["mounts"] if not mount["destination"].startswith("/etc")]
    _, err, _ = runs(folder, document, {"readonly": True})
    equal(err.count(b"Read-only file system"), 2, err)


@case
def long_output(folder):
    """A host that attaches without loss gets everything, far beyond the ring."""
    script = "busybox seq 1 300000"
    disk = image.container_disk(f"{folder}/linux2", image.config(["sh", "-c", f"read x; {script}"]),
                                {"version": 1, "stdin": True, "log_ring_bytes": 65536})
    with booted(folder, disk) as guest:
        guest.line("kosinit: ready")
        host = control.Control(f"{folder}/v")
        logs = host.attach(flags=control.FOLLOW | control.LOSSLESS | control.INPUT)
        host.send(0x20, b"\n")
        out, lost = b"", 0
        for kind, data in logs:
            if kind == 0x92:
                out += control.log(data)["bytes"]
            lost += kind == 0x93
        equal(lost, 0, "records that were lost")
        expect(out == b"".join(b"%d\n" % i for i in range(1, 300001)), f"{len(out)} bytes of output")
        host.close()
        ends_well(guest)
