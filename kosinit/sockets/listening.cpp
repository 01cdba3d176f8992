// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/listening.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace kos::init {

namespace {

/// Connections that are being made to a container at a time: what it does not accept waits with the
/// host, not here.
constexpr std::size_t most_being_made = 4;
constexpr std::uint64_t pause_ms = 1000;
/// Ends that containers listen on: more than the host has streams for.
constexpr std::size_t most_places = 64;

std::uint16_t backlog_of(const Call& call) {
    const auto backlog = static_cast<std::int32_t>(call.argument);
    return static_cast<std::uint16_t>(std::clamp(backlog, 1, 0xffff));
}

sys::Result<sys::UniqueFd> connect_from(End from, End own) {
    sys::UniqueFd socket{
        KOS_TRY(sys::check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)))};
    const int yes = 1;
    ::setsockopt(socket.get(), IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    KOS_TRY(bind_to(socket.get(), from));
    const auto made = connect_to(socket.get(), own);
    if (!made && made.error() != EINPROGRESS) return Err{made.error()};
    return socket;
}

/// Connecting to \p own as \p peer, with its port as well unless that is taken here, or was a
/// moment ago (TIME_WAIT, of which only connect(2) tells).
sys::Result<sys::UniqueFd> connect_as(End peer, End own) {
    auto socket = connect_from(peer, own);
    const int error = socket ? 0 : socket.error().value;
    if (error != EADDRINUSE && error != EADDRNOTAVAIL) return socket;
    return connect_from({peer.address, 0}, own);
}

}  // namespace

Listening::Listening(Context& context, const ServiceNetwork& network, OpenStream open,
                     Relays& relays)
    : context_(context), own_(network.own), open_(std::move(open)), relays_(relays) {}

Listening::~Listening() {
    for (auto& [own, place] : places_) context_.loop.remove(place.stream.get());
}

