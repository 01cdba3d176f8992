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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/vmm"))
import guest as machine  # noqa: E402

SIZE = 128 << 20


def run(folder):
    for name in ["qemu", "storage", "kos"]:
        with open(f"{folder}/{name}", "wb") as file:
            for _ in range(SIZE >> 20):
                file.write(os.urandom(1 << 20))
    guest = machine.Guest(folder)
    try:
        guest.disk("k", f"{folder}/kos", "kos")
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
        measured = collections.defaultdict(list)
        while not (line := guest.line("")).startswith("ok all"):
            if line.startswith("measure "):
                _, disk, size, order, direction, rate = line.split()
                # The daemon gives all of its exports the same serial.
                disk = "storage" if disk == "vhost_user_blk" else disk
                measured[f"{direction} {order} {size}", disk].append(float(rate))
    finally:
        guest.stop()
    results = []
    for load in sorted({load for load, _ in measured}):
        ours = measured[load, "kos"]
        result = {"load": load, "kos_per_second": statistics.median(ours)}
        for other in ["qemu", "storage"]:
            theirs = measured[load, other]
            result[f"{other}_per_second"] = statistics.median(theirs)
            result[f"ratio_to_{other}"] = round(statistics.median(a / b for a, b in zip(ours, theirs)), 2)
        results.append(result)
    return results


def main():
    if why := machine.missing():
        sys.exit(f"cannot measure here: {why}")
    with tempfile.TemporaryDirectory(prefix="kos-bench-") as folder:
        print(json.dumps({"benchmarks": run(folder)}, indent=2))


if __name__ == "__main__":
    main()
