// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Carries a guest's vsock streams to the message servers of its VMM (docs/msg.md): a session's
// frames and a stream's bytes as they are, from and to the rings of a channel; what asks for stream
// sockets is answered here (bridge_sockets.cpp).
//
//   guest ──► received() ──► ring ──► message server      consumed() follows what that takes
//   guest ◄── send() ◄────── ring ◄── message server      wake() where there is something
//
// No byte of a stream is kept here: a guest's credit is the room of a ring. One implementation for
// both engines; GuestStreams is what they differ in.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/manifest/image.hpp"
#include "lib/message/sockets.hpp"
#include "vmm/messages/channel.hpp"
#include "vmm/messages/guest_streams.hpp"
#include "vmm/messages/servers.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::vmm {

/// Where tickets come from.
class TicketSource {
   public:
    /// Unpredictable.
    virtual message::Token ticket() = 0;

   protected:
    ~TicketSource() = default;
};

class MessageBridge {
   public:
    /// Bytes of the guest that a stream has room for.
    static constexpr std::uint32_t window = message::ring_size;
    /// Streams of a guest at once; each server has channels for half of them.
    static constexpr std::size_t most_streams = 2 * message::channels_of_an_app;

    /// All outlive the bridge.
    MessageBridge(MessageServers& servers, GuestStreams& guest, TicketSource& tickets)
        : servers_(servers), guest_(guest), tickets_(tickets) {}
    MessageBridge(const MessageBridge&) = delete;
    MessageBridge& operator=(const MessageBridge&) = delete;

    // What happens to the guest's streams.

    /// The guest asks for a stream to \p port of the host. It is accepted, or aborted.
    void requested(StreamNumber stream, std::uint32_t port);
    void received(StreamNumber stream, Bytes bytes);
    /// Fills \p target with bytes for the guest; how many.
    std::size_t send(StreamNumber stream, MutableBytes target);
    /// The guest sends, or receives, nothing more.
    void finished(StreamNumber stream, bool sending, bool receiving);
    void closed(StreamNumber stream);

    /// Deals with what the message servers changed, and has the VMM's thread signalled at the next
    /// change. To be called after the guest's streams had their turn, and after each signal. False
    /// where more has changed meanwhile: to be called again, when all else has had its turn.
    [[nodiscard]] bool tend();

    [[nodiscard]] std::size_t streams() const;

   private:
    static constexpr std::size_t most_servers = manifest::max_memberships;
    enum class State : std::uint8_t {
        Free,
        New,       ///< nothing yet: its first request decides
        Session,   ///< a connection to a message server
        Stream,    ///< a stream socket
        Listener,  ///< as long as it is open, the service listens
        Ending,    ///< closed by us; the guest is to close it too
    };
    struct Stream {
        State state = State::Free;
        bool kick_is_due = false;
        bool has_finished = false;  ///< nothing more will come for the guest
        bool guest_has_finished = false;
        bool guest_is_deaf = false;
        StreamNumber number = 0;
        std::uint32_t port = 0;
        MessageChannel channel;
        std::uint32_t taken = 0;    ///< by the server, as the guest was told
        std::uint32_t backlog = 0;  ///< of a listener
        std::array<std::byte, 32> request{};
        std::size_t request_size = 0;
        /// Of an answer or event, what the guest did not take yet.
        std::array<std::byte, 48> out{};
        std::size_t out_begin = 0, out_size = 0;
        std::array<std::optional<MessageChannel>, most_servers> listeners{};  ///< by message server
    };
    /// A connection to a listener that the guest has not taken.
    struct Waiting {
        const Stream* listener = nullptr;  ///< nothing: unused
        bool is_told = false;
        std::uint64_t order = 0;
        message::Token ticket{};
        MessageChannel channel;
        std::uint32_t peer_address = 0, own_address = 0;
        std::uint16_t peer_port = 0;
    };
    struct Socket {
        std::uint32_t server, number;
    };

    [[nodiscard]] Stream* find(StreamNumber number);
    [[nodiscard]] std::optional<Socket> socket_at(std::uint32_t port);
    [[nodiscard]] std::uint32_t changes() const;
    void settle(Stream& stream);
    void settle_channel(Stream& stream);
    /// Takes of \p bytes what belongs to requests; the rest is what follows them. Nothing where
    /// the stream has ended.
    std::optional<Bytes> take_requests(Stream& stream, Bytes bytes);
    bool open_session(Stream& stream);
    void put(Stream& stream, Bytes bytes);
    void kick(Stream& stream);
    void send_out(Stream& stream, const message::PayloadWriter& payload);
    /// What it had of message servers goes; what was written is still delivered.
    void release(Stream& stream);
    void abort(Stream& stream);
    void close(Stream& stream);

    // Stream sockets (bridge_sockets.cpp)
    void serve(Stream& stream, Bytes payload);
    void connect(Stream& stream, const message::SocketRequest& request);
    void listen(Stream& stream, const message::SocketRequest& request);
    void accept(Stream& stream, const message::SocketRequest& request);
    void answer(Stream& stream, const message::SocketRequest& request, message::Status status,
                Bytes body = {});
    void become(Stream& stream, const MessageChannel& channel);
    void take_incoming(Stream& listener);
    void tell_incoming(Stream& listener);
    [[nodiscard]] std::uint32_t waiting_for(const Stream& listener, std::uint32_t server) const;
    void close_listeners(Stream& stream);

    MessageServers& servers_;
    GuestStreams& guest_;
    TicketSource& tickets_;
    std::array<Stream, most_streams> streams_{};
    std::array<Waiting, most_servers * message::channels_of_an_app> waiting_{};
    std::uint64_t incoming_ = 0;  ///< connections so far
    bool is_armed_ = false;
    bool is_dirty_ = true;
    std::uint32_t seen_ = 0;
};

}  // namespace kos::vmm
