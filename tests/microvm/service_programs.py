# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What Python does in the containers of services_test.py: ordinary programs that know nothing of kos.
Usage: service_programs.py web | subscribe COUNT | echo PORT"""

import socket
import sys
import threading
import time
import urllib.error
import urllib.request


def patiently(action):
    """Whoever is not up yet refuses, at once."""
    while True:
        try:
            return action()
        except (ConnectionRefusedError, urllib.error.URLError) as error:
            if not isinstance(getattr(error, "reason", error), ConnectionRefusedError):
                raise
            time.sleep(0.1)


def get(url, data=None):
    with urllib.request.urlopen(url, data, timeout=60) as answer:
        return answer.read().decode().strip()


def web():
    """A native server of Go's, then Python's http.server in another guest."""
    print(patiently(lambda: get("http://web/page")), flush=True)
    data = b"0123456789abcdef" * 16384
    sums = []
    threads = [threading.Thread(target=lambda: sums.append(get("http://web/sum", data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sums.count("262144 bytes, CRC-32 196d7f68"), "sums", flush=True)
    print(patiently(lambda: get("http://pages:8080/etc/hostname")), flush=True)
    with socket.create_connection(("web", 80)) as stream:
        print(stream.getpeername()[0] == socket.gethostbyname("web"),
              stream.getsockname()[0] == socket.gethostbyname(socket.gethostname()), flush=True)
    try:
        socket.create_connection(("web", 81))
    except ConnectionRefusedError:
        print("refused", flush=True)
    get("http://web/quit")


def subscribe(count):
    """MQTT 3.1.1, quality of service 0."""
    stream = patiently(lambda: socket.create_connection(("broker", 1883)))
    packets = stream.makefile("rb")

    def receive():
        kind, size = packets.read(2)
        return kind, packets.read(size)
    stream.sendall(b"\x10\x12\0\4MQTT\4\2\0\x3c\0\6python")
    assert receive() == (0x20, b"\0\0")
    stream.sendall(b"\x82\x0a\0\1\0\5kos/#\0")
    assert receive() == (0x90, b"\0\1\0")
    got = []
    while len(got) < count:
        kind, body = receive()
        assert kind & 0xf0 == 0x30
        topic = 2 + body[1]
        got.append(f"{body[2:topic].decode()} {body[topic:].decode()}")
    print(*sorted(got), sep=", ", flush=True)


def echo(port):
    """Each client gets back what it has sent, once it has finished."""
    def serve(stream):
        with stream:
            stream.sendall(stream.makefile("rb").read())
    listener = socket.create_server(("", port), backlog=16)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],)).start()


if sys.argv[1] == "web":
    web()
elif sys.argv[1] == "echo":
    echo(int(sys.argv[2]))
else:
    subscribe(int(sys.argv[2]))
