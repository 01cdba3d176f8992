// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: an engine with apps that speak with it as libos does, over memory of the test's own.
#pragma once

#include "lib/message/plan_builder.hpp"
#include "msgserver/core/engine.hpp"

#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kos::msgserver::testing {

using message::Call;
using message::Opcode;
using message::Status;
using message::Token;

struct Received {
    std::uint16_t opcode = 0;
    Status status{};
    std::uint32_t id = 0;
    std::string body;

    [[nodiscard]] bool is(Opcode event) const {
        return opcode == static_cast<std::uint16_t>(event);
    }
    [[nodiscard]] Token token() const {
        Token token{};
        std::memcpy(token.data(), body.data(), std::min(body.size(), token.size()));
        return token;
    }
    /// Behind the token.
    [[nodiscard]] std::string rest() const { return body.substr(sizeof(Token)); }
};

inline std::string text_of(const Token& token) {
    return {reinterpret_cast<const char*>(token.data()), token.size()};
}

class TestServer final : public Host {
   public:
    explicit TestServer(const std::vector<message::Member>& members)
        : blob_(message::make_plan(members)),
          books_(members.size()),
          areas_(members.size() * message::area_size / sizeof(std::uint64_t)),
          lanes_(lane_count * message::lane_size / sizeof(std::uint64_t)),
          engine(*message::PlanView::create(blob_), books_,
                 std::as_writable_bytes(std::span{areas_}),
                 std::as_writable_bytes(std::span{lanes_}), *this) {
        for (std::uint32_t m = 0; m < members.size(); ++m) engine.set_state(m, 1, true);
    }

    void wake(std::uint32_t member, std::uint32_t thread) override {
        woken.emplace_back(member, thread);
    }
    Token random_token() override {
        Token token{};
        ++tokens_;
        std::memcpy(token.data(), &tokens_, sizeof tokens_);
        return token;
    }
    void provides(std::uint32_t member, std::uint32_t port, std::string_view protocol) override {
        provided.push_back(std::to_string(member) + ": " +
                           (port != 0 ? std::to_string(port) : std::string{protocol}));
    }
    bool give_lane(const LaneUser& one, std::uint32_t lane, const LaneUser& other) override {
        if (lane_given.contains(key_of(one.channel))) throw std::logic_error("it has a lane");
        if (one.channel.member == without_lanes) return false;
        lane_given[key_of(one.channel)] = {lane, key_of(other.channel)};
        return true;
    }
    bool take_lane(const LaneUser& one) override {
        if (!keeps_lanes) lane_given.erase(key_of(one.channel));
        return !keeps_lanes;
    }
    void refused(std::uint32_t member, std::string_view what) override {
        log.push_back(std::to_string(member) + ": " + std::string{what});
    }

    message::Board& board(std::uint32_t member) {
        return *reinterpret_cast<message::Board*>(area(member));
    }
    std::byte* area(std::uint32_t member) {
        return reinterpret_cast<std::byte*>(areas_.data()) + member * message::area_size;
    }
    /// What lane a member's channel has; its other end.
    using Key = std::pair<std::uint32_t, std::uint32_t>;
    static Key key_of(ChannelId id) { return {id.member, id.index}; }
    struct Given {
        std::uint32_t lane;
        Key peer;
    };
    std::byte* lane(std::uint32_t member, std::uint32_t channel) {
        return reinterpret_cast<std::byte*>(lanes_.data()) +
               lane_given.at({member, channel}).lane * message::lane_size;
    }
    CallAnswer call(std::uint32_t member, Call what, std::uint64_t a = 0, std::uint64_t b = 0,
                    std::uint64_t c = 0, std::uint64_t d = 0) {
        return engine.call(member, what, {a, b, c, d});
    }

   private:
    std::vector<std::byte> blob_;
    std::vector<MemberState> books_;
    static constexpr std::size_t lane_count = 2;
    std::vector<std::uint64_t> areas_;
    std::vector<std::uint64_t> lanes_;
    std::uint64_t tokens_ = 0;

   public:
    std::map<Key, Given> lane_given;
    std::uint32_t without_lanes = 0xffff;  ///< a member that can have none
    bool keeps_lanes = false;              ///< they cannot be taken away
    Engine engine;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> woken;
    std::vector<std::string> log, provided;
};

/// An app's end of a channel.
class Client {
   public:
    Client(TestServer& server, std::uint32_t member, std::uint32_t channel)
        : server_(&server), member_(member), channel_(channel) {}

