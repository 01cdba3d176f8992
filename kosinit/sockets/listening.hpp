// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// listen(2) on an address that other services may reach, and the connections that they make:
//
//     container         PID 1                                     host
//     listen ── Call ──►  Listen ── vsock ─────────────────────►  Ok, or InUse: EADDRINUSE
//     (returns 0) ◄─────  listens, with the container's socket
//                         ◄──────────────────── Incoming: ticket, the peer's name
//                         Accept(ticket) ── vsock, another ────►  Ok
//     accept ◄── lo ────  connects from the peer's address, joins the two
//     close ── release ─► closes the first connection: no more come
#pragma once

#include "kosinit/sockets/connecting.hpp"
#include "kosinit/sockets/release_watch.hpp"
#include "lib/message/sockets.hpp"

#include <deque>
#include <set>

namespace kos::init {

class Listening {
   public:
    Listening(Context& context, const ServiceNetwork& network, OpenStream open, Relays& relays);
    ~Listening();

    /// Answers it, now or later.
    void listen(const Call& call);
    /// A listening socket has been closed for good.
    void closed(std::uint64_t cookie);

   private:
    /// What the host listens on for us.
    struct Place {
        std::set<std::uint64_t> sockets;  ///< cookies; several with SO_REUSEPORT
        std::uint16_t backlog = 1;
        sys::UniqueFd stream;
        FrameReader frames;
        std::deque<message::IncomingBody> waiting;  ///< told, and not taken yet
        std::size_t being_made = 0;                 ///< connections to the container
    };
    using Places = std::map<End, Place>;

    [[nodiscard]] bool is_reachable(sys::Fd socket, const End& own) const;
    void request(End own, std::uint16_t backlog, std::function<void(Answer)> done);
    void began(const Call& call, sys::Fd socket, End own, Answer answer);
    int listen_here(const Call& call, sys::Fd socket, End own);
    void watch(End own, sys::UniqueFd stream);
    void on_event(End own);
    void lost(End own);
    void end(Places::iterator place);
    void take_next(End own);
    void take_again(End own, const message::IncomingBody& incoming);
    void connect_here(End own, const message::IncomingBody& incoming, sys::UniqueFd stream);
    void settled(End own);
    /// A connection came to nothing, with an errno.
    void failed(End own, int error);

    Context& context_;
    std::vector<Ipv4Address> own_;
    OpenStream open_;
    Relays& relays_;
    Places places_;
};

}  // namespace kos::init
