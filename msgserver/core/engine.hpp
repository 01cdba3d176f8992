// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The message server, without a kernel: what apps ask (lib/message/area.hpp) and say
// (docs/msg.md) changes tables and rings. Allocates nothing, waits for nothing; what an app may
// reach follows from the networks that the plan puts it on, and from nothing that it says.
//
//   Call ──► Engine ──► rings and flags of this app and its peers ──► Host::wake
#pragma once

#include "lib/message/lane.hpp"
#include "lib/message/plan.hpp"
#include "msgserver/core/books.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace kos::msgserver {

/// Linux's numbers, as the answers to Calls carry them.
enum class Errno : std::uint64_t {
    Ok = 0,
    NoEntry = 2,
    BadFile = 9,
    Again = 11,
    Invalid = 22,
    TooManyFiles = 24,
    NoSystemCall = 38,
    AddressInUse = 98,
    AddressNotAvailable = 99,
    NetworkUnreachable = 101,
    Connected = 106,
    NotConnected = 107,
    Refused = 111,
};

struct CallAnswer {
    Errno error = Errno::Ok;
    unsigned count = 0;  ///< of the words that are results
    std::array<std::uint64_t, 4> words{};
};
[[nodiscard]] inline CallAnswer failed(Errno error) { return {error, 0, {}}; }

/// An app's place for a lane, which is as good as that of a channel's number, and how often the app
/// was started.
struct LaneUser {
    ChannelId channel;
    std::uint32_t generation;
};

/// What the engine asks of the program that it is part of.
class Host {
   public:
    virtual void wake(std::uint32_t member, std::uint32_t thread) = 0;
    /// Unpredictable.
    virtual message::Token random_token() = 0;
    /// A member listens on \p port, or, where that is 0, has published \p protocol.
    virtual void provides(std::uint32_t member, std::uint32_t port, std::string_view protocol) = 0;
    /// Gives \p one lane number \p lane, and the right to signal \p other, its peer; both are in
    /// the start that the engine knows. False: it can have none.
    virtual bool give_lane(const LaneUser& one, std::uint32_t lane, const LaneUser& other) = 0;
    /// It has none any more. False: perhaps it has.
    virtual bool take_lane(const LaneUser& one) = 0;
    /// For the log: a member wanted what it may not.
    virtual void refused(std::uint32_t member, std::string_view what) = 0;

   protected:
    ~Host() = default;
};

class Engine {
   public:
    /// \p books and \p areas (area_size each) have an element for each member of the plan; areas
    /// are shared with the apps. \p lanes: lane_size each, all zeros. All must outlive this.
    Engine(const message::PlanView& plan, std::span<MemberState> books, MutableBytes areas,
           MutableBytes lanes, Host& host)
        : plan_(plan), members_(books), areas_(areas), lanes_(lanes), host_(host) {}
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// What has become of an app: starts counts, and is 0 before the first. One that has ended, or
    /// was started anew, loses all that it had, and its peers are told.
    void set_state(std::uint32_t member, std::uint32_t starts, bool is_running);

    /// A request by a member's app.
    CallAnswer call(std::uint32_t member, message::Call call,
                    const std::array<std::uint64_t, 4>& words);

    [[nodiscard]] std::span<const MemberState> members() const { return members_; }

   private:
    // Channels (engine.cpp)
    ChannelState& at(ChannelId id) { return members_[id.member].channels[id.index]; }
    message::Board& board(std::uint32_t member);
    message::Channel& shared(ChannelId id) { return board(id.member).channels[id.index]; }
    /// The channel of that number where \p member has it open; null otherwise.
    ChannelId channel_of(std::uint32_t member, std::uint64_t number);
    ChannelId open(std::uint32_t member, ChannelKind kind);
    void free(ChannelId id);
    void set_flags(ChannelId id, std::uint32_t flags);
    void clear_flags(ChannelId id, std::uint32_t flags);
    void changed(ChannelId id);
    void close(ChannelId id);
    void end_member(std::uint32_t member);
    void clear_member(std::uint32_t member);
    CallAnswer opened(ChannelId id);

    // Rings (rings.cpp)
    std::byte* ring(ChannelId id, bool from_app);
    /// Bytes that the app has put; nothing where its position makes no sense.
    std::optional<std::uint32_t> pending(ChannelId id);
    /// Bytes that the ring to the app has room for; likewise.
    std::optional<std::uint32_t> room(ChannelId id);
    void peek(ChannelId id, std::uint32_t offset, MutableBytes to);
    void drop(ChannelId id, std::uint32_t count);
    void put(ChannelId id, std::uint32_t offset, Bytes bytes);
    void give(ChannelId id, std::uint32_t count);
    void move(ChannelId from, ChannelId to, std::uint32_t count);

