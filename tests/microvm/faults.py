# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a microVM is made to suffer from: compose files, and programs for the target that are damaged."""

import os
import shutil
import struct

# SysRq: c crashes the guest's kernel, after the host has fetched what the container wrote; i kills every process but PID 1
# with SIGKILL. The app beside has to outlive that.
SYSTEM = r"""
services:
  guest:
    image: IMAGE
    x-kos-kind: microvm
    privileged: true
    command: [busybox, sh, -c, 'echo before; busybox sleep 2; echo KEY >/proc/sysrq-trigger; busybox sleep 1000']
  beside:
    image: IMAGE
    x-kos-kind: native
    mem_limit: 1m
    entrypoint: [/bin/busybox, sleep]
    command: ["30"]
"""
# Each program fits into the guest's memory, not all of them: the kernel kills one, and the others go on.
EAT = r"""
for i in 1 2 3 4; do
  busybox dd if=/dev/zero of=/dev/null bs=40M count=40 2>/dev/null &
  eaters="$eaters $!"
done
killed=0
for eater in $eaters; do wait $eater; [ $? = 137 ] && killed=1; done
echo "killed $killed"; exit 5
"""
FILL = "busybox dd if=/dev/zero of=/big bs=1M; echo status $?; busybox rm /big; echo kept >/file; busybox cat /file"


def with_damaged_module(kernel, name, folder):
    """A copy of a guest kernel's folder in which a module is no ELF file any more."""
    shutil.copytree(kernel, folder, symlinks=True)
    for where, _, files in os.walk(f"{folder}/lib/modules"):
        for file in files:
            if file.split(".")[0] == name:
                with open(f"{where}/{file}", "r+b") as module:
                    module.write(bytes(16))
                return folder
    raise AssertionError(f"{kernel} has no module {name}")


def breaking(programs, symbol, folder):
    """A copy of the target's programs whose VMM executes an undefined instruction in a function."""
    shutil.copytree(programs, folder)
    with open(f"{folder}/vmm.elf", "r+b") as file:
        data = file.read()
        for at in offsets(data, symbol):
            file.seek(at)
            file.write(bytes(4))
    return folder


def offsets(data, symbol):
    """Where in an ELF64 file the functions are whose mangled names hold `symbol`."""
    at_programs, at_sections = struct.unpack_from("<QQ", data, 32)
    program_count, _, section_count = struct.unpack_from("<HHH", data, 56)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, at_sections + 64 * i) for i in range(section_count)]
    programs = [struct.unpack_from("<IIQQQQQQ", data, at_programs + 56 * i) for i in range(program_count)]
    found = []
    for section in (section for section in sections if section[1] == 2):  # SHT_SYMTAB
        names = sections[section[6]][4]
        for entry in range(section[4], section[4] + section[5], 24):
            name, kind, _, _, value, _ = struct.unpack_from("<IBBHQQ", data, entry)
            text = data[names + name:data.index(b"\0", names + name)].decode()
            if kind & 15 == 2 and symbol in text:
                found += [value - program[3] + program[2] for program in programs
                          if program[0] == 1 and program[3] <= value < program[3] + program[5]]
    if not found:
        raise AssertionError(f"vmm.elf has no function {symbol}")
    return found
