#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Our disks against QEMU's built-in device and qemu-storage-daemon, in one guest; prints JSON."""

import collections
import json
import os
import statistics
import subprocess
import sys
import tempfile

import paired

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/vmm"))
import guest as machine  # noqa: E402

SIZE = 128 << 20


def start(folder):
    for name in ["qemu", "storage", "kos"]:
        with open(f"{folder}/{name}", "wb") as file:
            for _ in range(SIZE >> 20):
                file.write(os.urandom(1 << 20))
    guest = machine.Guest(folder)
    guest.disk("kos", f"{folder}/kos", "kos")
    guest.arguments += ["-drive", f"file={folder}/qemu,format=raw,if=none,id=q,cache=writeback",
                        "-device", "virtio-blk-device,drive=q,serial=qemu"]
    path = f"{folder}/storage.sock"
    guest.processes["storage"] = subprocess.Popen(
        ["qemu-storage-daemon", "--blockdev", f"driver=file,node-name=s,filename={folder}/storage",
         "--export", f"type=vhost-user-blk,id=e,node-name=s,addr.type=unix,addr.path={path},writable=on"])
    guest.wait_for(path, guest.processes["storage"])
    guest.arguments += ["-chardev", f"socket,id=st,path={path}",
                        "-device", "vhost-user-blk,chardev=st,num-queues=1"]
    guest.start("do=measure-disks")
    return guest


def measure(guest):
    """By load and disk: requests a second of each slice, and the host's processor time for one."""
    rates, costs = collections.defaultdict(list), collections.defaultdict(list)
    used = None
    while not (line := guest.line("")).startswith("ok all"):
        if not line.startswith("measure "):
            continue
        _, disk, direction, order, size, depth, count, seconds = line.split()
        # The daemon gives all of its exports the same serial.
        disk = "storage" if disk == "vhost_user_blk" else disk
        load = f"{direction} {order} {size} depth {depth}"
        rates[load, disk].append(int(count) / float(seconds))
        before, used = used, sum(map(paired.processor_seconds, [guest.qemu, *guest.processes.values()]))
        if before is not None:
            costs[load, disk].append((used - before) / int(count) * 1e6)
    return rates, costs


def main():
    if why := machine.missing():
        sys.exit(f"disks: {why}")
    with tempfile.TemporaryDirectory(prefix="kos-bench-") as folder:
        guest = start(folder)
        try:
            rates, costs = measure(guest)
        finally:
            guest.stop()
    results = []
    for load in dict.fromkeys(load for load, _ in rates):
        result = {"load": load}
        for disk in ["kos", "qemu", "storage"]:
            result[disk] = {"per_second": round(statistics.median(rates[load, disk])),
                            "host_us": round(statistics.median(costs[load, disk]), 1)}
        # The daemon tells guests that its cache writes through, so that they never ask it for a flush.
        for other in ["qemu"] if load.startswith("flush") else ["qemu", "storage"]:
            result[f"ratio_to_{other}"] = paired.ratio(rates[load, "kos"], rates[load, other])
        results.append(result)
    print(json.dumps({"benchmarks": results}, indent=2))


if __name__ == "__main__":
    main()
