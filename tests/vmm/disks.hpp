// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The test guest's disks, and how quickly it reads and writes them.
#pragma once

#include <string>

namespace kos::test_guest {

/// The first line of a file of sysfs or the like; empty where there is none.
std::string read_text(const std::string& path);

/// The device node of the disk with this serial.
std::string disk_of(const std::string& serial);

/// For bench/vmm/disks.py: each load on each disk in turn, in short slices.
void measure_disks();

}  // namespace kos::test_guest
