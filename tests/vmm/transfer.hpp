// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// How quickly the test's guest exchanges bytes with the host over its network interfaces and vsock.
#pragma once

namespace kos::test_guest {

/// For bench/vmm/net.py: each of its interfaces and vsock in turn, three rounds.
void measure_networks();

}  // namespace kos::test_guest
