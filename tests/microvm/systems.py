# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Cases about several guests, their networks, and the commands that reach them."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import executed
import image
from runs import (
    BUSYBOX, IMAGES, KOS, TARGET, command, compose_project, debian, expect, expect_gone, expect_run, find_qemu, qemu_of, run,
    skip, started, up, up_command,
)

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
    expect("stopped in reverse order", lines[5:],
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


def stop_case():
    process = started("busybox", "sh", "-c", "trap 'echo told; exit 9' TERM; echo started; while :; do sleep 1; done")
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    expect("output", (output, process.returncode), ("told\n", 9))
    process = started("busybox", "sh", "-c", "trap '' TERM; echo started; while :; do sleep 1; done")
    qemu = qemu_of(process.pid)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    expect("status", process.returncode, 137)
    expect_deadline_since(begin)
    expect_gone(qemu)
    stopped_as_it_starts()


def expect_deadline_since(begin):
    """The deadline of a stop, 10 s, less what clocks differ in."""
    if time.monotonic() - begin < 8:
        sys.exit("what was to stop was killed before its deadline")


def stopped_as_it_starts():
    """A stop before the container is there waits for it, until the deadline; nothing is left either way."""
    process = subprocess.Popen(command(BUSYBOX, "busybox", "sleep", "1000"), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while (qemu := find_qemu(process.pid)) is None:
        expect("status", process.poll(), None)
        time.sleep(0.01)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    # On seL4 the signal may come before the VMM: what was never started ends by it at once.
    expect(f"output and status (errors: {errors})", (output, process.returncode in (137, 143)), ("", True))
    if process.returncode == 137:
        expect_deadline_since(begin)
    expect_gone(qemu)


def exec_case():
    """kos exec from other processes, in a system that runs in the background."""
    with tempfile.TemporaryDirectory() as folder:
        compose_project(folder, executed.PROJECT)
        subprocess.run([*up_command(), "-d"], cwd=folder, check=True, stdin=subprocess.DEVNULL, timeout=240)
        try:
            with open(f"{os.environ['XDG_RUNTIME_DIR']}/kos/executed/state.json", encoding="utf-8") as file:
                pid = json.load(file)["pid"]
            qemu = (lambda: qemu_of(pid)) if TARGET == "sim" else None
            executed.all_of(KOS, folder, 100_000 if TARGET == "sim" else 4000, qemu)
        finally:
            down = subprocess.run([KOS, "down"], cwd=folder, stdin=subprocess.DEVNULL, timeout=120)
        expect("down", down.returncode, 0)
