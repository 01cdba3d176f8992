// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The control channel between a target and the host (decision 15): frames among plain text, on a
// serial line or the simulator's console. docs/control-channel.md is its specification.
//
//   ESC _ K  header in hex (32 digits)  [hidden payload in hex]  ESC \  [visible payload]
//
// Frames to the host carry output, logs, records and answers; frames to the target are commands.
// A terminal takes ESC _ … ESC \ for an application program command (ECMA-48, §8.3.2) and shows
// nothing of it; the visible payload is what a person reads: an app's output, a log line. A reader
// that loses its place looks for the next ESC _ K whose header checks out; bytes outside frames are
// the kernel's or the firmware's own output.
#pragma once

#include "lib/base/little_endian.hpp"
#include "lib/manifest/image.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kos::msg {

enum class FrameType : std::uint8_t {
    Stdout = 1,     ///< visible: bytes that the app wrote
    Stderr = 2,     ///< visible: likewise
    Log = 3,        ///< visible: a line of the root server, about the app where one is given
    Inventory = 4,  ///< hidden: InventoryRecord, once at boot and once after the last app is gone
    Started = 5,    ///< hidden: the app's UsageRecord; its first instruction follows
    Exited = 6,     ///< hidden: ExitRecord
    Finished = 7,   ///< hidden, empty: every app is gone; the target may be switched off
    Trace = 8,      ///< hidden: records of lib/msg/trace.hpp, where the boot data asks for them
    Acknowledged = 9,  ///< hidden: AckRecord, after all else that a command is answered with
    Status = 10,       ///< hidden: StatusRecord and the app's name, one app's answer to QueryStatus
    Usage = 11,        ///< hidden: UsageRecord of a running app, an answer to QueryReport
    Memory = 12,       ///< hidden: InventoryRecord, likewise
    Timings = 13,      ///< hidden: TimingsRecord of the app's first start, before its first Exited
    Failed = 14,       ///< visible: a line on what keeps the app, or the system, from starting
    GuestStream = 15,  ///< hidden: of the app's guest, lib/msg/guest_stream.hpp
    Cancelled = 16,    ///< hidden, empty: the app was going to be started, and is not any more

    // To the target: commands.
    Stop = 0x40,         ///< hidden: StopCommand, of one app, or of all: dependents first
    Kill = 0x41,         ///< hidden, empty: ends one app, or all, as SIGKILL does
    QueryStatus = 0x42,  ///< hidden, empty: of one app, or of all (no_app)
    QueryReport = 0x43,  ///< hidden, empty: what the running apps were given, and what is left
    Start = 0x44,     ///< hidden, empty: one app that does not run, or all (no_app), in their order
    Restart = 0x45,   ///< hidden: StopCommand, of one app, which is then started again
    Shutdown = 0x46,  ///< hidden, empty: Stop of all; the system has then finished
    Remove = 0x47,    ///< hidden, empty: what one app that has ended still holds is given back
    ToGuest = 0x48,   ///< hidden: for the app's VMM, lib/msg/guest_stream.hpp

    // On the socket of an instance only (docs/instances.md).
    Welcome = 0x50,  ///< hidden: WelcomeRecord, to the client, first
};

inline constexpr std::uint8_t no_app = 0xff;

[[nodiscard]] constexpr bool is_command(FrameType type) {
    return type >= FrameType::Stop && type <= FrameType::ToGuest;
}
[[nodiscard]] constexpr bool is_known(std::uint8_t type) {
    return (type >= static_cast<std::uint8_t>(FrameType::Stdout) &&
            type <= static_cast<std::uint8_t>(FrameType::Cancelled)) ||
           is_command(static_cast<FrameType>(type)) ||
           type == static_cast<std::uint8_t>(FrameType::Welcome);
}

/// Whether a frame of that type carries its payload behind ESC \, for people to read.
[[nodiscard]] constexpr bool is_visible(FrameType type) {
    return type == FrameType::Stdout || type == FrameType::Stderr || type == FrameType::Log ||
           type == FrameType::Failed;
}

inline constexpr std::string_view frame_start = "\x1b_K";
inline constexpr std::string_view frame_end = "\x1b\\";

/// Most bytes of a payload: a writer splits what is longer, a reader takes no larger frame.
inline constexpr std::size_t max_payload = 4096;

