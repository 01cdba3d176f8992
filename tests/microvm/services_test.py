#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Services that talk to each other, native and in microVMs, none of which knows which of the two its peer is.
Usage: services_test.py CASE TARGET KOS IMAGES; TARGET is sim or qemu, IMAGES the folder of the test images."""

import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import image

sys.path.insert(0, os.path.join(image.ROOT, "tests", "compose"))
from project import Project, positions, skip_without_kernel  # noqa: E402

SCRIPT = f"{image.ROOT}/tests/microvm/service_programs.py"
MESSAGES = f"{image.ROOT}/examples/messages"
# A pair on a network of its own for each of the ways; what is native, and what a microVM.
EXAMPLE = "services:\n" + "".join(
    f"  {side}-{name}:\n    {{image: 'kos:apps/{side}', x-kos-kind: {kind}, networks: [{name}], command: [{side}, '5050'],"
    f" {'' if side == 'server' else f'depends_on: [server-{name}], restart: on-failure,'} hostname: {side}}}\n"
    for name, kinds in [("front", ("native", "microvm")), ("back", ("microvm", "native")), ("both", ("microvm",) * 2)]
    for side, kind in zip(["client", "server"], kinds)
) + "networks:\n" + "".join(f"  {name}: {{x-msg-server: Poukai.msg0}}\n" for name in ("front", "back", "both"))
MQTT = """
services:
  broker:
    image: MOSQUITTO
    x-kos-kind: microvm
    networks: [tier]
    configs: [{source: broker, target: /broker.conf}]
    command: ["-c", /broker.conf]
  publisher: {image: PROGRAM, x-kos-kind: native, networks: [tier], command: [broker, "1883", "5"], depends_on: [broker]}
  subscriber:
    image: PYTHON
    x-kos-kind: microvm
    networks: [tier]
    configs: [{source: script, target: /subscribe.py}]
    command: [/subscribe.py, subscribe, "5"]
configs: {script: {file: SCRIPT}, broker: {file: BROKER}}
networks: {tier: {x-msg-server: Poukai.msg0}}
"""
WEB = """
services:
  web: {image: GO, x-kos-kind: native, networks: [tier], command: [server, "80"]}
  pages: {image: PYTHON, x-kos-kind: microvm, networks: [tier], command: ["-m", http.server, "8080"]}
  fetch:
    image: BUSYBOX
    x-kos-kind: native
    networks: [tier]
    entrypoint: [/bin/busybox, wget, "-q", "-O", "-", "http://pages:8080/etc/hostname"]
    restart: on-failure
  asker:
    image: PYTHON
    x-kos-kind: microvm
    networks: [tier]
    depends_on: {fetch: {condition: service_completed_successfully}}
    configs: [{source: script, target: /ask.py}]
    command: [/ask.py, web]
configs: {script: {file: SCRIPT}}
networks: {tier: {x-msg-server: Poukai.msg0}}
"""
PORTS = """
services:
  echo:
    image: PYTHON
    x-kos-kind: microvm
    configs: [{source: script, target: /echo.py}]
    command: [/echo.py, echo, "7"]
    ports: ["7", "8"]
  web: {image: GO, x-kos-kind: native, command: [server, "80"], ports: ["80"]}
configs: {script: {file: SCRIPT}}
"""


def said_by(output, service):
    """What a service said, in its order."""
    lines = (line.split("| ", 1) for line in output.splitlines() if "| " in line)
    return [line[1] for line in lines if line[0].strip() == service]


def expect(output, service, *lines):
    found = said_by(output, service)
    assert found == list(lines), f"{service} said {found}, expected {list(lines)}; the output:\n{output}"


def project(target, kos, images, text):
    layouts = {name: f"oci:{images}/{layout}" for name, layout in
               [("PYTHON", "debian-python:latest"), ("MOSQUITTO", "debian-mosquitto:latest"), ("GO", "go-web"),
                ("BUSYBOX", "layers-umoci"), ("PROGRAM", "mqtt")]}
    for name, layout in {**layouts, "SCRIPT": SCRIPT}.items():
        text = text.replace(name, layout)
    return Project(target, kos, text, 270)


def example_case(target, kos, images):
    """examples/messages with either side, and both, in a microVM."""
    with tempfile.TemporaryDirectory() as store:
        os.environ["KOS_IMAGES"] = f"{store}/images"
        subprocess.run([f"{MESSAGES}/build-image"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, "KOS": kos})
        status, output = project(target, kos, images, EXAMPLE).run()
    assert status == 0, output
    words = ["hello", "how are you", "goodbye"]
    # A native client that has waited ten seconds for a guest to start ends, and is started again.
    output = re.sub(r"client-front +\| request 5050: status 6\n", "", output)
    for name in ("front", "back", "both"):
        expect(output, f"client-{name}", *(f'client: "{word}" -> "{word.upper()}"' for word in words))
        expect(output, f"server-{name}", "server: 5050 is published", "server: a client has come",
               *(f'server: got "{word}"' for word in words), "server: the client has gone")


def mqtt_case(target, kos, images):
    """An MQTT broker in a microVM, a native publisher, a subscriber in another microVM."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/broker.conf", "w", encoding="ascii") as file:
            file.write("listener 1883\nallow_anonymous true\n")
        system = project(target, kos, images, MQTT.replace("BROKER", f"{folder}/broker.conf"))
        status, output = system.run_until(["publisher exited with code 0", "subscriber exited with code "], signal.SIGINT)
    assert status == 130, output
    expect(output, "publisher", "published 5")
    expect(output, "subscriber", ", ".join(f"kos/{n} message {n}" for n in range(1, 6)))


