#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""kos run of microVMs, in the simulator or (KOS_TARGET=qemu) on seL4 under QEMU. Usage: microvm_test.py CASE"""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

import executed
import faults
import image
import layers
import linuxkit

KOS = os.environ.get("KOS", f"{image.ROOT}/build/dev/cli/kos")
IMAGES = os.environ.get("KOS_TEST_IMAGES", f"{image.ROOT}/build/dev/test-images")
PROGRAMS = os.environ.get("KOS_PROGRAMS", f"{image.ROOT}/build/dev/aarch64-sel4/bin")
TARGET = os.environ.get("KOS_TARGET", "sim")
BUSYBOX = f"{IMAGES}/layers-umoci"
KOS_OCI = os.environ.get("KOS_OCI", f"{image.ROOT}/build/dev/oci-runtime/cli/kos-oci")
NO_PROGRAMS = ["nosuid", "noexec", "nodev"]
# As docker's, then the guest's files.
MOUNTS = [
    ("/proc", "proc", "proc", NO_PROGRAMS),
    ("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    ("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
    ("/sys", "sysfs", "sysfs", NO_PROGRAMS + ["ro"]),
    ("/sys/fs/cgroup", "cgroup", "cgroup", ["ro"] + NO_PROGRAMS),
    ("/dev/mqueue", "mqueue", "mqueue", NO_PROGRAMS),
    ("/dev/shm", "tmpfs", "shm", NO_PROGRAMS + ["mode=1777", "size=65536k"]),
] + [(path, "bind", path, ["bind", "rprivate"]) for path in ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")]
DEVICES = [{"allow": False, "access": "rwm"}] + [
    {"allow": True, "type": kind, "access": "m"} for kind in "cb"] + [
    {"allow": True, "type": "c", "major": major, "minor": minor, "access": "rwm"}
    for major, minor in [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2)]] + [
    {"allow": True, "type": "c", "major": 136, "access": "rwm"}]
CAPABILITIES = sorted(f"CAP_{name}" for name in (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL "
    "AUDIT_WRITE").split())
PYTHON_PROGRAM = r"""
import sys, threading
lines = []
threads = [threading.Thread(target=lambda n=n: lines.append(n * n)) for n in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(lines), open('/etc/hostname').read().strip(), sys.version_info[:2])
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import http.client
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f'served {self.path}'.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
server = ThreadingHTTPServer(('127.0.0.1', 8080), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = http.client.HTTPConnection('localhost', 8080)
client.request('GET', '/a?b=c')
answer = client.getresponse()
print(answer.status, answer.read().decode())
print('to stderr', file=sys.stderr)
sys.exit(42)
"""
ELIXIR_PROGRAM = r"""
defmodule Counter do
  use GenServer
  def init(count), do: {:ok, count}
  def handle_call({:add, n}, _from, count), do: {:reply, count + n, count + n}
end
{:ok, counter} = GenServer.start_link(Counter, 2)
IO.puts("started")
IO.puts(GenServer.call(counter, {:add, 3}))
0..3 |> Enum.map(&Task.async(fn -> &1 * &1 end)) |> Enum.map(&Task.await/1) |> IO.inspect()
System.halt(6)
"""
# A broker, a client that publishes and one that subscribes, in one container.
MOSQUITTO_SCRIPT = r"""
mosquitto 2>/tmp/log & broker=$!
until mosquitto_pub -r -t kos/first -m retained 2>/dev/null; do sleep 0.2; done
mosquitto_sub -v -t 'kos/#' -C 2 & subscriber=$!
while kill -0 $subscriber 2>/dev/null; do mosquitto_pub -t kos/second -m live; done
wait $subscriber; echo "ended $?"
kill $broker; wait
"""


def missing():
    """Why a microVM cannot run here, or None."""
    for program in ["qemu-system-aarch64", "umoci"]:
        if shutil.which(program) is None:
            return f"there is no {program}"
    if TARGET == "qemu" and not any(os.environ.get(name) for name in ["SEL4_PREFIX", "MICROKIT_SDK"]):
        return "neither SEL4_PREFIX nor MICROKIT_SDK names a kernel"
    if subprocess.run([f"{image.ROOT}/scripts/guest-kernel"], capture_output=True).returncode != 0:
        return "Debian's arm64 kernel cannot be fetched"
    return None


def command(layout, *arguments, options=()):
    return [KOS, "run", "--target", TARGET, "--microvm", "--timeout", "240", *options, f"oci:{layout}:latest", *arguments]


def run(layout, *arguments, options=(), **variables):
    finished = subprocess.run(command(layout, *arguments, options=options), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=280,
                              env={**os.environ, **variables})
    # What the boot shim and the kernel say, and where the image lies, is the target's own.
    own = ("kos: console: ", "kos: the system image, ")
    finished.stderr = "".join(line for line in finished.stderr.splitlines(keepends=True) if not line.startswith(own))
    return finished


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r}, expected {expected!r}")


def expect_run(finished, output, status, errors=None):
    if finished.returncode != status or finished.stdout != output or errors not in (None, finished.stderr):
        sys.exit(f"status {finished.returncode}, expected {status}\n--- output\n{finished.stdout}--- errors\n"
                 f"{finished.stderr}")


