# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What measurements of devices side by side have in common."""

import glob
import statistics


def processor_seconds(process):
    """The processor time of all threads of a process so far; what other programs do leaves it as it is."""
    total = 0
    for path in glob.glob(f"/proc/{process.pid}/task/*/schedstat"):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def ratio(ours, theirs):
    """The median of paired ratios, and the half of them that lies around it."""
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    low, _, high = statistics.quantiles(ratios, n=4)
    return {"median": round(statistics.median(ratios), 2), "quartiles": [round(low, 2), round(high, 2)]}
