#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Our network device on a tap, and our vsock, against QEMU's built-in network device on another tap, in one guest; prints
JSON."""

import collections
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/vmm"))
import guest as machine  # noqa: E402

SECONDS = 1.5
PORT = 5201
TAPS = [("kos0", "10.1.0.1/24"), ("qemu0", "10.2.0.1/24")]


def serve(stream):
    """What the guest asks for: it sends, it receives, or every byte comes back."""
    with stream:
        if stream.family == socket.AF_INET:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        what, buffer = stream.recv(1), bytearray(1 << 20)
        if what == b"s":
            while stream.recv_into(buffer):
                pass
            stream.sendall(b"k")
        elif what == b"r":
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                stream.sendall(buffer)
        else:
            while size := stream.recv_into(buffer):
                stream.sendall(buffer[:size])


def accept(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


def run(folder):
    for name, address in TAPS:
        subprocess.run(["ip", "tuntap", "add", "mode", "tap", "vnet_hdr", "name", name], check=True)
        subprocess.run(["ip", "address", "add", address, "dev", name], check=True)
        subprocess.run(["ip", "link", "set", name, "up"], check=True)
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(f"{folder}/v_{PORT}")
    unix.listen()
    for listener in [socket.create_server(("", PORT)), unix]:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
    guest = machine.Guest(folder)
    try:
        path = guest.device("k", "net", "--tap", "kos0")
        guest.arguments += ["-chardev", f"socket,id=k,path={path}", "-netdev", "vhost-user,id=nk,chardev=k,queues=1",
                            "-device", "virtio-net-device,netdev=nk,mac=02:6b:6f:73:00:01",
                            "-netdev", "tap,id=nq,ifname=qemu0,script=no,downscript=no,vhost=off",
                            "-device", "virtio-net-device,netdev=nq,mac=02:6b:6f:73:00:02"]
        guest.other("vsock", "vsock", "vhost-user-vsock-device", "--cid", "3", "--path", f"{folder}/v")
        guest.start("do=measure-networks")
        measured = collections.defaultdict(list)
        while not (line := guest.line("")).startswith("ok all"):
            if line.startswith("measure "):
                _, device, load, rate = line.split()
                measured[load, device].append(float(rate))
    finally:
        guest.stop()
    results = []
    for load in sorted({load for load, _ in measured}):
        unit = "per_second" if load == "round-trips" else "mb_per_second"
        theirs = measured[load, "qemu"]
        for name in ["kos", "vsock"]:
            ours = measured[load, name]
            results.append({"device": name, "load": load, unit: statistics.median(ours),
                            f"qemu_{unit}": statistics.median(theirs),
                            "ratio_to_qemu": round(statistics.median(a / b for a, b in zip(ours, theirs)), 2)})
    return results


def main():
    if why := machine.missing():
        sys.exit(f"cannot measure here: {why}")
    if os.environ.get("KOS_IN_NAMESPACE") is None:
        # Interfaces and addresses of its own; as another user than root, with a user namespace as well.
        users = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.execvpe("unshare", ["unshare", *users, "--net", sys.executable, *sys.argv], {**os.environ, "KOS_IN_NAMESPACE": "1"})
    with tempfile.TemporaryDirectory(prefix="kos-bench-") as folder:
        print(json.dumps({"benchmarks": run(folder)}, indent=2))


if __name__ == "__main__":
    main()
