# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Cases about LinuxKit's files: several containers in one guest."""

import signal
import subprocess
import tempfile

import linuxkit
from runs import BUSYBOX, KOS, TARGET, debian, expect, expect_named


def kit(text, image_name, folder, **files):
    """A LinuxKit file in the folder, and what runs it."""
    for name, content in {"kit.yml": text.replace("IMAGE", f"oci:{image_name}:latest"), **files}.items():
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(content)
    return [KOS, "run", "--target", TARGET, "--timeout", "240", f"{folder}/kit.yml"]


def by_container(output):
    """Lines of output by their containers."""
    lines = {}
    for line in output.splitlines():
        name, _, rest = line.partition(" | ")
        lines.setdefault(name, []).append(rest)
    return lines


def linuxkit_case():
    """Each key of a LinuxKit file holds in the guest; the order of its stages; notes; the first bad status."""
    with_interface = TARGET != "qemu"  # there guests have no eth0 yet
    text = linuxkit.KEYS.replace("INTERFACES", "interfaces: [{name: eth0}]" if with_interface else "cgroups: []")
    expected = {name: [line.replace("INTERFACES", "eth0 lo" if with_interface else "lo") for line in lines]
                for name, lines in linuxkit.KEYS_OUTPUT.items()}
    with tempfile.TemporaryDirectory() as folder:
        finished = subprocess.run(kit(text, BUSYBOX, folder), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=280)
    found = by_container(finished.stdout)
    for name, lines in expected.items():
        expect(f"{name} (errors: {finished.stderr})", found.get(name), lines)
    expect("containers", sorted(found), sorted(expected))
    expect("order of the stages", (list(found)[0], list(found)[-1]), ("onboot-000-first", "onshutdown-000-last"))
    expect("status", finished.returncode, 3)
    expect_named(finished.stderr, "kos: note: kernel: linuxkit/kernel:6.6.71", "kos: note: init: linuxkit/init:abc")


def linuxkit_mosquitto_case():
    """A broker and its clients in two containers of one guest; SIGTERM ends the guest in order."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(kit(linuxkit.MOSQUITTO, debian("mosquitto"), folder), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True)
        expect("output", [process.stdout.readline().rstrip("\n") for _ in linuxkit.MOSQUITTO_OUTPUT],
               linuxkit.MOSQUITTO_OUTPUT)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    expect("what onshutdown wrote", rest, "onshutdown-000-last | bye\n")
    expect("status", process.returncode, 0)


def linuxkit_exec_case():
    """Programs in each of a guest's containers, and what each of them wrote."""
    def kos(*words):
        return subprocess.run([KOS, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    with tempfile.TemporaryDirectory() as folder:
        words = kit(linuxkit.TWO, BUSYBOX, folder)
        subprocess.run([*words[:2], "-d", "--name", "two", *words[2:]], check=True, stdin=subprocess.DEVNULL, timeout=240)
        try:
            for name in ("two/left", "two/kit/right"):
                found = kos("exec", name, "busybox", "sh", "-c", "busybox ps -o args | busybox grep -o 'of [lr][a-z]*'")
                expect(f"in {name} (errors: {found.stderr})", (found.stdout, found.returncode),
                       (f"of {name.rsplit('/', 1)[1]}\n", 0))
            for name, code in (("two", "KOS-E-USAGE"), ("two/middle", "KOS-E-INSTANCE-MISSING")):
                found = kos("exec", name, "true")
                expect(f"exec in {name}: {found.stderr}",
                       (found.returncode, code in found.stderr, "left, right" in found.stderr), (125, True, True))
        finally:
            stopped = kos("stop", "-t", "30", "two")
    expect(f"stop: {stopped.stderr}", stopped.returncode, 0)
    left, right, middle = kos("logs", "two/left"), kos("logs", "two/kit/right"), kos("logs", "two/middle")
    expect("what left wrote", (left.stdout, left.stderr), ("of left\n", ""))
    expect("what right wrote", (right.stdout, right.stderr), ("", "of right\n"))
    expect("what nobody wrote", (middle.stdout, "note: two/middle: " in middle.stderr, "left, right" in middle.stderr),
           ("", True, True))
