// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The host's streams as a target has them (guest_stream.hpp), by number: reads what the host sends,
// counts the bytes of both directions, and answers what needs no stream. Where the streams lead is
// for whoever derives from it. Allocates nothing.
//
//   host ──► receive() ──► opened, data, credit, finish, release
//   host ◄── HostLine ◄── tell_open, tell_taken, tell_data, tell_finish, over
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/msg/guest_stream.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::msg {

/// Takes what goes to the host: the payload of a GuestStream frame.
class HostLine {
   public:
    virtual void send(Bytes payload) = 0;

   protected:
    ~HostLine() = default;
};

class StreamTable {
   public:
    StreamTable(const StreamTable&) = delete;
    StreamTable& operator=(const StreamTable&) = delete;

    /// The payload of a ToGuest frame. Where it is none, nothing happens.
    void receive(Bytes payload);

    /// A ToGuest frame that there was no room for may come now.
    void tell_room() { tell(0, StreamEvent::Room, 0); }

    /// How many there are.
    [[nodiscard]] std::size_t count() const;

   protected:
    using Number = std::uint8_t;
    /// Counters of bytes wrap at 2^32.
    struct Stream {
        bool is_there = false;
        bool is_open = false;  ///< as the host was told
        bool host_has_finished = false;
        std::uint32_t name = 0;      ///< as Open gave it
        std::uint32_t received = 0;  ///< of the host
        std::uint32_t told = 0;      ///< of it, as what has been taken
        std::uint32_t sent = 0;      ///< to the host
        std::uint32_t consumed = 0;  ///< of it, by the host
    };

    /// Numbers are below \p most; \p line outlives it.
    StreamTable(HostLine& line, std::size_t most) : line_(line), most_(most) {}
    ~StreamTable() = default;

    [[nodiscard]] const Stream& stream(Number number) const { return streams_[number]; }
    /// Bytes that the host takes now.
    [[nodiscard]] std::uint32_t room(Number number) const;

    /// What the host wants of a stream. False: there is none, or not any more.
    virtual bool opened(Number number, std::uint16_t port) = 0;
    /// The next bytes in order, no more than the window beyond what was told to be taken.
    virtual bool data(Number number, Bytes bytes) = 0;
    /// The host has taken so many bytes more.
    virtual void credit(Number /*number*/, std::uint32_t /*bytes*/) {}
    /// No data follows.
    virtual void finish(Number number) = 0;
    /// The stream is over, and the host told so.
    virtual void release(Number number) = 0;
    /// Likewise where the host has forgotten it, and wants another one of the number.
    virtual void replace(Number number) { release(number); }

    void tell_open(Number number);
    /// At most what there is room for.
    void tell_data(Number number, Bytes bytes);
    /// \p taken: bytes of the host's so far that it need not count any more.
    void tell_taken(Number number, std::uint32_t taken);
    void tell_finish(Number number);
    /// It is over, at the other end too: nothing is left to release.
    void over(Number number);
    /// Releases it and tells that it is over.
    void end(Number number);

   private:
    void open(Number number, std::uint32_t name, std::uint16_t port);
    void take_data(Number number, std::uint32_t position, Bytes bytes);
    void take_credit(Number number, std::uint32_t position);
    void take_finish(Number number, std::uint32_t position);
    void tell(Number number, StreamEvent event, std::uint32_t position, Bytes bytes = {});

    HostLine& line_;
    std::size_t most_;
    std::array<Stream, max_gateway_streams> streams_{};
};

}  // namespace kos::msg
