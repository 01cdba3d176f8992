# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""kos exec in a service of a compose project that runs in the background."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

PROJECT = r"""
name: executed
services:
  box:
    image: IMAGE
    x-kos-kind: microvm
    stop_grace_period: 10s
    command: [busybox, sh, -c, 'trap "exit 4" TERM; echo up; while :; do busybox sleep 1; done']
  beside:
    image: IMAGE
    x-kos-kind: native
    mem_limit: 1m
    entrypoint: [/bin/busybox, sleep]
    command: ["1000"]
"""


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r}, expected {expected!r}")


class Box:
    """The service, by commands in its project's folder."""

    def __init__(self, kos, folder):
        self.kos, self.folder = kos, folder

    def start(self, *command, **options):
        return subprocess.Popen([self.kos, "exec", *command], cwd=self.folder, **options)

    def exec(self, *command, text=None):
        return subprocess.run([self.kos, "exec", *command], cwd=self.folder, input=text, capture_output=True, text=True,
                              timeout=120)


def lines(numbers):
    return "".join(f"{number}\n" for number in numbers)


def streams(box, count):
    """Environment, directory, status, both outputs; input, and output that comes before it is read."""
    finished = box.exec("-e", "A=1", "-w", "/bin", "box", "sh", "-c", 'echo "$A $(pwd)"; echo error >&2; exit 3')
    expect("output and status", (finished.stdout, finished.stderr, finished.returncode), ("1 /bin\n", "error\n", 3))
    text = lines(range(count))
    finished = box.exec("-i", "box", "busybox", "cat", text=text)
    expect("its input", (finished.stdout == text, finished.returncode), (True, 0))
    finished = box.exec("-i", "box", "busybox", "sh", "-c", f"busybox seq 0 {count - 1}; busybox cat", text=text)
    expect("output before input", finished.stdout == text + text, True)
    finished = box.exec("beside", "busybox")
    expect("in a native app", (finished.returncode, "KOS-E-UNSUPPORTED" in finished.stderr), (125, True))
    finished = box.exec("box", "/nosuch")
    expect("a program that is not there", (finished.returncode, "KOS-E-GUEST-CONTAINER" in finished.stderr), (125, True))


def several(box):
    """More at once than a VMM carries streams: each gets its own bytes."""
    running = [box.start("box", "busybox", "seq", str(n), str(n + 2000), stdout=subprocess.PIPE, text=True)
               for n in range(0, 100_000, 10_000)]
    for n, process in enumerate(running):
        output, _ = process.communicate(timeout=120)
        expect(f"program {n}", output == lines(range(n * 10_000, n * 10_000 + 2001)), True)


def signals(box):
    process = box.start("box", "sh", "-c", "trap 'echo told; exit 7' INT; echo out; while :; do :; done",
                        stdout=subprocess.PIPE, text=True)
    expect("before the signal", process.stdout.readline(), "out\n")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    expect("its signal", (output, process.returncode), ("told\n", 7))


def one_that_is_killed(box):
    """What an exec that goes leaves in the guest ends."""
    process = box.start("box", "sh", "-c", "echo out; exec busybox sleep 12345", stdout=subprocess.PIPE, text=True)
    expect("before it is killed", process.stdout.readline(), "out\n")
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while box.exec("box", "busybox", "sh", "-c", "busybox ps -o args | busybox grep -q '[1]2345'").returncode == 0:
        if time.monotonic() > deadline:
            sys.exit("the program of an exec that was killed runs on")


def set_size(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def terminal(box):
    """A terminal of the size of ours, and its changes; Ctrl-C at it; what is typed is seen."""
    ours, childs = pty.openpty()
    set_size(ours, 33, 100)
    script = ("busybox stty size; trap 'busybox stty size' WINCH; trap 'echo told; exit 5' INT; read line; echo got $line; "
              "while :; do busybox sleep 0.1; done")
    process = box.start("-it", "box", "busybox", "sh", "-c", script, stdin=childs, stdout=childs, stderr=childs,
                        start_new_session=True,
                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(childs)
    seen = ""

    def until(what):
        nonlocal seen
        while what not in seen:
            try:
                part = os.read(ours, 4096).decode()
            except OSError:
                part = ""
            if not part:
                sys.exit(f"the terminal ended before {what!r}: {seen!r}")
            seen += part
        seen = seen[seen.index(what) + len(what):]

    until("33 100")
    os.write(ours, b"typed\n")
    until("typed")
    until("got typed")
    set_size(ours, 20, 60)
    until("20 60")
    os.write(ours, b"\x03")
    until("told")
    expect("status at the terminal", process.wait(timeout=60), 5)
    os.close(ours)


def stats(box):
    """The guest tells of its container, the root server of a native app; what is not known is null."""
    shown = subprocess.run([box.kos, "stats", "--no-stream", "--format", "json", "box", "beside"], cwd=box.folder,
                           capture_output=True, text=True, timeout=120)
    rows = {row["Name"]: row for row in map(json.loads, shown.stdout.splitlines())}
    expect("stats", (shown.returncode, shown.stderr, sorted(rows)), (0, "", ["executed/beside", "executed/box"]))
    guest, native = rows["executed/box"], rows["executed/beside"]
    if not (0 < guest["MemoryBytes"] <= guest["MemoryPeakBytes"] < guest["MemoryLimitBytes"] and guest["Processes"] >= 1
            and guest["CPUMicroseconds"] > 0 and guest["CPUPercent"] is not None):
        sys.exit(f"stats of a guest: {guest}")
    if not (0 < native["MemoryPeakBytes"] <= native["MemoryLimitBytes"] and native["CPUPercent"] is None):
        sys.exit(f"stats of a native app: {native}")


def silent(box, qemu):
    """A guest that stands still is shown as such, and what runs beside it as always."""
    os.kill(qemu, signal.SIGSTOP)
    try:
        shown = subprocess.run([box.kos, "stats", "--no-stream", "--format", "json"], cwd=box.folder, capture_output=True,
                               text=True, timeout=120)
    finally:
        os.kill(qemu, signal.SIGCONT)
    rows = {row["Name"]: row for row in map(json.loads, shown.stdout.splitlines())}
    expect(f"rows: {shown.stderr}", sorted(rows), ["executed/beside", "executed/box"])
    guest, native = rows["executed/box"], rows["executed/beside"]
    expect("the silent one", ("KOS-E-INSTANCE-SILENT" in (guest["Error"] or ""), guest["MemoryBytes"]), (True, None))
    expect("beside it", (native["Error"], native["MemoryPeakBytes"] > 0), (None, True))
    expect("status", (shown.returncode, "KOS-E-INSTANCE-SILENT" in shown.stderr), (125, True))
    stats(box)


def all_of(kos, folder, count, qemu):
    """\\p count lines are passed through the guest; \\p qemu tells the process that runs it alone, if there is one."""
    box = Box(kos, folder)
    streams(box, count)
    several(box)
    signals(box)
    stats(box)
    if qemu:
        silent(box, qemu())
    one_that_is_killed(box)
    terminal(box)
