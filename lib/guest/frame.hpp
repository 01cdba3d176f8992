// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Frames of the guest's control service, on a vsock stream (docs/guest-control.md). Each is
//
//     offset  size
//       0      4   length of the payload, at most 64 KiB
//       4      2   type
//       6      2   reserved, 0
//       8          payload
//
// The stream is reliable: there are no checksums and no sequence numbers.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"
#include "lib/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kos::guest {

/// vsock ports: the first is the guest's, the second the host's.
inline constexpr std::uint32_t control_port = 1001;
inline constexpr std::uint32_t message_port = 1000;

inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::uint32_t protocol_magic = 0x31534f4b;  ///< "KOS1"

struct FrameHead {
    Le32 length;    // 0
    Le16 type;      // 4
    Le16 reserved;  // 6
};
static_assert(sizeof(FrameHead) == 8);

inline constexpr std::size_t longest_payload = 64u << 10;

enum class FrameType : std::uint16_t {
    // Both ways, first
    Hello = 0x01,
    // From the host
    QueryStatus = 0x10,
    Attach = 0x11,
    Exec = 0x12,
    Signal = 0x13,
    QueryUsage = 0x14,
    SetTime = 0x15,
    Shutdown = 0x16,
    // From the host, to the process that it is attached to
    Input = 0x20,
    InputEnd = 0x21,
    Resize = 0x22,
    SignalProcess = 0x23,
    // From the guest
    Done = 0x80,
    Failed = 0x81,
    GuestStatus = 0x90,
    ContainerStatus = 0x91,
    Log = 0x92,
    Lost = 0x93,
    Usage = 0x94,
    Started = 0x95,
    Output = 0x96,
    Exited = 0x97,
    GuestEnd = 0x98,
};

/// Borrows the bytes that it was taken from. The type may be one that nobody knows.
struct Frame {
    FrameType type{};
    Bytes payload;
};

enum class FrameError : std::uint8_t {
    TooLong,   ///< longer than `longest_payload`
    Reserved,  ///< the reserved field is not 0
};

struct TakenFrame {
    Frame frame;
    std::size_t size = 0;  ///< bytes that it took, head included
};

/// The frame that \p bytes begin with; nothing where more bytes are needed. After an error nothing
/// of the stream can be understood any more.
[[nodiscard]] Result<std::optional<TakenFrame>, FrameError> take_frame(Bytes bytes);

}  // namespace kos::guest