    static Client session(TestServer& server, std::uint32_t member, std::uint64_t socket = 0) {
        const CallAnswer opened = server.call(member, Call::OpenSession, socket);
        if (opened.error != Errno::Ok) throw std::runtime_error("no session");
        return {server, member, static_cast<std::uint32_t>(opened.words[0])};
    }
    static Client stream(TestServer& server, std::uint32_t member) {
        const CallAnswer opened = server.call(member, Call::OpenStream);
        if (opened.error != Errno::Ok) throw std::runtime_error("no stream");
        return {server, member, static_cast<std::uint32_t>(opened.words[0])};
    }

    [[nodiscard]] std::uint32_t number() const { return channel_; }
    message::Channel& shared() { return server_->board(member_).channels[channel_]; }
    [[nodiscard]] bool has(std::uint32_t flag) { return (shared().flags & flag) != 0; }
    void kick() { (void)server_->call(member_, Call::Kick, channel_); }
    Errno close() { return server_->call(member_, Call::Close, channel_).error; }

    /// Nothing where it has none.
    std::optional<message::Lane> lane() {
        if (shared().lane == 0) return std::nullopt;
        return message::Lane{server_->lane(member_, channel_), shared().lane - 1};
    }
    /// As much of \p bytes as there is room for.
    std::size_t write(std::string_view bytes) {
        message::Channel& channel = shared();
        if (auto own = lane(); own && channel.from_tail == channel.from_head) {
            const std::size_t count = own->put(as_bytes(bytes));
            if (const std::uint64_t waiters = own->tell(); waiters != 0) {
                own->give_back_waiters(waiters);
                kick();
            }
            return count;
        }
        const std::size_t room = message::ring_size - (channel.from_tail - channel.from_head);
        bytes = bytes.substr(0, room);
        for (const char byte : bytes) {
            ring(true)[channel.from_tail++ % message::ring_size] = static_cast<std::byte>(byte);
        }
        kick();
        return bytes.size();
    }
    std::string read(std::size_t most = message::ring_size) {
        message::Channel& channel = shared();
        std::string bytes;
        while (bytes.size() < most && channel.to_head != channel.to_tail) {
            bytes += static_cast<char>(ring(false)[channel.to_head++ % message::ring_size]);
        }
        if (channel.kick_after_read != 0) kick();
        if (auto own = lane(); own && bytes.empty()) {
            bytes.resize(std::min<std::size_t>(most, own->pending()));
            (void)own->take(std::as_writable_bytes(std::span{bytes}), false);
        }
        return bytes;
    }

    bool send_payload(Bytes payload) {
        const message::FrameLength length{static_cast<std::uint32_t>(payload.size())};
        const std::string frame =
            std::string{as_text(bytes_of(length))} + std::string{as_text(payload)};
        const message::Channel& channel = shared();
        if (frame.size() > message::ring_size - (channel.from_tail - channel.from_head))
            return false;
        write(frame);
        return true;
    }
    bool send(Opcode opcode, std::string_view body, std::uint32_t id = 7) {
        const message::Channel& channel = shared();
        if (opcode == Opcode::Send && body.size() >= sizeof(Token) &&
            channel.from_tail == channel.from_head) {
            if (send_by_lane(body, id)) return true;
        }
        message::PayloadWriter writer{opcode, id};
        return send_payload(writer.bytes(as_bytes(body)).payload());
    }
    /// As libos does: answers of its own, the ring, the lanes of tokens.
    std::optional<Received> receive() {
        message::Channel& channel = shared();
        if (!answers.empty() && answers.front().first == channel.to_head) {
            const Received first = answers.front().second;
            answers.pop_front();
            return first;
        }
        if (auto received = receive_from_ring()) return received;
        for (std::uint32_t place = 0; place < message::channels_of_an_app; ++place) {
            if (auto received = receive_from_lane(place)) return received;
        }
        for (std::uint32_t place = 0; place < message::channels_of_an_app; ++place) {
            if (has_lane_at(place) && place_at(place).has_ended != 0) {
                kick();
                return receive_from_ring();
            }
        }
        return std::nullopt;
    }
    std::optional<Received> receive_from_ring() {
        message::Channel& channel = shared();
        if (channel.to_tail - channel.to_head < sizeof(message::FrameLength)) return std::nullopt;
        const std::string head = read_quietly(sizeof(message::FrameLength));
        const std::string payload = read_quietly(*read_at<message::FrameLength>(as_bytes(head), 0));
        if (channel.kick_after_read != 0) kick();
        const auto fields = *read_at<message::Head>(as_bytes(payload), 0);
        return Received{fields.opcode, static_cast<Status>(std::uint16_t{fields.status}), fields.id,
                        payload.substr(sizeof(message::Head))};
    }
    message::TokenPlace& place_at(std::uint32_t place) {
        return server_->board(member_).places[place];
    }
    bool has_lane_at(std::uint32_t place) {
        const message::Board& board = server_->board(member_);
        return (board.lanes & board.token_lanes & 1u << place) != 0 &&
               place_at(place).channel == channel_ + 1;
    }
    message::Lane lane_at(std::uint32_t place) {
        return {server_->lane(member_, place), place_at(place).lane - 1};
    }
    /// Where the token of that text has its lane.
    std::optional<std::uint32_t> place_of(std::string_view token) {
        for (std::uint32_t place = 0; place < message::channels_of_an_app; ++place) {
            if (has_lane_at(place) &&
                std::memcmp(place_at(place).token, token.data(), sizeof(Token)) == 0) {
                return place;
            }
        }
        return std::nullopt;
    }
    /// A request and its answer, which comes at once; events in between are kept.
    Received ask(Opcode opcode, std::string_view body = {}) {
        if (!send(opcode, body)) throw std::runtime_error("no room for the request");
        while (const auto received = receive()) {
            if (received->opcode == (static_cast<std::uint16_t>(opcode) | message::answer_bit)) {
                return *received;
            }
            events.push_back(*received);
        }
        throw std::runtime_error("no answer");
    }
    /// The next event.
    std::optional<Received> event() {
        if (events.empty()) return receive();
        const Received first = events.front();
        events.erase(events.begin());
        return first;
    }
    std::vector<Received> events;
    /// To what went through lanes, and the position in the ring that they come behind.
    std::deque<std::pair<std::uint32_t, Received>> answers;

