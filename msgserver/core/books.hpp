// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the message server keeps of its apps: fixed tables, one record for each app, so that no app
// can use up what another needs. Only the server sees them.
#pragma once

#include "lib/message/area.hpp"
#include "lib/message/plan.hpp"
#include "lib/message/wire.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace kos::msgserver {

inline constexpr std::size_t publications_of_an_app = 16;
inline constexpr std::size_t tokens_of_an_app = 64;

/// A channel of an app.
struct ChannelId {
    std::uint16_t member = no_member;
    std::uint16_t index = 0;

    static constexpr std::uint16_t no_member = 0xffff;
    [[nodiscard]] constexpr bool is_null() const { return member == no_member; }
    friend constexpr bool operator==(ChannelId, ChannelId) = default;
};

enum class ChannelKind : std::uint8_t {
    Free,
    Session,   ///< a connection to the message server
    Idle,      ///< a stream socket that is not connected
    Listener,  ///< a stream socket that others connect to
    Waiting,   ///< connected to a listener that has not accepted it yet
    Stream,    ///< connected; without a peer once that has closed
};

struct ChannelState {
    ChannelKind kind = ChannelKind::Free;
    bool is_closing = false;    ///< by its app: what it wrote is still delivered
    bool output_ended = false;  ///< its app writes no more
    bool is_attached = false;   ///< a stream that was opened by a token
    bool stays_here = false;    ///< its bytes go through the server: it could be given no lane
    std::uint8_t lane = 0;      ///< number of its lane plus one; 0: none
    std::uint8_t lane_end = 0;  ///< which end of that it is
    std::uint32_t carried = 0;  ///< bytes that the server moved for it, small moves rounded up
    std::uint32_t to_tail = 0;  ///< positions of the server's own in the rings
    std::uint32_t from_head = 0;
    std::uint64_t networks = 0;  ///< of a session
    ChannelId peer{};            ///< Stream: the other end; Waiting: the listener
    std::uint32_t address = 0, port = 0;
    std::uint32_t peer_address = 0, peer_port = 0;
    std::uint32_t backlog = 0, waiting = 0;  ///< of a listener
    std::uint64_t order = 0;                 ///< grows with each that waits, or closes
};

struct Publication {
    ChannelId owner{};        ///< null: unused
    std::uint64_t order = 0;  ///< grows with each publication
    std::uint8_t name_size = 0;
    std::array<char, message::longest_name> name{};

    [[nodiscard]] std::string_view text() const { return {name.data(), name_size}; }
};

/// What one side of a token is still to be told, once it has room.
namespace owed {
inline constexpr std::uint8_t granted = 1, gone = 2, room = 4, stream = 8;
}

/// The two sides of a token.
enum Side : std::uint8_t { requester = 0, publisher = 1 };
[[nodiscard]] constexpr Side other(Side side) { return side == requester ? publisher : requester; }

/// A token, in the books of the app that requested it.
struct TokenState {
    bool is_used = false;
    bool is_void = false;   ///< only kept to tell a side so
    std::uint8_t lane = 0;  ///< number of its lane plus one; 0: none
    message::GoneReason reason{};
    std::uint32_t generation = 0;
    message::Token token{};
    std::array<ChannelId, 2> sides{};
    std::array<std::uint8_t, 2> owed{};
    std::uint16_t publication = 0;  ///< number in the publisher's books
    bool has_tickets = false;
    std::array<message::Token, 2> tickets{};
    std::array<ChannelId, 2> attached{};
    std::uint16_t carried = 0;  ///< KiB of the server's work for its messages
};

/// The token that has a lane, and where its two apps have it: at what place each.
struct TokenLane {
    TokenState* token = nullptr;
    std::array<ChannelId, 2> places{};  ///< null: it has been taken back
};

struct MemberState {
    bool is_running = false;
    bool has_run = false;
    std::uint32_t generation = 0;
    std::uint32_t next_port = 0;
    std::array<ChannelState, message::channels_of_an_app> channels{};
    std::array<Publication, publications_of_an_app> publications{};
    std::array<TokenState, tokens_of_an_app> tokens{};
    std::size_t token_limit = 0;  ///< from there on none is used

    /// Those that are used, and few others: most apps hold none, and each message looks at all.
    [[nodiscard]] std::span<TokenState> tokens_in_use() {
        while (token_limit > 0 && !tokens[token_limit - 1].is_used) --token_limit;
        return std::span{tokens}.first(token_limit);
    }
    /// It is used from now on; nullptr: all are.
    [[nodiscard]] TokenState* unused_token() {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (tokens[i].is_used) continue;
            if (token_limit <= i) token_limit = i + 1;
            tokens[i] = {};
            tokens[i].is_used = true;
            return &tokens[i];
        }
        return nullptr;
    }
};
static_assert(sizeof(MemberState) <= message::books_size);

}  // namespace kos::msgserver
