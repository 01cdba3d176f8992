// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/connecting.hpp"

#include "kosinit/sockets/steering.hpp"
#include "lib/message/sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/tcp.h>

namespace kos::init {

namespace {

/// For the kernel to make a connection over lo.
constexpr std::uint64_t own_patience_ms = 10'000;

/// As the host knows it, where the program has not named it. The port is the host's, too, unless it
/// is taken here.
void name_own_end(sys::Fd socket, const std::string& answer) {
    const auto body = read_at<message::ConnectAnswer>(as_bytes(answer), 0);
    const auto named = own_end(socket);
    if (!body || !named || named->port != 0) return;
    if (!bind_to(socket, {body->own_address, body->own_port})) {
        static_cast<void>(bind_to(socket, {body->own_address, 0}));
    }
}

}  // namespace

int errno_of(const Answer& answer) {
    if (answer.is_late) return ETIMEDOUT;
    if (!answer.status) return ECONNREFUSED;
    switch (*answer.status) {
        case message::Status::Ok:
            return 0;
        case message::Status::Refused:
            return ECONNREFUSED;
        case message::Status::Unreachable:
            return ENETUNREACH;
        case message::Status::Limit:
            return EMFILE;
        case message::Status::InUse:
            return EADDRINUSE;
        case message::Status::NotAvailable:
            return EADDRNOTAVAIL;
        default:
            return EPROTO;
    }
}

Connecting::Connecting(Context& context, const ServiceNetwork& network, OpenStream open,
                       Relays& relays)
    : context_(context), peers_(peers_of(network)), open_(std::move(open)), relays_(relays) {}

void Connecting::request(End to, std::function<void(Answer)> done) {
    const message::ConnectBody body{.address = Le32{to.address}, .port = Le16{to.port}};
    exchange(context_, open_(), frame_of(message::Opcode::Connect, bytes_of(body)),
             std::move(done));
}

void Connecting::connect(const Call& call) {
    const auto to = destination_of(call);
    if (!to || !std::ranges::binary_search(peers_, to->address)) return void(call.proceed());
    // What is no stream socket, or has a connection, is the kernel's to answer.
    auto socket = std::make_shared<sys::UniqueFd>(stream_socket_of(call));
    if (!*socket || state_of(socket->get()) != TCP_CLOSE) return void(call.proceed());
    request(*to, [this, call, socket, to = *to](Answer answer) {
        connected(call, socket->get(), to, std::move(answer));
    });
}

void Connecting::connected(const Call& call, sys::Fd socket, End to, Answer answer) {
    if (const int error = errno_of(answer); error != 0) return call.finish(error);
    name_own_end(socket, answer.body);
    const auto own = own_end(socket);
    if (!own || own->port == 0) return call.finish(EADDRNOTAVAIL);
    const Way way{to, own->port};
    const Timers::Id timer =
        context_.timers.after(own_patience_ms, [this, way] { expected_.erase(way); });
    const auto [place, is_new] = expected_.try_emplace(way);
    // One that nobody came for has the same port no more.
    if (!is_new) context_.timers.cancel(place->second.timer);
    place->second = {std::move(answer.stream), timer};
    if (call.proceed()) return;
    context_.timers.cancel(timer);
    expected_.erase(place);
}

void Connecting::accept(sys::Fd listener) {
    for (;;) {
        sys::UniqueFd local{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!local) return;
        take(std::move(local));
    }
}

void Connecting::take(sys::UniqueFd local) {
    const auto to = own_end(local.get());
    const auto from = peer_end(local.get());
    // A connection that has ended already has no peer.
    if (!to || !from) return;
    const auto found = expected_.find({*to, from->port});
    if (found != expected_.end()) {
        sys::UniqueFd stream = std::move(found->second.stream);
        context_.timers.cancel(found->second.timer);
        expected_.erase(found);
        return relays_.add(std::move(local), std::move(stream));
    }
    // Made past connect(2), by io_uring or TCP's fast open: what is refused is reset.
    reset_at_close(local.get());
    if (!std::ranges::binary_search(peers_, to->address)) return;
    auto kept = std::make_shared<sys::UniqueFd>(std::move(local));
    request(*to, [this, kept](Answer answer) {
        if (errno_of(answer) != 0) return kept->reset();
        const linger gently{0, 0};
        ::setsockopt(kept->get(), SOL_SOCKET, SO_LINGER, &gently, sizeof gently);
        relays_.add(std::move(*kept), std::move(answer.stream));
    });
}

}  // namespace kos::init