def output_case():
    with tempfile.TemporaryDirectory() as folder:
        report = f"{folder}/report"
        finished = run(BUSYBOX, "busybox", "sh", "-c", "echo out; echo error >&2; busybox id -u; exit 7",
                       options=["--report", report])
        expect_run(finished, "out\n0\n", 7, "error\n")
        with open(report, encoding="utf-8") as file:
            used = json.load(file)
    inspected = subprocess.run([KOS, "inspect", "--microvm", "--format", "json", f"oci:{BUSYBOX}:latest"], check=True,
                               capture_output=True)
    app, = json.loads(inspected.stdout)["apps"]
    expect("what was used", used["apps"][0]["manifest"], app["manifest"])
    expect("memory given back", used["inventory"]["after"], used["inventory"]["before"])
    expect("guest memory", app["manifest"]["guest_memory"], 128 << 20)
    if app["manifest"]["untyped"] > 1 << 20:
        sys.exit(f"beside its guest's memory the VM takes {app['manifest']['untyped']} bytes")
    expect_run(run(BUSYBOX, "/missing"), "", 127)


def static_case():
    native = subprocess.run([KOS, "run", "--native", f"oci:{IMAGES}/hello-static:latest"], capture_output=True,
                            text=True, timeout=60)
    expect_run(run(f"{IMAGES}/hello-static"), native.stdout, native.returncode)


def tree(root):
    """A line for each file: as `busybox stat` below prints it."""
    lines = []
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found = os.lstat(path)
            size = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
            content = ""
            if stat.S_ISREG(found.st_mode):
                content = subprocess.run(["sha256sum", path], check=True, capture_output=True,
                                         text=True).stdout.split()[0]
            lines.append(f"/{os.path.relpath(path, root)} {found.st_mode:x} {found.st_uid} {found.st_gid} {size} "
                         f"{content}".rstrip())
    return sorted(lines)


def files_case():
    """In the guest: what the container sees of its own root filesystem."""
    script = ("cd /; busybox find . -xdev ! -name . | while read f; do [ -d \"$f\" ] && [ ! -L \"$f\" ] && s=0 || "
              "s=$(busybox stat -c %s \"$f\"); h=; [ -f \"$f\" ] && [ ! -L \"$f\" ] && h=$(busybox sha256sum \"$f\" | "
              "busybox cut -d ' ' -f 1); echo \"${f#.} $(busybox stat -c '%f %u %g' \"$f\") $s $h\"; done")
    finished = run(BUSYBOX, "busybox", "sh", "-c", script)
    found = sorted(line.rstrip() for line in finished.stdout.splitlines())
    # Mount points that the image lacks.
    made = ("/proc", "/sys", "/dev", "/etc")
    image_files = tree(f"{BUSYBOX}.bundle/rootfs")
    known = {line.split()[0] for line in image_files}
    found = [line for line in found if line.split()[0] in known or not line.split()[0].startswith(made)]
    expect("the root filesystem", found, image_files)


def debian(name):
    return image.make(name, f"{IMAGES}/debian-{name}")


def python_case():
    finished = run(debian("python"), "-c", PYTHON_PROGRAM)
    expect_run(finished, "[0, 1, 4, 9, 16, 25, 36, 49] python3.11 (3, 11)\n200 served /a?b=c\n", 42, "to stderr\n")


def tree_case():
    layout = debian("tree")
    finished = run(layout, "-c", layers.LISTING)
    if finished.returncode != 0:
        expect_run(finished, "", 0)
    *lines, last = [json.loads(line) for line in finished.stdout.splitlines()]
    expect("hard links", last, ["one file", True])
    expected = layers.of_layers(layout)
    found = {path: fields for path, *fields in lines}
    made = {path for path in found if path not in expected}
    # Mount points that the image lacks.
    if not all(path in ("proc", "sys", "dev", "etc") or path.startswith("etc/") for path in made):
        sys.exit(f"files that no layer has: {sorted(made)}")
    found = {path: fields for path, fields in found.items() if path in expected}
    for path in sorted(expected):
        expect(path, found.get(path), expected[path])
    expect("the tree's hash", layers.digest(found), layers.digest(expected))
    print(f"{len(expected)} files, {layers.digest(expected)}")


def read_only_case():
    script = ("echo x >/new || echo refused >&2; busybox mkdir /folder; echo kept >/dev/shm/file; "
              "busybox cat /dev/shm/file")
    finished = run(BUSYBOX, "busybox", "sh", "-c", script, options=["--read-only"])
    expect("output", (finished.stdout, finished.returncode), ("kept\n", 0))
    expect("EROFS", finished.stderr.count("Read-only file system"), 2)


def compose_project(folder, text):
    """Puts a compose file into the folder; its busybox is that of the test images."""
    with open(f"{folder}/compose.yaml", "w", encoding="utf-8") as file:
        file.write(text.replace("IMAGE", f"oci:{BUSYBOX}:latest"))


def up_command(target=TARGET):
    return [KOS, "up", "--no-color", "--target", target, "--timeout", "240"]


def up(text, *options, target=TARGET, **variables):
    """kos up of a compose file."""
    with tempfile.TemporaryDirectory() as folder:
        compose_project(folder, text)
        return subprocess.run([*up_command(target), *options], cwd=folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=280, env={**os.environ, **variables})