    // Lanes (lanes.cpp)
    void consider_lane(ChannelId id);
    void use_lane(ChannelId id, std::uint32_t lane, unsigned end);
    void leave_lane(ChannelId id);
    void take_back(ChannelId id, std::uint32_t lane);
    void wake_lane_peer(ChannelId id);
    void wake_all(std::uint32_t member, std::uint64_t threads);
    std::optional<std::uint32_t> free_lane() const;
    bool share_lane(std::uint32_t lane, ChannelId one, ChannelId other);

    // Lanes of tokens (token_lanes.cpp)
    void consider_token_lane(TokenState& state, std::size_t size);
    void use_token_lane(TokenState& state, Side side, ChannelId place);
    void leave_token_lane(TokenState& state, Side side);
    void end_token_lane(TokenState& state, Side side);
    void leave_when_taken(TokenState& state, Side side);
    bool has_token_lane(const TokenState& state, Side side) const;
    bool put_in_lane(TokenState& state, Side from, message::RecordKind kind, Bytes bytes);
    message::Status send_by_lane(TokenState& state, Side from, Bytes message);
    void wake_token_peers(ChannelId id);
    bool is_place_used(ChannelId place) const;
    ChannelId free_place(ChannelId session) const;
    message::TokenPlace& shared_place(ChannelId place) {
        return board(place.member).places[place.index];
    }
    [[nodiscard]] LaneUser lane_user(ChannelId id) const {
        return {id, members_[id.member].generation};
    }
    [[nodiscard]] std::byte* lane_at(std::uint32_t lane) {
        return lanes_.data() + lane * message::lane_size;
    }

    // Stream sockets (streams.cpp)
    CallAnswer listen(ChannelId id, std::uint32_t address, std::uint64_t port,
                      std::uint64_t backlog);
    CallAnswer connect(ChannelId id, std::uint32_t address, std::uint64_t port,
                       bool asks_elsewhere);
    CallAnswer accept(ChannelId listener);
    CallAnswer shut_down(ChannelId id);
    struct Destination {
        std::uint32_t member;
        std::uint32_t own_address;
    };
    std::optional<Destination> find(std::uint32_t member, std::uint32_t address);
    ChannelId find_listener(std::uint32_t member, std::uint32_t address, std::uint32_t port);
    bool has_address(std::uint32_t member, std::uint32_t address);
    std::uint32_t free_port(std::uint32_t member);
    void join(ChannelId a, ChannelId b);
    void pump(ChannelId from);
    void close_stream(ChannelId id);
    void reset(ChannelId id);

    // Sessions (session.cpp, tokens.cpp)
    void serve(ChannelId id);
    bool serve_frame(ChannelId id, std::uint32_t available);
    void serve_request(ChannelId id, Bytes payload);
    message::Status publish(ChannelId id, std::string_view protocol);
    message::Status unpublish(ChannelId id, std::string_view protocol);
    void query(ChannelId id, const message::Request& request);
    void request(ChannelId id, const message::Request& request);
    message::Status send(ChannelId id, const message::Request& request);
    void open_stream(ChannelId id, const message::Request& request);
    void attach(ChannelId id, const message::Request& request);
    void answer(ChannelId id, const message::Request& request, message::Status status);
    bool put_payload(ChannelId id, Bytes payload);
    void end_session(ChannelId id);
    void clear_session(ChannelId id);
    [[nodiscard]] bool may_publish(std::uint32_t member, std::string_view protocol) const;
    [[nodiscard]] std::string_view name_of(std::uint32_t member) const;
    bool shares_network(ChannelId a, ChannelId b);

    struct Held {
        TokenState* state;
        Side side;
    };
    std::optional<Held> find_token(ChannelId id, const message::Token& token);
    void revoke(TokenState& state, Side by, message::GoneReason reason);
    void drop_session_tokens(ChannelId id);
    void tell(TokenState& state);
    void tell_side(TokenState& state, Side side);
    bool tell_one(TokenState& state, Side side, std::uint8_t what);
    void settle(ChannelId id);
    void leave_tokens(ChannelId id);

    message::PlanView plan_;
    std::span<MemberState> members_;
    MutableBytes areas_;
    MutableBytes lanes_;
    /// Of each lane: the ends that have it, or perhaps have.
    std::array<std::uint8_t, message::most_lanes> lane_users_{};
    std::array<TokenLane, message::most_lanes> token_lanes_{};
    Host& host_;
    std::uint64_t order_ = 0;
    std::array<std::byte, message::longest_payload> bounce_{};
};

}  // namespace kos::msgserver
