// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The app's message servers: memory shared with each, and Calls to it (lib/message/area.hpp). No
// Call waits; threads sleep on their notifications, which a server signals when something changed.
// A stream or a token that has a lane (lib/message/lane.hpp) goes on without the server: the apps
// signal each other.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/message/area.hpp"
#include "lib/message/lane.hpp"
#include "libos/core/answer.hpp"
#include "libos/core/lock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::libos {

class MessageServers {
   public:
    explicit MessageServers(Word count) : count_(count) {}

    [[nodiscard]] Word count() const { return count_; }
    /// The calling thread is signalled at the next change in a channel or a lane.
    void arm() const;

    static message::Board& board(Word server);
    /// Of the stream of that channel; nothing where it has none.
    static std::optional<message::Lane> lane(Word server, Word channel);
    /// Of a token, at that place of the app's; nothing where there is none.
    static std::optional<message::Lane> token_lane(Word server, Word place);
    /// Tells the other end of the lane at that place that something has changed. False: threads
    /// sleep there that the server is to wake, by a Kick.
    [[nodiscard]] static bool tell(const message::Lane& lane, Word server, Word place);
    /// Held while lanes are looked at by who may not keep their sockets open, and in Calls that may
    /// take lanes from the app.
    [[nodiscard]] Lock& lanes_lock() const { return lanes_lock_; }
    /// The results of a Call, or its error.
    static Outcome<std::array<Word, 4>> call(Word server, message::Call call, Word a = 0,
                                             Word b = 0, Word c = 0, Word d = 0);

    struct Socket {
        Word server;
        Word number;  ///< of the app's sockets there
    };
    /// The message socket at \p path: ENOENT where there is none of that name.
    [[nodiscard]] Outcome<Socket> find(std::string_view path) const;

   private:
    Word count_;
    mutable Lock lanes_lock_;
};

/// A channel of a message server, as the app sees it.
class Link {
   public:
    Link() = default;
    Link(Word server, Word channel)
        : server_(static_cast<std::uint8_t>(server)),
          channel_(static_cast<std::uint8_t>(channel)) {}

    [[nodiscard]] Word server() const { return server_; }
    [[nodiscard]] Word channel() const { return channel_; }
    /// What has become of it: message::channel_flag.
    [[nodiscard]] std::uint32_t flags() const;
    [[nodiscard]] bool has(std::uint32_t any) const { return (flags() & any) != 0; }
    [[nodiscard]] std::uint32_t changes() const;
    /// Of a stream, by the ring or the lane: whether bytes wait; whether there is room for many.
    [[nodiscard]] bool has_bytes() const;
    [[nodiscard]] bool has_much_room() const;
    /// Moves waiting bytes of a stream into \p bytes; how many. \p keeps: they stay.
    std::size_t take(MutableBytes bytes, bool keeps) const;
    /// Sends as many as there is room for; how many.
    std::size_t add(Bytes bytes) const;
    void close() const;
    /// The server is to look at the channel.
    void kick() const;
    /// Tells the other end of the lane that the channel has at that place.
    void tell(const message::Lane& lane, Word place) const;

    /// Bytes that wait in the ring; room for bytes to be written there.
    [[nodiscard]] std::uint32_t pending() const;
    [[nodiscard]] std::uint32_t room() const;
    /// Copies waiting bytes, from the one at \p offset on.
    void peek(std::uint32_t offset, MutableBytes bytes) const;
    void drop(std::uint32_t count) const;
    /// Puts bytes behind \p offset others, which give() then hands over.
    void put(std::uint32_t offset, Bytes bytes) const;
    void give(std::uint32_t count) const;
    Outcome<std::array<Word, 4>> call(message::Call call, Word a = 0, Word b = 0,
                                      Word c = 0) const {
        return MessageServers::call(server_, call, channel_, a, b, c);
    }

   private:
    /// Where new bytes go; nothing: through the server.
    [[nodiscard]] std::optional<message::Lane> lane_to_write() const;
    [[nodiscard]] message::Channel& shared() const;
    [[nodiscard]] std::byte* ring(bool from_app) const;

    std::uint8_t server_ = 0;
    std::uint8_t channel_ = 0;
};

}  // namespace kos::libos
