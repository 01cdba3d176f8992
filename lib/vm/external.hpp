// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device through which a VMM in the simulator has its guest run outside: a page of registers,
// two pages of memory, and one level-triggered interrupt for each app of the system image.
// hostsim/machine models it.
//
//   0x00  ID             ro  id_value
//   0x04  VERSION        ro  3
//   0x08  COMMAND        wo  Command
//   0x0c  STATE          ro  State of the guest
//   0x10  EVENTS         rw  Event bits since they were cleared; a bit written as 1 is cleared. The
//                            interrupt line is high while one is set
//   0x14  LINK           rw  1 while the stream to the guest's control service is open; writing 1
//                            asks for it, 0 closes it
//   0x18  RECEIVED       ro  bytes in the receive window; written: how many of them are taken
//   0x1c  ROOM           ro  bytes that the send window may hold; written: how many of it to send
//   0x20  RECORDS        ro  bytes of records that have come; written: how many are taken
//   0x24  SEND_RECORDS   wo  how many bytes of their window to send: whole records
//
// The memory is windows, in which bytes are copied without leaving the VMM. The machine writes the
// two that lead to the VMM, and nothing of what their registers count changes before it is taken;
// what follows moves to the front then. It reads the other two when their registers are written.
//
//   0x0000  receive window        0x1000  send window
//   0x0800  records, come         0x1800  records, to be sent
//
// Records are about streams that the guest asks for (StreamRecord):
//
//   machine: Request ──► VMM: Accept or Abort; Data, Consumed both ways
//   machine: Finished, Closed                  VMM: Finish, Close, Abort
//
// Registers are 32 bits wide.
#pragma once

#include "lib/base/little_endian.hpp"

#include <cstdint>

namespace kos::external {

inline constexpr std::uint32_t id_value = 0x474f534b;  // "KSOG"
inline constexpr std::uint32_t version_value = 3;

enum class Register : std::uint32_t {
    Id = 0x00,
    Version = 0x04,
    Command = 0x08,
    State = 0x0c,
    Events = 0x10,
    Link = 0x14,
    Received = 0x18,
    Room = 0x1c,
    Records = 0x20,
    SendRecords = 0x24,
};
inline constexpr std::uint32_t window_size = 0x800;
inline constexpr std::uint32_t receive_window = 0x0000;
inline constexpr std::uint32_t record_window = 0x0800;
inline constexpr std::uint32_t send_window = 0x1000;
inline constexpr std::uint32_t send_record_window = 0x1800;
inline constexpr std::uint32_t window_pages = 2;

enum class Command : std::uint32_t {
    Start = 1,  ///< a guest that runs is ended first
    End = 2,    ///< at once
};

enum class State : std::uint32_t {
    Off = 0,
    Running = 1,
    Ended = 2,   ///< it switched itself off
    Failed = 3,  ///< it could not be started, or what runs it has died: the machine's log says why
    Panicked = 4,  ///< its kernel gave up
};

namespace event {
inline constexpr std::uint32_t state = 1;     ///< STATE has changed
inline constexpr std::uint32_t received = 2;  ///< bytes came
inline constexpr std::uint32_t link = 4;      ///< LINK has changed, or what asked for it failed
inline constexpr std::uint32_t room = 8;      ///< ROOM has grown
inline constexpr std::uint32_t records = 16;  ///< records came
}  // namespace event

enum class StreamOperation : std::uint32_t {
    Request = 1,   ///< of the guest: value is the host's port
    Accept = 2,    ///< of the VMM: value is how many bytes it has room for
    Abort = 3,     ///< of the VMM: the end at once
    Data = 4,      ///< value bytes follow, at most longest_data
    Consumed = 5,  ///< the receiver of Data has room for value more bytes
    Finish = 6,    ///< of the VMM: nothing follows its Data
    Close = 7,     ///< of the VMM: likewise, and it wants no more either
    Finished = 8,  ///< of the guest: value is bits of `finished`
    Closed = 9,    ///< the stream is gone
};

/// Numbers of streams are the machine's, each used once in a guest's life.
struct StreamRecord {
    Le32 stream;  // 0
    Le32 kind;    // 4: StreamOperation
    Le32 value;   // 8

    [[nodiscard]] StreamOperation operation() const {
        return static_cast<StreamOperation>(std::uint32_t{kind});
    }
    /// Bytes that follow it.
    [[nodiscard]] std::uint32_t data_size() const {
        return operation() == StreamOperation::Data ? std::uint32_t{value} : 0;
    }
};
static_assert(sizeof(StreamRecord) == 12);

inline constexpr std::uint32_t longest_data = window_size - sizeof(StreamRecord);
/// Bytes of the VMM's that the machine has room for, in each stream.
inline constexpr std::uint32_t stream_room = 8192;

namespace finished {
inline constexpr std::uint32_t sending = 1, receiving = 2;
}

}  // namespace kos::external
