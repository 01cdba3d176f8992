# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Named volumes of microVMs: cases of microvm_test.py."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

from runs import KOS, compose_project, expect, expect_named, up, up_command

VOLUMES = r"""
services:
  keeper:
    image: IMAGE
    x-kos-kind: microvm
    volumes: ["data:/data", "data:/seen:ro"]
    command: [busybox, sh, -c, 'busybox ls -A /data; busybox cat /seen/file; echo $$((1 + $$(busybox cat /data/file || echo 0))) >/data/file; (echo x >/seen/other) 2>/dev/null || echo read-only']
volumes: {data: }
"""


def volumes_case():
    """What is written to a volume is there in the next run."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KOS_VOLUMES"] = folder
        for seen in ([], ["file", "1"], ["file", "2"]):
            finished = up(VOLUMES, "-p", "project")
            lines = [line.removeprefix("keeper  | ") for line in finished.stdout.splitlines()]
            lines = [line for line in lines if "No such file" not in line]
            expect(f"output (errors: {finished.stderr})", lines, seen + ["read-only", "keeper exited with code 0"])
        expect("volumes", os.listdir(f"{folder}/project"), ["data.ext4"])
        checked = subprocess.run(["/sbin/e2fsck", "-fn", f"{folder}/project/data.ext4"], capture_output=True, text=True)
        expect(f"e2fsck: {checked.stdout}", checked.returncode & ~1, 0)


# Each start writes 3 MiB and says what it finds of the last one's; then it waits to be stopped.
VOLUMES_LIFE = r"""
services:
  keeper:
    image: IMAGE
    x-kos-kind: microvm
    volumes: ["one:/one", "two:/two"]
    stop_grace_period: 20s
    command:
    - busybox
    - sh
    - -c
    - |
      trap 'echo stopped; exit 0' TERM
      if busybox test -e /one/data; then
        busybox md5sum -c /one/sum && busybox cmp /one/data /two/data && echo same
      fi
      busybox dd if=/dev/urandom of=/one/data bs=64k count=48 2>/dev/null
      busybox cp /one/data /two/data
      busybox md5sum /one/data >/one/sum; busybox cp /one/sum /two/sum; busybox sync
      echo written
      while :; do busybox sleep 0.1; done
  beside:
    image: IMAGE
    x-kos-kind: microvm
    volumes: ["third:/third"]
    command: [busybox, sh, -c, 'busybox echo x >/third/x; busybox sync; while :; do busybox sleep 1; done']
volumes: {one: , two: , third: }
"""


def wait_for_log(folder, text, count):
    """Until the project's log has the text so often."""
    deadline = time.monotonic() + 120
    while True:
        log = subprocess.run([KOS, "logs", "project"], cwd=folder, capture_output=True, text=True).stdout
        if log.count(text) >= count:
            return log
        if time.monotonic() > deadline:
            sys.exit(f"not {count} times {text!r} in the log:\n{log}")
        time.sleep(0.3)


def volumes_life_case():
    """Guests with volumes are restarted, and killed as they write; all memory comes back; what a stop has seen is kept;
    kos down --volumes removes them."""
    def kos(*words, status=0):
        finished = subprocess.run([KOS, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=280)
        expect(f"{words[0]}: {finished.stdout}{finished.stderr}", finished.returncode, status)
        return finished.stdout

    with tempfile.TemporaryDirectory() as folder:
        os.environ["KOS_VOLUMES"] = f"{folder}/volumes"
        compose_project(folder, VOLUMES_LIFE)
        start = [*up_command()[1:], "-p", "project", "-d"]
        kos(*start)
        wait_for_log(folder, "written", 1)
        kos("restart", "project/keeper")
        log = wait_for_log(folder, "written", 2)
        expect(f"what the second start finds: {log}", (log.count("/one/data: OK"), log.count("same")), (1, 1))
        kos("kill", "project/keeper")  # as it waits, and may still have something to write
        kos("start", "project/keeper")
        log = wait_for_log(folder, "written", 3)
        expect(f"what the third start finds: {log}", (log.count("/one/data: OK"), log.count("same")), (2, 2))
        given_back = kos("down", "--verbose", "project").splitlines()
        expect("rows", len(given_back), 5)
        for name in ["one", "two", "third"]:
            checked = subprocess.run(["/sbin/e2fsck", "-fp", f"{folder}/volumes/project/{name}.ext4"],
                                     capture_output=True, text=True)
            expect(f"e2fsck: {checked.stdout}", checked.returncode & ~1, 0)
        kos(*start)
        log = wait_for_log(folder, "written", 1)
        expect(f"what the next run finds: {log}", (log.count("/one/data: OK"), log.count("same")), (1, 1))
        kos("down", "--volumes", "project")
        expect("volumes", os.path.exists(f"{folder}/volumes/project"), False)


def up_with_qemu(text, folder, edit, *options, **variables):
    """kos up where a word of QEMU's command line that speaks of a volume is edited by sed."""
    with open(f"{folder}/qemu-system-aarch64", "w", encoding="utf-8") as script:
        script.write("#!/bin/sh\nfor word; do\n shift\n"
                     f" case $word in *volume*) word=$(printf %s \"$word\" | sed '{edit}');; esac\n"
                     " set -- \"$@\" \"$word\"\ndone\n"
                     f"exec {shutil.which('qemu-system-aarch64')} \"$@\"\n")
    os.chmod(f"{folder}/qemu-system-aarch64", 0o755)
    return up(text, *options, PATH=f"{folder}:{os.environ['PATH']}", **variables)


def volumes_faults_case():
    """On seL4: a disk that is not there, or another, is told by name; a sector that cannot be read is the guest's EIO,
    and the other ones can be."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KOS_VOLUMES"] = folder
        finished = up(VOLUMES, "-p", "project")
        expect(f"the first run (errors: {finished.stderr})", finished.stdout,
               "keeper  | read-only\nkeeper exited with code 0\n")
        for edit, told in [("s/^virtio-blk-device,drive=volume0,serial=[^,]*/virtio-rng-device/; s/,rerror.*//",
                            "the machine has no such disk"),
                           ("s/serial=v-/serial=w-/", "its disk has another serial")]:
            finished = up_with_qemu(VOLUMES, folder, edit, "-p", "project")
            expect_named(finished.stderr, "KOS-E-GUEST-VOLUME: v-", told)
            if "read-only" in finished.stdout:
                sys.exit(f"the container runs all the same: {finished.stdout}")
        shown = subprocess.run(["/sbin/debugfs", "-R", "blocks /file", f"{folder}/project/data.ext4"], check=True,
                               capture_output=True, text=True)
        sector = 8 * int(shown.stdout.split()[0])
        with open(f"{folder}/rules", "w", encoding="utf-8") as rules:
            rules.write(f'[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "{sector}"\n')
        finished = up_with_qemu(VOLUMES, folder, f"s#file=#file=blkdebug:{folder}/rules:#", "-p", "project")
        lines = [line.removeprefix("keeper  | ") for line in (finished.stdout + finished.stderr).splitlines()]
        expect(f"name, content, error (output: {lines})",
               ("file" in lines, "1" in lines, any("Input/output error" in line for line in lines)), (True, False, True))
