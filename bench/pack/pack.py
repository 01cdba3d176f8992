#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""`kos pack` of an image of 200 MB as a microVM, against mksquashfs on the same files: paired, with the same compression,
block size and threads. Prints JSON; a ratio above 1 says that kos is quicker.

Usage: pack.py [--rounds N] [--tree FOLDER] [--megabytes N] KOS
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# As cli/squashfs has them by default.
SQUASHFS = ["-comp", "zstd", "-Xcompression-level", "15", "-b", "131072"]
ROOTLESS = [] if os.geteuid() == 0 else ["--rootless"]


def copy_some(tree, target, size):
    """Copies files of a tree in the order of their names until there are so many bytes; their names."""
    left, names = size, []
    for folder, folders, files in os.walk(tree):
        folders.sort()
        for name in sorted(files):
            path = f"{folder}/{name}"
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            inside = f"{target}/{os.path.relpath(path, tree)}"
            os.makedirs(os.path.dirname(inside), exist_ok=True)
            shutil.copy2(path, inside)
            left -= os.path.getsize(path)
            names.append(os.path.relpath(path, tree))
            if left <= 0:
                return names
    sys.exit(f"pack: {tree} has fewer than {size} bytes")


def make_image(folder, tree, size):
    """An OCI layout with the files in a layer, compressed with gzip; the folder of the files, and how many they are."""
    def umoci(*arguments):
        subprocess.run(["umoci", *arguments], check=True, capture_output=True)
    image, bundle = f"{folder}/oci:latest", f"{folder}/bundle"
    umoci("init", "--layout", f"{folder}/oci")
    umoci("new", "--image", image)
    umoci("unpack", *ROOTLESS, "--image", image, bundle)
    names = copy_some(tree, f"{bundle}/rootfs", size)
    # Never run, but kos refuses an image without its program.
    os.chmod(f"{bundle}/rootfs/{names[0]}", 0o755)
    umoci("repack", "--image", image, bundle)
    umoci("config", "--image", image, "--os", "linux", "--architecture", "arm64", "--config.entrypoint", f"/{names[0]}")
    return f"{bundle}/rootfs", len(names)


def timed(command, **options):
    """Seconds on the clock, and of the processors."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"pack: {command[0]} failed")
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime


def median_ratio(theirs, ours):
    return round(statistics.median(their / our for their, our in zip(theirs, ours)), 3)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--tree", default="/usr/lib", help="where the files are taken from")
    options.add_argument("--megabytes", type=int, default=200)
    options.add_argument("kos")
    options = options.parse_args()
    for program in ["mksquashfs", "umoci"]:
        if shutil.which(program) is None:
            sys.exit(f"pack: there is no {program}")
    with tempfile.TemporaryDirectory(prefix="kos-bench-") as folder:
        files, count = make_image(folder, options.tree, options.megabytes * 1000000)
        rounds = []
        for _ in range(options.rounds):
            ours = timed([options.kos, "pack", "--microvm", "-o", f"{folder}/system", f"oci:{folder}/oci"])
            unpacking = timed(["umoci", "unpack", *ROOTLESS, "--image", f"{folder}/oci:latest", f"{folder}/unpacked"])
            theirs = timed(["mksquashfs", files, f"{folder}/squashfs", *SQUASHFS, "-noappend", "-no-progress", "-quiet",
                            "-processors", str(os.cpu_count())])
            shutil.rmtree(f"{folder}/unpacked")
            rounds.append((ours, theirs, unpacking))
        result = {"files": count, "rounds": options.rounds, "threads": os.cpu_count(),
                  "kos_bytes": os.path.getsize(f"{folder}/system"),
                  "mksquashfs_bytes": os.path.getsize(f"{folder}/squashfs")}
    for index, name in enumerate(["clock", "processor"]):
        ours, theirs, unpacking = ([times[index] for times in each] for each in zip(*rounds))
        result[name] = {
            "kos_s": round(statistics.median(ours), 2),
            "mksquashfs_s": round(statistics.median(theirs), 2),
            "umoci_s": round(statistics.median(unpacking), 2),
            "ratio": median_ratio(theirs, ours),
            "ratio_from_image": median_ratio(map(sum, zip(theirs, unpacking)), ours),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