def web_case(target, kos, images):
    """Python in a guest asks Go's net/http, native, and Python's http.server in another guest; busybox wget, native, asks
    that one as well. A port on which nobody listens refuses; names of both ends are the services'."""
    status, output = project(target, kos, images, WEB).run_until(["asker exited with code "], signal.SIGINT)
    assert status == 130, output
    expect(output, "asker", "a page of Go", "4 sums", "pages", "True True", "refused")
    positions(output, "server: it has ended in good order", "asker exited with code 0")
    assert "pages" in said_by(output, "fetch"), output


def published(kos, system):
    """By the service's port, the host's."""
    shown = subprocess.run([kos, "ps", "--format", "json"], cwd=system.folder.name, env=system.environment, check=True,
                           capture_output=True, text=True).stdout
    ports = [port.split("->") for line in shown.splitlines() for port in json.loads(line)["Ports"]]
    return {target: int(host.rsplit(":", 1)[1]) for host, target in ports}


def echoed(port, data):
    """What comes back once the client's half has ended."""
    with socket.create_connection(("127.0.0.1", port), timeout=200) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return client.makefile("rb").read()


def resets(port):
    try:
        return echoed(port, b"") is None
    except ConnectionResetError:
        return True


def ports_case(target, kos, images):
    """Ports of the host lead to a Python server in a microVM and to a native one of Go's, side by side: bytes come back
    whole over several connections at once; where nobody listens, or the guest has ended, connections are reset."""
    system = project(target, kos, images, PORTS)
    size = (1 << 18) if target == "sim" else (1 << 16)

    def command(*words):
        return subprocess.run([kos, *words], cwd=system.folder.name, env=system.environment, check=False, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=250)
    up = command("up", "-d", "--target", target, "--timeout", "280")
    skip_without_kernel(up.stderr)
    assert up.returncode == 0, up.stderr
    try:
        ports = published(kos, system)
        echo, nobody, web = (ports[f"{port}/tcp"] for port in (7, 8, 80))
        end = time.monotonic() + 120
        while resets(echo):
            assert time.monotonic() < end, "the guest does not listen"
            time.sleep(0.2)
        data = [bytes([number]) * size for number in range(4)]
        with concurrent.futures.ThreadPoolExecutor(len(data)) as pool:
            begin = time.monotonic()
            assert list(pool.map(lambda each: echoed(echo, each), data)) == data
            print(f"{len(data)} times {size >> 10} KiB there and back: {time.monotonic() - begin:.1f} s")
        assert echoed(web, b"GET /page HTTP/1.0\r\n\r\n").endswith(b"a page of Go\n")
        assert resets(nobody), "nobody listens on 8"
        stopped = command("kill", "echo")
        assert stopped.returncode == 0, stopped.stderr
        assert command("wait", "echo").stdout.strip().endswith("137")
        assert resets(echo), "the guest has ended"
        assert echoed(web, b"GET /page HTTP/1.0\r\n\r\n").endswith(b"a page of Go\n")
    except BaseException:
        print(*(command(word) for word in ("logs", "down")))
        raise
    down = command("down", "--verbose")
    assert down.returncode == 0, down.stderr


if __name__ == "__main__":
    if shutil.which("qemu-system-aarch64") is None or shutil.which("umoci") is None:
        print("skipped: there is no qemu-system-aarch64, or no umoci")
        sys.exit(77)
    if subprocess.run([f"{image.ROOT}/scripts/guest-kernel"], capture_output=True, check=False).returncode != 0:
        print("skipped: Debian's arm64 kernel cannot be fetched")
        sys.exit(77)
    globals()[sys.argv[1] + "_case"](*sys.argv[2:])
    print(f"{sys.argv[1]}: well")
