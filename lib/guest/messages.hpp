// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What frames hold (docs/guest-control.md). Texts borrow the payload that they were decoded from.
#pragma once

#include "lib/guest/fields.hpp"
#include "lib/guest/frame.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::guest {

struct Hello {
    static constexpr FrameType type = FrameType::Hello;
    std::uint32_t magic = protocol_magic;
    std::uint16_t version = protocol_version;
};

// From the host

struct QueryStatus {
    static constexpr FrameType type = FrameType::QueryStatus;
};

/// Logs of a container, or of all and of kosinit itself (no name).
struct Attach {
    static constexpr FrameType type = FrameType::Attach;
    static constexpr std::uint32_t follow = 1;    ///< go on until the container has ended
    static constexpr std::uint32_t lossless = 2;  ///< the container waits where the host is slow
    static constexpr std::uint32_t input = 4;     ///< Input frames go to its standard input
    static constexpr std::uint32_t all_flags = 7;
    std::string_view container;
    std::uint32_t flags = 0;
    std::uint64_t from = 0;  ///< first sequence number wanted
};

struct Exec {
    static constexpr FrameType type = FrameType::Exec;
    static constexpr std::uint32_t terminal = 1;
    static constexpr std::uint32_t all_flags = 1;
    std::string_view container;
    std::uint32_t flags = 0;
    std::uint16_t rows = 0;
    std::uint16_t columns = 0;
    std::string_view directory;  ///< empty: the container's
    std::string_view user;       ///< "UID" or "UID:GID"; empty: the container's
    TextList arguments;
    TextList environment;
};

struct Signal {
    static constexpr FrameType type = FrameType::Signal;
    static constexpr std::uint32_t all_processes = 1;
    static constexpr std::uint32_t all_flags = 1;
    std::string_view container;
    std::uint32_t number = 0;
    std::uint32_t flags = 0;
};

struct QueryUsage {
    static constexpr FrameType type = FrameType::QueryUsage;
    std::string_view container;
};

struct SetTime {
    static constexpr FrameType type = FrameType::SetTime;
    std::uint64_t seconds = 0;  ///< since 1970
    std::uint32_t nanoseconds = 0;
};

struct Shutdown {
    static constexpr FrameType type = FrameType::Shutdown;
    static constexpr std::uint32_t restart = 1;
    static constexpr std::uint32_t all_flags = 1;
    static constexpr std::uint32_t default_deadline = 0xffff'ffff;
    std::uint32_t deadline_ms = default_deadline;  ///< until containers are killed
    std::uint32_t flags = 0;
};

struct Input {
    static constexpr FrameType type = FrameType::Input;
    Bytes bytes;
};

struct InputEnd {
    static constexpr FrameType type = FrameType::InputEnd;
};

struct Resize {
    static constexpr FrameType type = FrameType::Resize;
    std::uint16_t rows = 0;
    std::uint16_t columns = 0;
};

struct SignalProcess {
    static constexpr FrameType type = FrameType::SignalProcess;
    std::uint32_t number = 0;
};

// From the guest

struct Done {
    static constexpr FrameType type = FrameType::Done;
};

struct Failed {
    static constexpr FrameType type = FrameType::Failed;
    std::string_view code;  ///< of docs/errors.md
    std::string_view text;
};

enum class GuestState : std::uint8_t { Starting = 0, Running = 1, Stopping = 2 };

struct GuestStatus {
    static constexpr FrameType type = FrameType::GuestStatus;
    GuestState state = GuestState::Starting;
    std::uint64_t uptime_ns = 0;
    std::uint64_t memory_total = 0;
    std::uint64_t memory_available = 0;
};

/// The OCI states, and what comes before and between them.
enum class ContainerState : std::uint8_t { Waiting = 0, Running = 1, Stopped = 2, Failed = 3 };

struct ContainerStatus {
    static constexpr FrameType type = FrameType::ContainerStatus;
    std::string_view name;
    ContainerState state = ContainerState::Waiting;
    std::uint8_t is_ready = 0;
    std::uint32_t pid = 0;
    std::uint32_t wait_status = 0;  ///< as wait(2); of the last end
    std::uint32_t oom_kills = 0;    ///< processes killed for want of memory, of the last run
    std::uint32_t restarts = 0;
    std::uint64_t started_ns = 0;  ///< since the guest's boot
    std::uint64_t ended_ns = 0;
    std::string_view error;  ///< why it could not be started
};

enum class Stream : std::uint8_t { Guest = 0, Output = 1, Error = 2 };

struct Log {
    static constexpr FrameType type = FrameType::Log;
    std::uint64_t sequence = 0;
    std::uint64_t time_ns = 0;  ///< since the guest's boot
    Stream stream = Stream::Guest;
    std::string_view container;  ///< empty: kosinit
    Bytes bytes;
};

/// Records that the ring no longer had.
struct Lost {
    static constexpr FrameType type = FrameType::Lost;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

struct Usage {
    static constexpr FrameType type = FrameType::Usage;
    std::uint64_t cpu_us = 0;
    std::uint64_t memory = 0;  ///< bytes
    std::uint64_t memory_peak = 0;
    std::uint64_t processes = 0;
    std::uint64_t oom_kills = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t written_bytes = 0;
};

struct Started {
    static constexpr FrameType type = FrameType::Started;
    std::uint32_t pid = 0;
};

struct Output {
    static constexpr FrameType type = FrameType::Output;
    Stream stream = Stream::Output;
    Bytes bytes;
};

struct Exited {
    static constexpr FrameType type = FrameType::Exited;
    std::uint32_t wait_status = 0;
};

/// How the guest as a whole ended: the wait status, and whose it is (nobody's where all went well).
struct GuestEnd {
    static constexpr FrameType type = FrameType::GuestEnd;
    std::uint32_t wait_status = 0;
    std::string_view container;
};

/// The payload as T; nothing where it is too short or too long, or a value is none that T has.
template <class T>
[[nodiscard]] std::optional<T> decode(Bytes payload);

}  // namespace kos::guest
