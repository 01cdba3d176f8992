// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The memory that an app shares with its message server: the board, then two rings for each of its
// channels. A channel is a connection to the message server, or a stream socket.
//
//   page 0        Board: Channel[], TokenPlace[], OwnAnswers[]
//   behind it     channel 0: ring to the app, ring from the app; channel 1: …
//
// Each ring has one writer and one reader. Positions count bytes since the channel was opened and
// wrap at 2^32; the server keeps its own in memory of its own, and takes of an app's what makes
// sense. An app can spoil its own area, which harms its own connections.
//
//   app: put bytes, move `from_tail`, Call::Kick         server: takes them, moves `from_head`
//   server: puts bytes, moves `to_tail`, counts changes   app: takes them, moves `to_head`;
//                                                           Call::Kick where `kick_after_read`
#pragma once

#include "lib/base/address.hpp"

#include <cstddef>
#include <cstdint>

namespace kos::message {

inline constexpr std::uint32_t channels_of_an_app = 16;
inline constexpr std::uint32_t ring_size = 8192;  ///< a power of two
static_assert((ring_size & (ring_size - 1)) == 0);
/// Of a socket's name, as Call::SocketName tells it: three words.
inline constexpr std::size_t longest_socket_name = 24;

/// What a channel has come to; the server writes it.
namespace channel_flag {
inline constexpr std::uint32_t open = 1;
inline constexpr std::uint32_t connected = 2;     ///< bytes can go both ways
inline constexpr std::uint32_t end_of_input = 4;  ///< behind what the ring holds
inline constexpr std::uint32_t no_output = 8;     ///< nobody reads any more: EPIPE
inline constexpr std::uint32_t reset = 16;        ///< the peer has died: ECONNRESET
inline constexpr std::uint32_t acceptable = 32;   ///< of a listener: someone waits
}  // namespace channel_flag

struct Channel {
    std::uint32_t flags;            // 0x00: server's
    std::uint32_t changes;          // 0x04: server's: counts what may have changed readiness; what
                                    // lanes of its tokens counted that went is in it
    std::uint32_t to_tail;          // 0x08: server's: bytes put for the app
    std::uint32_t to_head;          // 0x0c: app's: bytes that it has taken
    std::uint32_t from_tail;        // 0x10: app's: bytes that it has put
    std::uint32_t from_head;        // 0x14: server's: bytes taken from the app
    std::uint32_t kick_after_read;  // 0x18: server's: it has more, for which there was no room
    std::uint32_t lane;             // 0x1c: server's: 0, or one more than the number of its end
                                    // in the channel's lane (lib/message/lane.hpp): when the
                                    // server has taken all that the app has put, the next bytes go
                                    // there; they come behind those of the ring
    std::uint32_t reserved[8];      // 0x20
};
static_assert(sizeof(Channel) == 0x40);

/// One of the app's places for lanes, where that has the lane of a token (lib/message/lane.hpp):
/// the token's messages go through it, the server's as well.
struct TokenPlace {
    std::uint32_t lane;       // 0x00: server's: 0, or one more than the number of the app's end
    std::uint32_t channel;    // 0x04: server's: 0, or one more than the number of the connection
                              // that has the token
    std::uint32_t after;      // 0x08: server's: what the lane holds comes behind the bytes of the
                              // ring to the app up to this position
    std::uint32_t has_ended;  // 0x0c: server's: the token is void, and nothing more comes; the
                              // app takes what is there, then Call::Kick
    std::uint64_t token[2];   // 0x10: server's
    std::uint32_t has_begun;  // 0x20: app's: it has taken the bytes up to `after`
    std::uint32_t owes_room;  // 0x24: a Send was answered with Full: Room is to be told. The server
                              // sets it in a Call of the app's alone
    std::uint64_t reserved;   // 0x28
};
static_assert(sizeof(TokenPlace) == 0x30);

/// Answers that a connection owes its app: to what went through lanes. The app's alone.
struct OwnAnswers {
    struct One {
        std::uint32_t id;
        std::uint32_t status;
        std::uint32_t after;  ///< it comes behind the ring's bytes up to this position
    };
    static constexpr std::uint32_t most = 8;

    std::uint32_t first;        // 0x00: counts those that were taken
    std::uint32_t count;        // 0x04
    std::uint32_t changes;      // 0x08: counts those that were put
    std::uint32_t turn;         // 0x0c: whose turn it is: a place's number, or the ring's
    One answers[most];          // 0x10
    std::uint64_t reserved[2];  // 0x70
};
static_assert(sizeof(OwnAnswers) == 0x80);

struct Board {
    std::uint32_t changes;      // 0x00: server's: grows with every change in any channel
    std::uint32_t generation;   // 0x04: server's: of the app that it has seen
    std::uint64_t waiters;      // 0x08: bit n: thread n sleeps until `changes` grows. The app
                                // sets bits, the server takes them and signals
    std::uint32_t lanes;        // 0x10: server's: bit n: place n has a lane: that of channel n,
    std::uint32_t token_lanes;  // 0x14: server's: or that of a token, if bit n is set here as well
    std::uint8_t reserved[40];  // 0x18
    Channel channels[channels_of_an_app];    // 0x40
    TokenPlace places[channels_of_an_app];   // 0x440
    OwnAnswers answers[channels_of_an_app];  // 0x740
};
static_assert(offsetof(Board, channels) == 0x40 && offsetof(Board, places) == 0x440 &&
              offsetof(Board, answers) == 0x740 && sizeof(Board) <= page_size);

/// What a message server keeps of each app, in memory of its own.
inline constexpr std::uint64_t books_size = 2 * page_size;

inline constexpr std::uint64_t area_size =
    page_size + std::uint64_t{2} * channels_of_an_app * ring_size;

/// Where the ring to the app lies in its area; the ring from the app is behind it.
[[nodiscard]] constexpr std::uint64_t ring_offset(std::uint32_t channel) {
    return page_size + std::uint64_t{channel} * 2 * ring_size;
}

/// What an app asks of its message server: Calls on its endpoint there, the label one of these. The
/// answer's label is 0 or a Linux errno, its words the results. None of them waits.
enum class Call : std::uint64_t {
    /// 0: number of the app's socket that it connects to. Answer 0: a channel, a connection to the
    /// message server.
    OpenSession = 1,
    /// Answer 0: a channel, a stream socket that is neither connected nor listens.
    OpenStream = 2,
    /// 0: channel. What was written is still delivered.
    Close = 3,
    /// 0: channel. There are bytes in the ring from the app, or room in the other; or there are
    /// waiters of the lane's other end that the app cannot signal.
    Kick = 4,
    /// 0: channel, 1: IPv4 address (0: all of them), 2: port (0: any), 3: most that may wait.
    /// Answer 0: the port. EADDRINUSE, EADDRNOTAVAIL.
    Listen = 5,
    /// 0: channel, 1: IPv4 address, 2: port, 3: 1 where the app asks another server otherwise:
    /// a refusal is then not logged.
    /// Answer 0: own address, 1: own port. ECONNREFUSED; ENETUNREACH: no network here has the
    /// address.
    Connect = 6,
    /// 0: channel of a listener. Answer 0: a new channel, 1: peer's address, 2: its port, 3: own
    /// address. EAGAIN.
    Accept = 7,
    /// 0: channel. No more will be written to it.
    ShutDown = 8,
    /// 0: number of a socket, from 0. Answer 0: bytes of its name, 1…: the name, eight bytes a
    /// word. ENOENT: there is none.
    SocketName = 9,
    /// 0: number of an address, from 0. Answer 0: address. ENOENT.
    Address = 10,
};

}  // namespace kos::message