CONTAINER_KEYS = r"""
services:
  all:
    image: IMAGE
    x-kos-kind: microvm
    cap_add: [NET_ADMIN, syslog]
    cap_drop: [ALL]
    ulimits: {nofile: {soft: 55, hard: 66}}
    sysctls: {net.ipv4.ip_forward: "1", kernel.msgmax: "9000"}
    init: true
    read_only: true
    tmpfs: ["/run:size=1m,mode=750"]
    volumes: [{type: tmpfs, target: /cache, read_only: true}]
    devices: ["/dev/kmsg:/dev/log:r"]
    command:
      - busybox
      - sh
      - -c
      - |
        busybox sed -n 's/CapBnd:.0*//p' /proc/self/status
        ulimit -Sn; ulimit -Hn
        busybox cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax
        busybox cat /proc/1/comm; [ $$$$ = 1 ] || echo process 1 is another
        echo kept >/run/file && busybox cat /run/file; busybox stat -c %a /run; busybox df -k /run | busybox tail -n 1 | busybox awk '{print $$2}'
        (echo x >/cache/file) 2>/dev/null || echo read-only
        busybox stat -c '%F %t %T' /dev/log; busybox head -c 1 /dev/log >/dev/null && echo readable
        (busybox sleep 1000 &); kill -9 $$$$
"""
EXPECTED_KEYS = ["400001000", "55", "66", "1", "9000", "kos-init", "process 1 is another", "kept", "750", "1024", "read-only",
                 "character special file 1 b", "readable"]


def container_keys_case():
    """What a compose file asks of a container holds in the guest; an init ends as its program does."""
    finished = up(CONTAINER_KEYS, "--exit-code-from", "all")
    lines = [line.removeprefix("all  | ") for line in finished.stdout.splitlines()]
    expect(f"output (errors: {finished.stderr})", lines, EXPECTED_KEYS + ["all exited with code 137"])
    privileged = """
services:
  all:
    image: IMAGE
    x-kos-kind: microvm
    privileged: true
    command: [busybox, grep, -E, '^(CapBnd|Seccomp):', /proc/self/status]
"""
    finished = up(privileged)
    lines = [line.removeprefix("all  | ").split() for line in finished.stdout.splitlines()]
    expect("privileged", lines[:2], [["CapBnd:", "000001ffffffffff"], ["Seccomp:", "0"]])


HEALTH = r"""
services:
  server:
    image: IMAGE
    x-kos-kind: microvm
    healthcheck: {test: [CMD, /bin/busybox, test, -e, /ready], interval: 100ms, retries: 1000}
    command: [busybox, sh, -c, 'busybox sleep 1; echo ready; echo >/ready; busybox sleep 1000']
  client:
    image: IMAGE
    x-kos-kind: native
    mem_limit: 1m
    depends_on: {server: {condition: service_healthy}}
    entrypoint: [/bin/busybox, echo]
    command: [started]
"""


def health_case():
    """A dependent waits for the test of a microVM's health; one that never succeeds keeps it from starting."""
    finished = up(HEALTH, "--exit-code-from", "client")
    expect("status", finished.returncode, 0)
    lines = [line for line in finished.stdout.splitlines() if "exited" not in line]
    expect(f"output (errors: {finished.stderr})", lines, ["server  | ready", "client  | started"])
    finished = up(HEALTH.replace("echo >/ready", "echo >/other").replace("sleep 1000", "sleep 1"))
    if "KOS-E-DEPENDENCY" not in finished.stderr or "client  | started" in finished.stdout:
        sys.exit(f"the client started, or why not is not told:\n{finished.stdout}{finished.stderr}")


SYSTEM = r"""
services:
  native:
    image: IMAGE
    x-kos-kind: native
    mem_limit: 1m
    networks: [back-tier]
    depends_on: [guest]
    entrypoint: [/bin/busybox, sleep]
    command: ["1000"]
  guest:
    image: IMAGE
    x-kos-kind: microvm
    stop_grace_period: 60s
    depends_on: {failing: {condition: service_completed_successfully, required: false}}
    command: [busybox, sh, -c, 'trap "echo told; exit 5" TERM; echo up; while :; do busybox sleep 0.1; done']
  failing:
    image: IMAGE
    x-kos-kind: microvm
    restart: on-failure:1
    command: [busybox, sh, -c, 'echo begun; exit 3']
networks:
  back-tier:
    x-msg-server: "Poukai.msg0"
"""


