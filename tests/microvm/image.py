# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes OCI layouts of Debian's arm64 packages with umoci."""

import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHON = ["libc6", "libexpat1", "libpython3.11-minimal", "libpython3.11-stdlib", "libssl3", "python3.11-minimal",
          "zlib1g"]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def make_python(layout):
    """An image with a Python of Debian's and nothing else; made once."""
    if os.path.exists(f"{layout}/index.json"):
        return layout
    work = f"{layout}.{os.getpid()}"
    image, bundle = f"{work}/oci:latest", f"{work}/bundle"
    os.makedirs(work)
    try:
        run("umoci", "init", "--layout", f"{work}/oci")
        run("umoci", "new", "--image", image)
        rootless = ["--rootless"] if os.geteuid() != 0 else []
        run("umoci", "unpack", *rootless, "--image", image, bundle)
        for package in PYTHON:
            folder = run(f"{ROOT}/scripts/sysroot", f"{package}:arm64").splitlines()[-1]
            run("cp", "-a", f"{folder}/.", f"{bundle}/rootfs")
        run("umoci", "repack", "--image", image, bundle)
        run("umoci", "config", "--image", image, "--os", "linux", "--architecture", "arm64",
            "--config.entrypoint", "/usr/bin/python3.11", "--config.env", "PYTHONDONTWRITEBYTECODE=1")
        shutil.rmtree(layout, ignore_errors=True)
        os.rename(f"{work}/oci", layout)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return layout
