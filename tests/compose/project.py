# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Compose files of tests, and runs of kos up with them."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NO_KERNEL = "KOS-E-KERNEL-MISSING"
SKIPPED = 77


def skip_without_kernel(output):
    if NO_KERNEL in output:
        print("skipped: there is no seL4 kernel")
        sys.exit(SKIPPED)


class Project:
    """A compose file in a folder of its own."""

    def __init__(self, target, kos, text, timeout=200):
        self.folder = tempfile.TemporaryDirectory(prefix="kos-compose-")
        (Path(self.folder.name) / "compose.yaml").write_text(text)
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": self.folder.name}
        self.command = [kos, "up", "--no-color", "--target", target, "--timeout", str(timeout)]

    def run(self, *options):
        """Exit status and output of kos up."""
        done = subprocess.run(
            self.command + list(options),
            cwd=self.folder.name,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        skip_without_kernel(done.stdout)
        return done.returncode, done.stdout

    def call(self, *words):
        """Exit status and output of another command of kos, for the project."""
        done = subprocess.run(
            [self.command[0], *words],
            cwd=self.folder.name,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def run_until(self, text, *signals):
        """Sends the signals once all of text has been said; exit status and output."""
        # pylint: disable=consider-using-with
        process = subprocess.Popen(
            self.command,
            cwd=self.folder.name,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = ""
        for line in process.stdout:
            output += line
            if all(part in output for part in text):
                break
        skip_without_kernel(output)
        for number in signals:
            process.send_signal(number)
            time.sleep(1)
        output += process.stdout.read()
        return process.wait(), output


def service(name, images, image="hello-umoci", **keys):
    """The lines of a service."""
    text = f"  {name}:\n    image: oci:{images}/{image}\n    x-kos-kind: native\n    mem_limit: 1m\n"
    return text + "".join(f"    {key}: {value}\n" for key, value in keys.items())


def positions(output, *texts):
    """Where each text begins, all of which must be there."""
    for text in texts:
        assert text in output, f"{text!r} is missing in:\n{output}"
    return [output.index(text) for text in texts]


def main(tests):
    """Runs the functions test_... of a script with its arguments: TARGET KOS IMAGES."""
    if len(sys.argv) != 4:
        sys.exit(tests["__doc__"].strip().splitlines()[2])
    for name, test in list(tests.items()):
        if name.startswith("test_"):
            print(test.__doc__, flush=True)
            test(*sys.argv[1:])