def system_case():
    """A native service, a message server and microVMs in one system: one that fails is started again as often as its
    policy says, what waits for it then starts; Ctrl-C stops the others in reverse order."""
    with tempfile.TemporaryDirectory() as folder:
        compose_project(folder, SYSTEM)
        process = subprocess.Popen(up_command(), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        lines = []
        for line in process.stdout:
            lines.append(" ".join(line.split()))
            if lines[-1] == "guest | up":
                process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
    begun = ["failing | begun", "failing exited with code 3"]
    expect("output", lines[:5], 2 * begun + ["guest | up"])
    expect("stopped in reverse order", [line for line in lines[5:] if not line.startswith("Poukai ")],
           ["native exited with code 143", "guest | told", "guest exited with code 5"])
    expect("status", status, 130)


# Both ends send and receive at once; each end knows what is to come.
EXCHANGE = r"""
import hashlib, socket, sys, threading, time
SIZE = 16 << 20
def data(name):
    block = hashlib.shake_256(name.encode()).digest(1 << 16)
    return block * (SIZE // len(block))
def exchange(stream, own, other):
    sender = threading.Thread(target=lambda: (stream.sendall(data(own)), stream.shutdown(socket.SHUT_WR)))
    sender.start()
    got = bytearray()
    while part := stream.recv(1 << 20):
        got += part
    sender.join()
    print(own, 'got', len(got) >> 20, 'MiB', 'intact' if got == data(other) else 'changed', flush=True)
def listen(port):
    listener = socket.create_server(('', port))
    return listener, listener.accept
if sys.argv[1] == 'server':
    listener, accept = listen(5000)
    exchange(accept()[0], 'server', 'client')
    listener, accept = listen(5001)
    accept()[0].sendall(b'hello from the server\n')
else:
    until = time.monotonic() + 100
    while True:
        try:
            stream = socket.create_connection(('server', 5000), 10)
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    stream.settimeout(100)
    listener, accept = listen(5002)
    exchange(stream, 'client', 'server')
    accept()[0].sendall(b'whoever you are\n')
time.sleep(1000)
"""
NETWORK = r"""
services:
  server: {image: PYTHON, x-kos-kind: microvm, networks: [front, back], command: ["-c", EXCHANGE, "server"]}
  client: {image: PYTHON, x-kos-kind: microvm, networks: [front], command: ["-c", EXCHANGE, "client"]}
  outsider:
    image: IMAGE
    x-kos-kind: microvm
    networks: {back: {aliases: [visitor]}}
    cap_add: [NET_ADMIN]
    command: [busybox, sh, -c, 'busybox grep -c client /etc/hosts; busybox ping -c 2 -W 60 server >/dev/null && echo pinged;
      until busybox nc server 5001 </dev/null 2>/dev/null; do busybox sleep 0.2; done;
      busybox ip address add 10.89.0.77/24 dev eth0; busybox ping -c 2 -W 2 10.89.0.3 >/dev/null || echo apart;
      busybox nc -w 2 10.89.0.3 5002 </dev/null 2>/dev/null || echo unreachable;
      busybox ip link set eth0 down; busybox ip link set eth0 address 02:00:00:00:00:07; busybox ip link set eth0 up;
      busybox ping -c 2 -W 2 server >/dev/null || echo nameless']
networks: {front: , back: }
"""


def network_case():
    """Guests on one network send to each other, both ways at once; one on another network reaches the first by no trick,
    and nobody with an address that is not his."""
    text = NETWORK.replace("PYTHON", f"oci:{debian('python')}").replace("EXCHANGE", json.dumps(EXCHANGE))
    finished = up(text, "--exit-code-from", "outsider")
    lines = [" ".join(line.split()) for line in finished.stdout.splitlines()]
    of = {name: [line.split("| ", 1)[1] for line in lines if line.startswith(f"{name} |")]
          for name in ("server", "client", "outsider")}
    expect(f"client (errors: {finished.stderr})", of["client"], ["client got 16 MiB intact"])
    expect("server", of["server"], ["server got 16 MiB intact"])
    expect("outsider", of["outsider"],
           ["0", "pinged", "hello from the server", "apart", "unreachable", "nameless"])


MESSAGES = r"""
services:
  echo: {image: TRAFFIC, x-kos-kind: native, networks: [tier], command: [answer, "5050"]}
  drain: {image: TRAFFIC, x-kos-kind: native, networks: [tier], command: [drain, "81"]}
  ask: {image: TRAFFIC, x-kos-kind: native, networks: [tier], command: [ask, "7070", "20", "8", "4096"],
    depends_on: {guest: {condition: service_healthy}}}
  pour:
    image: TRAFFIC
    x-kos-kind: native
    networks: [tier]
    command: [pour, guest, "9090", "1"]
    restart: on-failure
  guest:
    image: PYTHON
    x-kos-kind: microvm
    networks: [tier]
    privileged: true
    configs: [{source: script, target: /messages.py}]
    healthcheck: {test: [PROTOCOL, "7070"]}
    command: [/messages.py, member]
  stranger:
    image: PYTHON
    x-kos-kind: microvm
    networks: [other]
    privileged: true
    configs: [{source: script, target: /messages.py}]
    command: [/messages.py, stranger, 10.89.0.3]
configs: {script: {file: SCRIPT}}
networks:
  tier: {x-msg-server: "Poukai.msg0"}
  other: {x-msg-server: "Poukai.msg0"}
"""


def messages_case():
    """Native services and a microVM exchange messages and streams both ways, the container by the socket that natives
    have too; a microVM beyond their network sees nothing of them."""
    with tempfile.TemporaryDirectory() as folder:
        # Python may publish what its label says.
        shutil.copytree(debian("python"), f"{folder}/python")
        image.run("umoci", "config", "--image", f"{folder}/python:latest",
                  "--config.label", "com.koskit.app.spec.publishes=7070")
        text = MESSAGES.replace("PYTHON", f"oci:{folder}/python:latest").replace("TRAFFIC", f"oci:{IMAGES}/traffic")
        finished = up(text.replace("SCRIPT", f"{image.ROOT}/tests/microvm/messages_guest.py"))
    lines = sorted(re.sub(r", \d+ ns each$", "", " ".join(line.split())) for line in finished.stdout.splitlines())
    lines = [line for line in lines if not line.startswith("Poukai ")]
    expected = ["ask | 20 messages of 4096 bytes came back in order", "ask | 20 messages of 8 bytes came back in order",
                f"drain | {1 << 20} bytes, 0 words wrong", "echo | answered 60", "echo | echoed 100000 bytes",
                "guest | a stream came back", "guest | messages came back",
                "guest | served 40", "guest | streams are whole", "pour | poured 1 MiB", "stranger | nothing is seen"]
    if finished.returncode != 0 or [line for line in lines if " | " in line and "wrong: " not in line] != expected:
        sys.exit(f"status {finished.returncode}\n{finished.stdout}{finished.stderr}")


UPLINK = r"""
import socket, sys
def exchange():
    stream = socket.create_connection(('198.51.100.1', 5000), 30)
    stream.settimeout(100)
    stream.sendall(bytes(range(256)) * 16384)
    got = bytearray()
    while part := stream.recv(1 << 20):
        got += part
    print('got', len(got) >> 20, 'MiB', 'intact' if got == b'from the host.. ' * 262144 else 'changed')
def reaches(*address):
    try:
        socket.create_connection(address, 3).close()
        return 'reached'
    except OSError:
        return 'not reached'
if sys.argv[1] == 'out': exchange()
print(reaches('198.51.100.1', 5000), reaches('10.88.0.1', 5003))
"""


def uplink_case():
    """With --net passt a guest reaches a service of the host's network, both ways, but not the host's loopback;
    without it nothing."""
    if shutil.which("passt") is None:
        skip("there is no passt")
    if os.environ.get("KOS_IN_NAMESPACE") is None:
        users = [] if os.geteuid() == 0 else ["--map-root-user"]
        if subprocess.run(["unshare", *users, "--net", "true"], capture_output=True).returncode != 0:
            skip("there may be no network namespaces")
        os.execvpe("unshare", ["unshare", *users, "--net", sys.executable, *sys.argv], {**os.environ, "KOS_IN_NAMESPACE": "1"})
    # A network of its own: a host with a way out, and a second address that is not the guest's.
    for words in ("tuntap add mode tap name out", "link set lo up", "link set out up", "address add 192.0.2.2/24 dev out",
                  "address add 198.51.100.1/32 dev lo", "route add default via 192.0.2.1"):
        subprocess.run(["ip", *words.split()], check=True)
    outside, inside = socket.create_server(("198.51.100.1", 5000)), socket.create_server(("127.0.0.1", 5003))
    reached = []

    def serve():
        stream = outside.accept()[0]
        got = bytearray()
        while len(got) < 4 << 20 and (part := stream.recv(1 << 20)):
            got += part
        reached.append((len(got), got == bytes(range(256)) * 16384))
        stream.sendall(b"from the host.. " * 262144)
        stream.close()
        while True:
            outside.accept()[0].close()
            reached.append("again")

    threading.Thread(target=serve, daemon=True).start()
    finished = run(debian("python"), "-c", UPLINK, "out", options=["--net", "passt"])
    expect_run(finished, "got 4 MiB intact\nreached not reached\n", 0)
    expect("what the host got", reached[0], (4 << 20, True))
    count = len(reached)
    finished = run(debian("python"), "-c", UPLINK, "nowhere")
    expect_run(finished, "not reached not reached\n", 0)
    expect("connections", len(reached), count)
    inside.close()


VOLUMES = r"""
services:
  keeper:
    image: IMAGE
    x-kos-kind: microvm
    volumes: ["data:/data", "data:/seen:ro"]
    command: [busybox, sh, -c, 'busybox ls -A /data; busybox cat /seen/file; echo $$((1 + $$(busybox cat /data/file || echo 0))) >/data/file; (echo x >/seen/other) 2>/dev/null || echo read-only']
volumes: {data: }
"""


def volumes_case():
    """What is written to a volume is there in the next run; on seL4 there is no disk yet."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KOS_VOLUMES"] = folder
        for seen in ([], ["file", "1"], ["file", "2"]):
            finished = up(VOLUMES, "-p", "project")
            lines = [line.removeprefix("keeper  | ") for line in finished.stdout.splitlines()]
            lines = [line for line in lines if "No such file" not in line]
            expect(f"output (errors: {finished.stderr})", lines, seen + ["read-only", "keeper exited with code 0"])
        expect("volumes", os.listdir(f"{folder}/project"), ["data.ext4"])
        checked = subprocess.run(["/sbin/e2fsck", "-fn", f"{folder}/project/data.ext4"], capture_output=True, text=True)
        expect(f"e2fsck: {checked.stdout}", checked.returncode & ~1, 0)
    finished = up(VOLUMES, target="qemu")
    if finished.returncode != 125 or "compose.yaml:6:" not in finished.stderr:
        sys.exit(f"seL4 takes a volume: {finished.stderr}")


def elixir_case():
    finished = run(debian("elixir"), "-e", ELIXIR_PROGRAM)
    expect_run(finished, "started\n5\n[0, 1, 4, 9]\n", 6)


def mosquitto_case():
    finished = run(debian("mosquitto"), "-c", MOSQUITTO_SCRIPT, options=["--entrypoint", "/bin/sh"])
    expect_run(finished, "kos/first retained\nkos/second live\nended 0\n", 0, "")


def documented():
    """The rows of docs/microvm.md's table of what is added: title → what stands in backquotes, braces expanded."""
    rows = {}
    with open(f"{image.ROOT}/docs/microvm.md", encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.startswith("| ") and len(cells) == 2:
                rows[cells[0].strip("`")] = [path for text in re.findall("`([^`]*)`", cells[1]) for path in expanded(text)]
    return rows


def expanded(text):
    found = re.fullmatch(r"(.*)\{(.*)\}(.*)", text)
    return [found[1] + part + found[3] for part in found[2].split(",")] if found else [text]


def rules_of(profile):
    """docker's profile as libseccomp's users read it, for arm64 and the granted capabilities."""
    def holds(conditions):
        return (("arm64" in conditions.get("arches", ["arm64"])),
                any(name in CAPABILITIES for name in conditions["caps"]) if "caps" in conditions else True)
    for rule in profile["syscalls"]:
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        if not all(holds(includes)) or "arm64" in excludes.get("arches", []):
            continue
        if any(name in CAPABILITIES for name in excludes.get("caps", [])):
            continue
        yield {key: rule[key] for key in ("names", "action", "errnoRet", "args") if rule.get(key) not in (None, [])}


def added_case():
    """The semantic difference between the image and config.json is exactly the documented list."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([KOS, "pack", "--microvm", f"oci:{BUSYBOX}:latest", "-o", f"{folder}/image"], check=True)
        text = read_from_disks(f"{folder}/image", "container/config.json")
        filter_ahead = read_from_disks(f"{folder}/image", "container/seccomp.bpf")
        with open(f"{folder}/config.json", "wb") as file:
            file.write(text)
        subprocess.run([KOS_OCI, "compile-seccomp", "--bundle", folder, "--machine", "aarch64"], check=True)
        with open(f"{folder}/seccomp.bpf", "rb") as file:
            expect("seccomp.bpf is what the runtime compiles", filter_ahead, file.read())
    config = json.loads(text)
    with open(f"{BUSYBOX}.bundle/config.json", encoding="utf-8") as file:
        process = json.load(file)["process"]
    rows = documented()
    with open("/usr/share/containers/seccomp.json", encoding="utf-8") as file:
        profile = json.load(file)
    expected = {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False, "noNewPrivileges": False,
            "user": {key: process["user"][key] for key in ("uid", "gid")},
            "args": process["args"], "cwd": process["cwd"],
            # umoci adds TERM by itself.
            "env": [variable for variable in process["env"] if not variable.startswith("TERM=")],
            "capabilities": {kind: CAPABILITIES for kind in ("bounding", "effective", "permitted")}},
        "root": {"path": "rootfs", "readonly": False},
        "hostname": "busybox",
        "mounts": [{"destination": path, "type": kind, "source": source, "options": options}
                   for path, kind, source, options in MOUNTS],
        "linux": {
            "resources": {"devices": DEVICES},
            "namespaces": sorted(({"type": kind} for kind in ("pid", "ipc", "uts", "mount", "cgroup")), key=str),
            "maskedPaths": sorted(rows["masked"]), "readonlyPaths": sorted(rows["read-only"]),
            "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": profile["defaultErrnoRet"],
                        "architectures": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"], "syscalls": list(rules_of(profile))}}}
    for kind in ("bounding", "effective", "permitted"):
        config["process"]["capabilities"][kind].sort()
    for key in ("maskedPaths", "readonlyPaths"):
        config["linux"][key].sort()
    config["linux"]["namespaces"].sort(key=str)
    for path in sorted(set(leaves(expected)) | set(leaves(config))):
        expect(path, dict(leaves(config)).get(path), dict(leaves(expected)).get(path))
    expect("config.json", config, expected)
    expect("documented capabilities", sorted(f"CAP_{name}" for name in rows["capabilities"][0].split()), CAPABILITIES)
    expect("documented mounts", rows["mounts"] + rows["mounts of the guest's files"], [path for path, *_ in MOUNTS])


def leaves(value, path=""):
    """Pointer → text of every value that holds no others."""
    found = {}
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            found.update(leaves(inner, f"{path}/{key}"))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            found.update(leaves(inner, f"{path}/{number}"))
    else:
        found[path] = json.dumps(value)
    return found


def seccomp_case():
    """The filter is in force in the guest."""
    finished = run(BUSYBOX, "busybox", "grep", "-E", "^Seccomp(_filters)?:", "/proc/self/status")
    expect("output", finished.stdout.split(), ["Seccomp:", "2", "Seccomp_filters:", "1"])
    expect("errors", finished.stderr, "")


def read_from_disks(path, name):
    """A file of the last squashfs in a system image that has it."""
    with open(path, "rb") as file:
        data = file.read()
    at = len(data)
    while (at := data.rfind(b"hsqs", 0, at)) >= 0:
        if at % 4096:
            continue
        with tempfile.NamedTemporaryFile() as disk:
            disk.write(data[at:])
            disk.flush()
            found = subprocess.run(["rdsquashfs", "-c", name, disk.name], capture_output=True)
        if found.returncode == 0:
            return found.stdout
    sys.exit(f"{name} is on no disk of {path}")


def started(*arguments, options=()):
    """A run whose container has said `started`."""
    process = subprocess.Popen(command(BUSYBOX, *arguments, options=options), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    expect("first line", process.stdout.readline(), "started\n")
    return process


def qemu_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as file:
        direct = file.read().split()
    for task in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{task}/children", encoding="utf-8") as file:
            direct += file.read().split()
    for pid in direct:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            if file.read().startswith("qemu-system"):
                return int(pid)
    sys.exit("QEMU is no child of kos")


def expect_gone(pid):
    for _ in range(200):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
        except OSError:
            return
        time.sleep(0.05)
    sys.exit("QEMU still runs")


def stop_case():
    process = started("busybox", "sh", "-c", "trap 'echo told; exit 9' TERM; echo started; while :; do sleep 1; done")
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    expect("output", (output, process.returncode), ("told\n", 9))
    process = started("busybox", "sh", "-c", "trap '' TERM; echo started; while :; do sleep 1; done")
    qemu = qemu_of(process)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    expect("status", process.returncode, 137)
    if time.monotonic() - begin < 8:
        sys.exit("the container was killed before its deadline")
    expect_gone(qemu)


def exec_case():
    """kos exec from other processes, in a system that runs in the background."""
    with tempfile.TemporaryDirectory() as folder:
        compose_project(folder, executed.PROJECT)
        subprocess.run([*up_command(), "-d"], cwd=folder, check=True, stdin=subprocess.DEVNULL, timeout=240)
        try:
            executed.all_of(KOS, folder, 100_000 if TARGET == "sim" else 4000)
        finally:
            down = subprocess.run([KOS, "down"], cwd=folder, stdin=subprocess.DEVNULL, timeout=120)
        expect("down", down.returncode, 0)


def qemu_killed_case():
    process = started("busybox", "sh", "-c", "echo started; sleep 100")
    os.kill(qemu_of(process), signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    expect("status", process.returncode, 125)
    if "QEMU was killed by signal 9" not in errors:
        sys.exit(f"its death is not told:\n{errors}")


def kos_killed_case():
    process = started("busybox", "sh", "-c", "echo started; sleep 100")
    qemu = qemu_of(process)
    process.kill()
    process.wait()
    expect_gone(qemu)


def expect_named(errors, *names):
    """Each is told, in this order."""
    at = 0
    for name in names:
        at = errors.find(name, at)
        if at < 0:
            sys.exit(f"{name!r} is not told:\n{errors}")


def expect_alone(finished, status):
    """The guest's output is kept and its status told; what runs beside it goes on to its own end."""
    expect(f"output (errors: {finished.stderr})", finished.stdout.splitlines(),
           ["guest   | before", f"guest exited with code {status}", "beside exited with code 0"])


def panic_case():
    finished = up(faults.SYSTEM.replace("KEY", "c"))
    expect_alone(finished, 125)
    expect_named(finished.stderr, "Kernel panic - not syncing: sysrq triggered crash",
                 "KOS-E-GUEST-PANIC: the guest's kernel panicked")


def killed_case():
    expect_alone(up(faults.SYSTEM.replace("KEY", "i")), 137)


def out_of_memory_case():
    with tempfile.TemporaryDirectory() as folder:
        finished = run(BUSYBOX, "busybox", "sh", "-c", faults.EAT, options=["--report", f"{folder}/report"])
        with open(f"{folder}/report", encoding="utf-8") as file:
            errors, = [app["errors"] for app in json.load(file)["apps"]]
    expect("output", (finished.stdout, finished.returncode), ("killed 1\n", 5))
    expect_named(finished.stderr, "KOS-E-GUEST-MEMORY: ")
    expect("errors in the report", [error.split(":")[0] for error in errors], ["KOS-E-GUEST-MEMORY"])


def disk_full_case():
    finished = run(BUSYBOX, "busybox", "sh", "-c", faults.FILL)
    expect("output", (finished.stdout, finished.returncode), ("status 1\nkept\n", 0))
    expect_named(finished.stderr, "No space left on device")
    finished = run(BUSYBOX, "busybox", "sh", "-c", faults.FILL.split(";", maxsplit=1)[0] + "; exit 6")
    expect(f"status (errors: {finished.stderr})", finished.returncode, 6)
    expect_named(finished.stderr, "KOS-E-GUEST-STORAGE: ")


def module_case():
    """A damaged module is found by the guest (one that is not there: kosinit.bad_modules)."""
    kernel = subprocess.run([f"{image.ROOT}/scripts/guest-kernel"], check=True, capture_output=True,
                            text=True).stdout.splitlines()[-1]
    with tempfile.TemporaryDirectory() as folder:
        damaged = faults.with_damaged_module(kernel, "overlay", f"{folder}/kernel")
        finished = run(BUSYBOX, "busybox", "true", KOS_GUEST_KERNEL=damaged)
    expect(f"status (errors: {finished.stderr})", finished.returncode, 125)
    expect_named(finished.stderr, "KOS-E-GUEST-MODULE: ", "overlay.ko")


def small_kernel_case():
    """What guests do with Debian's kernel they do with the small one."""
    found = subprocess.run([f"{image.ROOT}/scripts/small-guest-kernel", "--find"], capture_output=True, text=True)
    if found.returncode != 0:
        print(f"skipped: {found.stderr.strip()}")
        sys.exit(77)
    os.environ["KOS_GUEST_KERNEL"] = found.stdout.strip()
    cases = [output_case, files_case, python_case, read_only_case, container_keys_case, health_case, seccomp_case,
             out_of_memory_case, disk_full_case]
    if TARGET == "sim":
        cases += [elixir_case, mosquitto_case, tree_case, volumes_case]
    for case in cases:
        case()


def vmm_fault_case():
    """A VMM that faults while its guest runs, when that has written something."""
    with tempfile.TemporaryDirectory() as folder:
        programs = faults.breaking(PROGRAMS, "container_output", f"{folder}/target")
        finished = up(faults.SYSTEM.replace("KEY", "h"), KOS_TARGET_DIR=programs)
    expect(f"output (errors: {finished.stderr})", finished.stdout.splitlines(),
           ["guest exited with code 132", "beside exited with code 0"])
    expect_named(finished.stderr, "SIGILL (illegal instruction)")


def kit(text, image_name, folder, **files):
    """A LinuxKit file in the folder, and what runs it."""
    for name, content in {"kit.yml": text.replace("IMAGE", f"oci:{image_name}:latest"), **files}.items():
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(content)
    return [KOS, "run", "--target", TARGET, "--timeout", "240", f"{folder}/kit.yml"]


def by_container(output):
    """Lines of output by their containers."""
    lines = {}
    for line in output.splitlines():
        name, _, rest = line.partition(" | ")
        lines.setdefault(name, []).append(rest)
    return lines


def linuxkit_case():
    """Each key of a LinuxKit file holds in the guest; the order of its stages; notes; the first bad status."""
    with_interface = TARGET != "qemu"  # there guests have no eth0 yet
    text = linuxkit.KEYS.replace("INTERFACES", "interfaces: [{name: eth0}]" if with_interface else "cgroups: []")
    expected = {name: [line.replace("INTERFACES", "eth0 lo" if with_interface else "lo") for line in lines]
                for name, lines in linuxkit.KEYS_OUTPUT.items()}
    with tempfile.TemporaryDirectory() as folder:
        finished = subprocess.run(kit(text, BUSYBOX, folder), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=280)
    found = by_container(finished.stdout)
    for name, lines in expected.items():
        expect(f"{name} (errors: {finished.stderr})", found.get(name), lines)
    expect("containers", sorted(found), sorted(expected))
    expect("order of the stages", (list(found)[0], list(found)[-1]), ("onboot-000-first", "onshutdown-000-last"))
    expect("status", finished.returncode, 3)
    expect_named(finished.stderr, "kos: note: kernel: linuxkit/kernel:6.6.71", "kos: note: init: linuxkit/init:abc")


def linuxkit_mosquitto_case():
    """A broker and its clients in two containers of one guest; SIGTERM ends the guest in order."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(kit(linuxkit.MOSQUITTO, debian("mosquitto"), folder), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True)
        expect("output", [process.stdout.readline().rstrip("\n") for _ in linuxkit.MOSQUITTO_OUTPUT],
               linuxkit.MOSQUITTO_OUTPUT)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    expect("what onshutdown wrote", rest, "onshutdown-000-last | bye\n")
    expect("status", process.returncode, 0)


def run_damaged(folder, kind):
    """kos run of a LinuxKit file whose disks are damaged as they are packed."""
    library = f"{folder}/damage.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, f"{image.ROOT}/tests/microvm/damage.c", "-ldl"],
                   check=True)
    words = kit(linuxkit.DAMAGED, BUSYBOX, folder, damaged="DAMAGE!\n" * 16384)
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280,
                          env={**os.environ, "LD_PRELOAD": library, "KOS_DAMAGE": kind})


def damaged_data_case():
    """A block of a file on the disk is damaged: who reads it gets EIO, that is told by name, the others go on."""
    with tempfile.TemporaryDirectory() as folder:
        finished = run_damaged(folder, "data")
    expect(f"output (errors: {finished.stderr})", by_container(finished.stdout),
           {"reader": ["whole", "status 1"], "beside": ["fine"]})
    expect("status", finished.returncode, 4)
    expect_named(finished.stderr, "KOS-E-GUEST-DAMAGE: kernel: ", "SQUASHFS error")
    if "reader | busybox: " not in finished.stderr and "Input/output error" not in finished.stderr:
        sys.exit(f"the container does not see EIO:\n{finished.stderr}")


def damaged_metadata_case():
    """A disk whose metadata is damaged cannot be mounted, which is told by name."""
    with tempfile.TemporaryDirectory() as folder:
        finished = run_damaged(folder, "metadata")
    expect(f"status and output (errors: {finished.stderr})", (finished.returncode, finished.stdout), (125, ""))
    expect_named(finished.stderr, "KOS-E-GUEST-MOUNT: ")


reason = missing()
if reason:
    print(f"skipped: {reason}")
    sys.exit(77)
begun = time.monotonic()
with tempfile.TemporaryDirectory() as instances:
    os.environ["XDG_RUNTIME_DIR"] = instances
    globals()[sys.argv[1].replace("-", "_") + "_case"]()
print(f"{sys.argv[1]}: {time.monotonic() - begun:.1f} s")
