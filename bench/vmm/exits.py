#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""How often vmm.elf is asked to do something for its guest on seL4: while Linux boots, and for each request to a disk;
and what such a request costs in instructions, those of the guest, the kernel and the VMM. Counted: every run gives the
same. Prints JSON.

Usage: SEL4_PREFIX=… [KOS_GUEST_KERNEL=FOLDER] KOS_RUN_GUEST=FILE exits.py
"""

import json
import os
import re
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/tests/vmm/sel4")
import guest_test as sel4  # noqa: E402

LOADS = {"read 4k": (4096, 2000), "read 128k": (128 << 10, 200)}
# The page cache is passed by: each read is a request.
READ = """
before=$(grep -m1 now /proc/timer_list | tr -dc 0-9)
dd if=/dev/vda of=/dev/null bs={size} count={count} iflag=direct 2>/dev/null
echo "ns $(($(grep -m1 now /proc/timer_list | tr -dc 0-9) - before))"
poweroff -f
"""


def run(folder, script):
    """Exits by kind, and the nanoseconds that the guest printed."""
    with open(f"{folder}/disk", "wb") as file:
        file.truncate(64 << 20)
    _, console, log, _ = sel4.run_linux(folder, sel4.START + script, "--disk", f"disk={folder}/disk")
    found = re.search(r"exits: (.*)", log)
    if not found:
        sys.exit(f"exits: the guest did not end well:\n{console}{log}")
    counts = {name: int(count) for count, name in re.findall(r"(\d+) ([a-z ]+)", found.group(1))}
    taken = re.search(r"ns (\d+)", console)
    return counts, int(taken.group(1)) if taken else 0


def main():
    if why := sel4.missing():
        sys.exit(f"exits: {why}")
    # Each instruction takes 1 ns (bench/counted).
    os.environ["PATH"] = f"{ROOT}/bench/counted:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="kos-bench-") as folder:
        boot, _ = run(folder, "poweroff -f\n")
        result = {"kernel": os.path.basename(sel4.machine.kernel_folder()),
                  "boot": {"exits": boot, "all": sum(boot.values())}}
        none, idle = run(folder, READ.format(size=4096, count=0))
        for name, (size, count) in LOADS.items():
            some, busy = run(folder, READ.format(size=size, count=count))
            exits = {kind: round((some[kind] - none[kind]) / count, 2) for kind in some}
            result[name] = {"exits": exits, "all": round(sum(exits.values()), 2),
                            "instructions": round((busy - idle) / count)}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
