// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The guest's end of streams_test.py: many streams over vsock, and bytes at any speed.
#pragma once

namespace kos::test_guest {

/// Opens \p count streams to the echo on the host's port 1000, \p at_once of them at a time.
void open_streams(int count, int at_once);

/// Serves port 1002 until a stream says Q, a process for each stream. Its first byte says what to
/// do: E: echo; W and 4 bytes (little-endian): write so many MiB of the pattern; D: read to the
/// end, answer with count and CRC-32 (8 bytes each); S: the same, once another stream has said G.
void serve_streams();

}  // namespace kos::test_guest