   private:
    bool send_by_lane(std::string_view body, std::uint32_t id) {
        const auto place = place_of(body);
        if (!place || place_at(*place).has_ended != 0) return false;
        const message::Lane lane = lane_at(*place);
        const bool is_put =
            lane.put_record(message::RecordKind::Message, as_bytes(body.substr(sizeof(Token))));
        answers.emplace_back(shared().to_tail, Received{static_cast<std::uint16_t>(Opcode::Send) |
                                                            message::answer_bit,
                                                        is_put ? Status::Ok : Status::Full,
                                                        id,
                                                        {}});
        if (const std::uint64_t waiters = lane.tell(); waiters != 0) {
            lane.give_back_waiters(waiters);
            kick();
        }
        return true;
    }
    std::optional<Received> receive_from_lane(std::uint32_t place) {
        if (!has_lane_at(place)) return std::nullopt;
        message::TokenPlace& one = place_at(place);
        if (one.has_begun == 0 && static_cast<std::int32_t>(shared().to_head - one.after) < 0) {
            return std::nullopt;
        }
        one.has_begun = 1;
        const message::Lane lane = lane_at(place);
        const auto record = lane.next_record();
        if (!record) return std::nullopt;
        std::string bytes(record->size, '\0');
        lane.copy_record(*record, std::as_writable_bytes(std::span{bytes}));
        lane.drop_record(*record);
        const Opcode opcode =
            record->kind == message::RecordKind::Message ? Opcode::Message : Opcode::Stream;
        return Received{
            static_cast<std::uint16_t>(opcode), Status::Ok, 0,
            std::string{reinterpret_cast<const char*>(one.token), sizeof(Token)} + bytes};
    }
    std::byte* ring(bool from_app) {
        return server_->area(member_) + message::ring_offset(channel_) +
               (from_app ? message::ring_size : 0);
    }
    std::string read_quietly(std::size_t size) {
        std::string bytes;
        message::Channel& channel = shared();
        while (bytes.size() < size) {
            bytes += static_cast<char>(ring(false)[channel.to_head++ % message::ring_size]);
        }
        return bytes;
    }

    TestServer* server_;
    std::uint32_t member_;
    std::uint32_t channel_;
};

inline constexpr std::uint32_t server_address = 0x0a00'0001, client_address = 0x0a00'0002,
                               stranger_address = 0x0a01'0001;

/// A server and a client on network 0, and a stranger on network 1.
inline std::vector<message::Member> three_apps() {
    return {{.app = 1,
             .name = "server",
             .addresses = {{0, server_address}},
             .sockets = {{"msg0", 1}},
             .publishes = {"temperature", "pressure"},
             .has_lanes = true},
            {.app = 2,
             .name = "client",
             .addresses = {{0, client_address}},
             .sockets = {{"msg0", 1}},
             .has_lanes = true},
            {.app = 3,
             .name = "stranger",
             .addresses = {{1, stranger_address}},
             .sockets = {{"msg0", 2}},
             .publishes = {"temperature"},
             .has_lanes = true}};
}

}  // namespace kos::msgserver::testing
