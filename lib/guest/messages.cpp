// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/guest/messages.hpp"

namespace kos::guest {

namespace {

template <class T>
std::optional<T> checked(const FieldReader& reader, const T& value, bool makes_sense = true) {
    if (!reader.complete() || !makes_sense) return std::nullopt;
    return value;
}

template <class T>
std::optional<T> nothing(Bytes payload) {
    return checked(FieldReader{payload}, T{});
}

bool only(std::uint32_t flags, std::uint32_t allowed) { return (flags & ~allowed) == 0; }

}  // namespace

// Members are read in the order in which they stand: an initialiser list is evaluated in order.

template <>
std::optional<Hello> decode(Bytes payload) {
    FieldReader reader{payload};
    const Hello hello{reader.number<std::uint32_t>(), reader.number<std::uint16_t>()};
    return checked(reader, hello, hello.magic == protocol_magic);
}

template <>
std::optional<QueryStatus> decode(Bytes payload) {
    return nothing<QueryStatus>(payload);
}

template <>
std::optional<Attach> decode(Bytes payload) {
    FieldReader reader{payload};
    const Attach attach{reader.text(), reader.number<std::uint32_t>(),
                        reader.number<std::uint64_t>()};
    return checked(reader, attach, only(attach.flags, Attach::all_flags));
}

template <>
std::optional<Exec> decode(Bytes payload) {
    FieldReader reader{payload};
    const Exec exec{reader.text(),
                    reader.number<std::uint32_t>(),
                    reader.number<std::uint16_t>(),
                    reader.number<std::uint16_t>(),
                    reader.text(),
                    reader.text(),
                    reader.list(),
                    reader.list()};
    return checked(reader, exec, only(exec.flags, Exec::all_flags) && exec.arguments.count > 0);
}

template <>
std::optional<Signal> decode(Bytes payload) {
    FieldReader reader{payload};
    const Signal signal{reader.text(), reader.number<std::uint32_t>(),
                        reader.number<std::uint32_t>()};
    return checked(reader, signal, only(signal.flags, Signal::all_flags));
}

template <>
std::optional<QueryUsage> decode(Bytes payload) {
    FieldReader reader{payload};
    const QueryUsage query{reader.text()};
    return checked(reader, query);
}

template <>
std::optional<SetTime> decode(Bytes payload) {
    FieldReader reader{payload};
    const SetTime time{reader.number<std::uint64_t>(), reader.number<std::uint32_t>()};
    return checked(reader, time, time.nanoseconds < 1'000'000'000 && time.seconds < (1ull << 40));
}

template <>
std::optional<Shutdown> decode(Bytes payload) {
    FieldReader reader{payload};
    const Shutdown shutdown{reader.number<std::uint32_t>(), reader.number<std::uint32_t>()};
    return checked(reader, shutdown, only(shutdown.flags, Shutdown::all_flags));
}

template <>
std::optional<Input> decode(Bytes payload) {
    return Input{payload};
}

template <>
std::optional<InputEnd> decode(Bytes payload) {
    return nothing<InputEnd>(payload);
}

template <>
std::optional<Resize> decode(Bytes payload) {
    FieldReader reader{payload};
    const Resize resize{reader.number<std::uint16_t>(), reader.number<std::uint16_t>()};
    return checked(reader, resize);
}

template <>
std::optional<SignalProcess> decode(Bytes payload) {
    FieldReader reader{payload};
    const SignalProcess signal{reader.number<std::uint32_t>()};
    return checked(reader, signal);
}

template <>
std::optional<Done> decode(Bytes payload) {
    return nothing<Done>(payload);
}

template <>
std::optional<Failed> decode(Bytes payload) {
    FieldReader reader{payload};
    const Failed failed{reader.text(), reader.text()};
    return checked(reader, failed);
}

template <>
std::optional<GuestStatus> decode(Bytes payload) {
    FieldReader reader{payload};
    const GuestStatus status{static_cast<GuestState>(reader.number<std::uint8_t>()),
                             reader.number<std::uint64_t>(), reader.number<std::uint64_t>(),
                             reader.number<std::uint64_t>()};
    return checked(reader, status, status.state <= GuestState::Stopping);
}

template <>
std::optional<ContainerStatus> decode(Bytes payload) {
    FieldReader reader{payload};
    const ContainerStatus status{reader.text(),
                                 static_cast<ContainerState>(reader.number<std::uint8_t>()),
                                 reader.number<std::uint8_t>(),
                                 reader.number<std::uint32_t>(),
                                 reader.number<std::uint32_t>(),
                                 reader.number<std::uint32_t>(),
                                 reader.number<std::uint32_t>(),
                                 reader.number<std::uint64_t>(),
                                 reader.number<std::uint64_t>(),
                                 reader.text()};
    return checked(reader, status, status.state <= ContainerState::Failed && status.is_ready <= 1);
}

template <>
std::optional<Log> decode(Bytes payload) {
    FieldReader reader{payload};
    const Log log{reader.number<std::uint64_t>(), reader.number<std::uint64_t>(),
                  static_cast<Stream>(reader.number<std::uint8_t>()), reader.text(),
                  reader.bytes()};
    return checked(reader, log, log.stream <= Stream::Error);
}

template <>
std::optional<Lost> decode(Bytes payload) {
    FieldReader reader{payload};
    const Lost lost{reader.number<std::uint64_t>(), reader.number<std::uint64_t>()};
    return checked(reader, lost);
}

template <>
std::optional<Usage> decode(Bytes payload) {
    FieldReader reader{payload};
    const Usage usage{reader.number<std::uint64_t>(), reader.number<std::uint64_t>(),
                      reader.number<std::uint64_t>(), reader.number<std::uint64_t>(),
                      reader.number<std::uint64_t>(), reader.number<std::uint64_t>(),
                      reader.number<std::uint64_t>()};
    return checked(reader, usage);
}

template <>
std::optional<Started> decode(Bytes payload) {
    FieldReader reader{payload};
    const Started started{reader.number<std::uint32_t>()};
    return checked(reader, started);
}

template <>
std::optional<Output> decode(Bytes payload) {
    FieldReader reader{payload};
    const Output output{static_cast<Stream>(reader.number<std::uint8_t>()), reader.bytes()};
    return checked(reader, output,
                   output.stream == Stream::Output || output.stream == Stream::Error);
}

template <>
std::optional<Exited> decode(Bytes payload) {
    FieldReader reader{payload};
    const Exited exited{reader.number<std::uint32_t>()};
    return checked(reader, exited);
}

template <>
std::optional<GuestEnd> decode(Bytes payload) {
    FieldReader reader{payload};
    const GuestEnd end{reader.number<std::uint32_t>(), reader.text()};
    return checked(reader, end);
}

}  // namespace kos::guest
