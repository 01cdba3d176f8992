#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""kosinit and the OCI runtime, one static file, stay within 2.2 MB."""

import os
import sys

import image

LIMIT = 2_200_000


def main():
    size = os.path.getsize(image.stripped_kosinit())
    print(f"kosinit with the OCI runtime: {size} bytes of {LIMIT}")
    return int(size > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
