#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""kos run of microVMs, in the simulator or (KOS_TARGET=qemu) on seL4 under QEMU. Usage: microvm_test.py CASE"""

import os
import subprocess
import sys
import tempfile
import time

import containers
import harm
import image
import kits
import systems
import volumes
from runs import TARGET, missing, skip


def small_kernel_case():
    """What guests do with Debian's kernel they do with the small one."""
    found = subprocess.run([f"{image.ROOT}/scripts/small-guest-kernel", "--find"], capture_output=True, text=True)
    if found.returncode != 0:
        skip(found.stderr.strip())
    os.environ["KOS_GUEST_KERNEL"] = found.stdout.strip()
    cases = [containers.output_case, containers.files_case, containers.python_case, containers.read_only_case,
             containers.container_keys_case, containers.seccomp_case, systems.health_case, harm.out_of_memory_case,
             harm.disk_full_case]
    if TARGET == "sim":
        cases += [containers.elixir_case, containers.mosquitto_case, containers.tree_case, volumes.volumes_case]
    for case in cases:
        case()


def find(name):
    """The case of that name."""
    function = name.replace("-", "_") + "_case"
    if function in globals():
        return globals()[function]
    return next(getattr(module, function) for module in (containers, systems, volumes, harm, kits) if hasattr(module, function))


if reason := missing():
    skip(reason)
begun = time.monotonic()
with tempfile.TemporaryDirectory() as instances:
    os.environ["XDG_RUNTIME_DIR"] = instances
    find(sys.argv[1])()
print(f"{sys.argv[1]}: {time.monotonic() - begun:.1f} s")