/// The loopback network and the guest's other interfaces are no service's.
bool Listening::is_reachable(sys::Fd socket, const End& own) const {
    if (own.address != 0) return std::ranges::find(own_, own.address) != own_.end();
    return option_of(socket, SOL_SOCKET, SO_DOMAIN, AF_INET) == AF_INET ||
           option_of(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0;
}

void Listening::request(End own, std::uint16_t backlog, std::function<void(Answer)> done) {
    const message::ListenBody body{
        .address = Le32{own.address}, .port = Le16{own.port}, .backlog = Le16{backlog}};
    exchange(context_, open_(), frame_of(message::Opcode::Listen, bytes_of(body)), std::move(done));
}

void Listening::listen(const Call& call) {
    auto socket = std::make_shared<sys::UniqueFd>(stream_socket_of(call));
    if (!*socket || state_of(socket->get()) != TCP_CLOSE) return void(call.proceed());
    auto own = own_end(socket->get());
    if (!own || !is_reachable(socket->get(), *own)) return void(call.proceed());
    // As the kernel would.
    if (own->port == 0 && bind_to(socket->get(), *own)) own = own_end(socket->get());
    if (!own || own->port == 0) return void(call.proceed());
    if (places_.size() >= most_places && !places_.contains(*own)) return call.finish(EMFILE);
    if (places_.contains(*own)) return call.finish(listen_here(call, socket->get(), *own));
    request(*own, backlog_of(call), [this, call, socket, own = *own](Answer answer) {
        began(call, socket->get(), own, std::move(answer));
    });
}

void Listening::began(const Call& call, sys::Fd socket, End own, Answer answer) {
    if (!answer.status) {
        context_.journal.tell("port " + std::to_string(own.port) +
                              ": other services cannot reach it, the host does not answer");
    } else if (const int error = errno_of(answer); error != 0) {
        return call.finish(error);
    }
    if (!call.is_waiting()) return;
    if (const int error = listen_here(call, socket, own); error != 0) return call.finish(error);
    Place& place = places_[own];
    place.backlog = backlog_of(call);
    if (answer.stream) {
        watch(own, std::move(answer.stream));
    } else {
        lost(own);
    }
    call.finish(0);
}

int Listening::listen_here(const Call& call, sys::Fd socket, End own) {
    if (::listen(socket, static_cast<int>(call.argument)) != 0) return errno;
    places_[own].sockets.insert(cookie_of(socket, SO_COOKIE));
    return 0;
}

void Listening::watch(End own, sys::UniqueFd stream) {
    Place& place = places_[own];
    place.stream = std::move(stream);
    place.frames = {};
    const auto added = context_.loop.add(place.stream.get(), EPOLLIN,
                                         [this, own](std::uint32_t) { on_event(own); });
    if (!added) lost(own);
}

void Listening::on_event(End own) {
    const auto place = places_.find(own);
    if (place == places_.end()) return;
    const FrameReader::State state = place->second.frames.read(place->second.stream.get());
    if (state == FrameReader::State::Waiting) return;
    if (state == FrameReader::State::Ended) return lost(own);
    const Bytes payload = as_bytes(place->second.frames.payload());
    const auto head = read_at<message::Head>(payload, 0);
    const auto body = read_at<message::IncomingBody>(payload, sizeof(message::Head));
    if (head->opcode != static_cast<std::uint16_t>(message::Opcode::Incoming) || !body) {
        return lost(own);
    }
    place->second.waiting.push_back(*body);
    take_next(own);
}

/// The host's message server has ended, and may come back.
void Listening::lost(End own) {
    Place& place = places_[own];
    context_.loop.remove(place.stream.get());
    place.stream.reset();
    place.waiting.clear();
    context_.timers.after(pause_ms, [this, own] {
        const auto found = places_.find(own);
        if (found == places_.end() || found->second.stream) return;
        request(own, found->second.backlog, [this, own](Answer answer) {
            const auto again = places_.find(own);
            if (again == places_.end() || again->second.stream) return;
            if (errno_of(answer) != 0) return lost(own);
            watch(own, std::move(answer.stream));
        });
    });
}

void Listening::closed(std::uint64_t cookie) {
    for (auto place = places_.begin(); place != places_.end(); ++place) {
        if (place->second.sockets.erase(cookie) == 0) continue;
        if (place->second.sockets.empty()) end(place);
        return;
    }
}

void Listening::end(Places::iterator place) {
    context_.loop.remove(place->second.stream.get());
    places_.erase(place);
}

void Listening::take_next(End own) {
    const auto found = places_.find(own);
    if (found == places_.end()) return;
    Place& place = found->second;
    if (place.waiting.empty() || place.being_made >= most_being_made) return;
    const message::IncomingBody incoming = place.waiting.front();
    place.waiting.pop_front();
    ++place.being_made;
    exchange(context_, open_(), frame_of(message::Opcode::Accept, bytes_of(incoming.ticket)),
             [this, own, incoming](Answer answer) {
                 const int error = errno_of(answer);
                 if (error != 0 && (!answer.status || error == EMFILE)) {
                     return take_again(own, incoming);
                 }
                 if (error != 0) return settled(own);
                 connect_here(own, incoming, std::move(answer.stream));
             });
}

/// It waits with the host as before. Where the listener's stream was lost meanwhile, the host says
/// next time that there is no such ticket.
void Listening::take_again(End own, const message::IncomingBody& incoming) {
    const auto found = places_.find(own);
    if (found == places_.end()) return;
    found->second.waiting.push_front(incoming);
    context_.timers.after(pause_ms, [this, own] { settled(own); });
}

void Listening::connect_here(End own, const message::IncomingBody& incoming, sys::UniqueFd stream) {
    auto socket =
        connect_as({incoming.peer_address, incoming.peer_port}, {incoming.own_address, own.port});
    if (!socket) return failed(own, socket.error().value);
    struct Ends {
        sys::UniqueFd local, stream;
    };
    auto ends = std::make_shared<Ends>(std::move(*socket), std::move(stream));
    const sys::Fd local = ends->local.get();
    const auto added = context_.loop.add(local, EPOLLOUT, [this, own, ends](std::uint32_t) {
        context_.loop.remove(ends->local.get());
        const int error = option_of(ends->local.get(), SOL_SOCKET, SO_ERROR, ECONNREFUSED);
        if (error != 0) return failed(own, error);
        relays_.add(std::move(ends->local), std::move(ends->stream));
        settled(own);
    });
    if (!added) settled(own);
}

/// The peer sees the stream's end. Where nobody listens here any more, and we were not told
/// (shutdown of a listener), nobody does with the host either.
void Listening::failed(End own, int error) {
    const auto found = places_.find(own);
    if (found != places_.end() && error == ECONNREFUSED) return end(found);
    settled(own);
}

void Listening::settled(End own) {
    const auto found = places_.find(own);
    if (found == places_.end()) return;
    if (found->second.being_made > 0) --found->second.being_made;
    take_next(own);
}

}  // namespace kos::init