struct FrameHeader {
    std::uint8_t type = 0;      // 0: FrameType
    std::uint8_t app = no_app;  // 1: number in the system image
    Le16 length;                // 2: bytes of the payload
    Le32 sequence;              // 4: counts up; a command sent again has that of the first time
    Le32 payload_crc;           // 8: CRC-32
    Le32 header_crc;            // 12: CRC-32 of the twelve bytes before
};
static_assert(sizeof(FrameHeader) == 16);

/// What the root server has left: equal before the first app and after the last, or something
/// leaks.
struct InventoryRecord {
    Le64 untyped_bytes;  // 0: in untypeds of normal memory that are free
    Le64 slots;          // 8: free in the root server's CSpace
    Le32 untypeds;       // 16: free pieces
    Le32 reserved;       // 20
};
static_assert(sizeof(InventoryRecord) == 24);

/// What an app was really given, counted as the kernel calls were made: never copied from the plan.
struct UsageRecord {
    manifest::ObjectCounts objects;  // 0
    Le64 untyped_bytes;              // 0x40: of the untypeds reserved for it
    Le64 object_bytes;               // 0x48: of the objects made from them
    Le32 slots;                      // 0x50: filled in its object CNode
    Le32 invocations;                // 0x54: kernel calls that spawning took
    Le32 pages;                      // 0x58: of 4 KiB, that were mapped for it
    Le32 maps;                       // 0x5c: kernel calls that mapped them
};
static_assert(sizeof(UsageRecord) == 0x60);

struct ExitRecord {
    Le32 status;       // 0: as wait4(2) gives it: exit code << 8, or the signal
    Le32 heap_pages;   // 4: most heap frames in use at once
    Le32 heap_limit;   // 8
    Le32 page_tables;  // 12: most in use
};
static_assert(sizeof(ExitRecord) == 16);

/// The app gets the signal; where it still runs after that time, it is killed.
struct StopCommand {
    static constexpr std::uint32_t never = 0xffff'ffff;
    /// The app's own, as its record has them.
    static constexpr std::uint32_t own_signal = 0, own_grace = 0xffff'fffe;

    Le32 signal;                // 0: as Linux numbers it, or own_signal
    Le32 milliseconds_to_kill;  // 4: or never, or own_grace
};
static_assert(sizeof(StopCommand) == 8);

enum class CommandResult : std::uint32_t {
    Done = 0,
    NoSuchApp = 1,   ///< the system image has no app of that number
    NotRunning = 2,  ///< it has ended, or was never started
    Malformed = 3,   ///< the payload is not one of that command; nothing was done
    Running = 4,     ///< it runs, or is about to: it cannot be removed
    Stopped = 5,     ///< on the socket of an instance: the target was over before it answered
    Busy = 6,        ///< the VMM has not taken what was sent before: try again
};

struct AckRecord {
    Le32 sequence;  // 0: of the command
    Le32 result;    // 4: CommandResult
};
static_assert(sizeof(AckRecord) == 8);

/// What an instance's socket begins with.
struct WelcomeRecord {
    static constexpr std::uint32_t current_version = 1;

    Le32 version;  // 0
};
static_assert(sizeof(WelcomeRecord) == 4);

enum class AppState : std::uint32_t {
    Created = 0,  ///< in the system image, not started or not startable
    Running = 1,
    Stopping = 2,  ///< runs; it was told to stop and will be killed
    Stopped = 3,
    Waiting = 4,     ///< for what it depends on
    Restarting = 5,  ///< has ended; will be started again when its delay is over
};

/// Whether an app that runs is ready, as its record says when it is.
enum class Health : std::uint32_t { None = 0, Starting = 1, Healthy = 2, Unhealthy = 3 };

/// Bytes of an app's name that a Status frame carries at most; the rest is cut off.
inline constexpr std::size_t max_name = 128;

/// One app as it is. Its name follows the record.
struct StatusRecord {
    Le32 state;         // 0x00: AppState
    Le32 exit_status;   // 0x04: Stopped: as ExitRecord has it
    Le32 starts;        // 0x08: times that it was started: its generation
    Le32 heap_pages;    // 0x0c: most heap frames in use at once
    Le32 heap_limit;    // 0x10
    Le32 health;        // 0x14: Health
    Le64 milliseconds;  // 0x18: that it has run, or ran
};
static_assert(sizeof(StatusRecord) == 0x20);

}  // namespace kos::msg
