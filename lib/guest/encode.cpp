// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/guest/encode.hpp"

#include <concepts>

namespace kos::guest {

namespace {

void put(std::string& out, Bytes bytes);

template <std::unsigned_integral T>
void put(std::string& out, T number) {
    const LittleEndian<T> field{number};
    out += as_text(bytes_of(field));
}

template <class T>
requires std::is_enum_v<T>
void put(std::string& out, T value) { put(out, static_cast<std::underlying_type_t<T>>(value)); }

void put(std::string& out, Bytes bytes) {
    put(out, static_cast<std::uint32_t>(bytes.size()));
    out += as_text(bytes);
}

void put(std::string& out, std::string_view text) { put(out, as_bytes(text)); }

void put(std::string& out, const TextList& list) {
    put(out, list.count);
    out += as_text(list.bytes);
}

/// The head, with the length that the payload turned out to have.
std::string finish(FrameType type, std::string frame) {
    const std::size_t size = frame.size() - sizeof(FrameHead);
    if (size > longest_payload) panic("guest control: a payload is too long");
    const FrameHead head{static_cast<std::uint32_t>(size), static_cast<std::uint16_t>(type), {}};
    frame.replace(0, sizeof head, as_text(bytes_of(head)));
    return frame;
}

template <class T, class... Fields>
std::string frame_of(const T&, const Fields&... fields) {
    std::string frame(sizeof(FrameHead), '\0');
    (put(frame, fields), ...);
    return finish(T::type, std::move(frame));
}

}  // namespace

TextList make_list(std::span<const std::string> texts, std::string& storage) {
    storage.clear();
    for (const std::string& text : texts) put(storage, std::string_view{text});
    return {static_cast<std::uint16_t>(texts.size()), as_bytes(storage)};
}

std::string encode(const Hello& m) { return frame_of(m, m.magic, m.version); }
std::string encode(const QueryStatus& m) { return frame_of(m); }
std::string encode(const Attach& m) { return frame_of(m, m.container, m.flags, m.from); }
std::string encode(const Exec& m) {
    return frame_of(m, m.container, m.flags, m.rows, m.columns, m.directory, m.user, m.arguments,
                    m.environment);
}
std::string encode(const Signal& m) { return frame_of(m, m.container, m.number, m.flags); }
std::string encode(const QueryUsage& m) { return frame_of(m, m.container); }
std::string encode(const SetTime& m) { return frame_of(m, m.seconds, m.nanoseconds); }
std::string encode(const Shutdown& m) { return frame_of(m, m.deadline_ms, m.flags); }
std::string encode(const Input& m) {
    std::string frame(sizeof(FrameHead), '\0');
    frame += as_text(m.bytes);
    return finish(Input::type, std::move(frame));
}
std::string encode(const InputEnd& m) { return frame_of(m); }
std::string encode(const Resize& m) { return frame_of(m, m.rows, m.columns); }
std::string encode(const SignalProcess& m) { return frame_of(m, m.number); }
std::string encode(const Done& m) { return frame_of(m); }
std::string encode(const Failed& m) { return frame_of(m, m.code, m.text); }
std::string encode(const GuestStatus& m) {
    return frame_of(m, m.state, m.uptime_ns, m.memory_total, m.memory_available);
}
std::string encode(const ContainerStatus& m) {
    return frame_of(m, m.name, m.state, m.is_ready, m.pid, m.wait_status, m.oom_kills, m.restarts,
                    m.started_ns, m.ended_ns, m.error);
}
std::string encode(const Log& m) {
    return frame_of(m, m.sequence, m.time_ns, m.stream, m.container, m.bytes);
}
std::string encode(const Lost& m) { return frame_of(m, m.first, m.count); }
std::string encode(const Usage& m) {
    return frame_of(m, m.cpu_us, m.memory, m.memory_peak, m.processes, m.oom_kills, m.read_bytes,
                    m.written_bytes);
}
std::string encode(const Started& m) { return frame_of(m, m.pid); }
std::string encode(const Output& m) { return frame_of(m, m.stream, m.bytes); }
std::string encode(const Exited& m) { return frame_of(m, m.wait_status); }
std::string encode(const GuestEnd& m) { return frame_of(m, m.wait_status, m.container); }

}  // namespace kos::guest
