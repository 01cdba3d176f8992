// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A connection to a message server, as packets (docs/msg.md). What the server says comes in its
// ring. A token that has a lane (lib/message/lane.hpp) needs no server: this writes what the app
// sends there, and answers it; it gives what the peer has written there as events.
//
//   app ── Send ──► lane ──► peer            else ──► ring ──► server
//       ◄─ answers of its own ─┐
//       ◄─ lanes, one after another ─ the ring
#pragma once

#include "lib/message/wire.hpp"
#include "libos/net/message_servers.hpp"

#include <cstdint>
#include <optional>

namespace kos::libos {

/// The view of one. Whoever uses it holds the lock of its socket.
class Session {
   public:
    explicit Session(const Link& link)
        : link_(link),
          board_(MessageServers::board(link.server())),
          channel_(board_.channels[link.channel()]),
          own_(board_.answers[link.channel()]) {}

    /// A new one: nothing of an earlier one of the same channel counts.
    void begin() const { own_ = {}; }
    /// What has become of it: message::channel_flag.
    [[nodiscard]] std::uint32_t flags() const {
        return __atomic_load_n(&channel_.flags, __ATOMIC_SEQ_CST);
    }

    struct Packet {
        Word size;           ///< bytes that were copied
        bool begins_stream;  ///< it says that the connection is a stream from now on
    };
    /// Copies the next packet into \p bytes, as much of it as fits. \p keeps: it stays. Nothing:
    /// there is none.
    [[nodiscard]] std::optional<Outcome<Packet>> receive(MutableBytes bytes, bool keeps) const;
    /// Sends a payload, whole. False: there is no room.
    [[nodiscard]] bool send(Bytes payload) const;

    [[nodiscard]] bool has_packet() const;
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] std::uint32_t changes() const;

   private:
    [[nodiscard]] std::uint32_t places() const;
    [[nodiscard]] std::optional<Word> place_of(const std::uint64_t (&token)[2]) const;
    [[nodiscard]] bool is_own(const message::TokenPlace& place) const;
    [[nodiscard]] std::optional<message::Lane> lane(Word number) const;
    [[nodiscard]] bool has_bytes_in_ring() const;
    [[nodiscard]] std::uint32_t sources() const;
    [[nodiscard]] bool answers_next() const;
    [[nodiscard]] Packet take_answer(MutableBytes bytes, bool keeps) const;
    [[nodiscard]] std::optional<Outcome<Packet>> take_from_ring(MutableBytes bytes,
                                                                bool keeps) const;
    [[nodiscard]] std::optional<Packet> take_from_lane(Word number, MutableBytes bytes,
                                                       bool keeps) const;
    static bool owes_room(const message::TokenPlace& place, const message::Lane& lane);
    [[nodiscard]] bool has_begun(message::TokenPlace& one) const;
    void send_by_lane(Word number, const message::Lane& lane, std::uint32_t id,
                      Bytes message) const;
    [[nodiscard]] bool is_taken(Word number) const;

    Link link_;
    message::Board& board_;
    message::Channel& channel_;
    message::OwnAnswers& own_;
};

}  // namespace kos::libos
