#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""kosinit as PID 1 of Debian's arm64 kernel in a stock QEMU. Usage: kosinit_test.py CASE"""

import sys
import tempfile
import time

import cases
import failure_cases  # noqa: F401
import network_cases  # noqa: F401
import service_cases  # noqa: F401

ALL = cases.ALL


def main():
    if why := cases.machine.missing():
        print(f"skipped: {why}")
        return 77
    for name in sys.argv[1:] or ALL:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="kos-guest-") as folder:
            ALL[name](folder)
        print(f"{name}: well after {time.monotonic() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
