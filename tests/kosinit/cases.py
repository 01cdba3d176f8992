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
