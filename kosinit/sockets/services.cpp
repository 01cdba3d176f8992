// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/services.hpp"

namespace kos::init {

Services::Services(Context& context, const ServiceNetwork& network, OpenStream open)
    : context_(context),
      network_(network),
      relays_(context),
      connecting_(context, network, open, relays_),
      listening_(context, network, open, relays_) {}

Outcome<void> Services::begin() {
    constexpr const char* where = "services";
    steering_.emplace(KOS_TRY(Steering::create(network_)));
    releases_.emplace(KOS_TRY(ReleaseWatch::create()));
    KOS_TRY(explain(
        context_.loop.add(releases_->fd(), EPOLLIN, [this](std::uint32_t) { drain_releases(); }),
        ErrorCode::GuestInternal, where, "epoll"));
    if (const sys::Fd listener = steering_->listener(); listener >= 0) {
        KOS_TRY(explain(
            context_.loop.add(listener, EPOLLIN,
                              [this, listener](std::uint32_t) { connecting_.accept(listener); }),
            ErrorCode::GuestInternal, where, "epoll"));
    }
    context_.launcher.set_filter(
        {.install = install_call_filter,
         .installed = [this](sys::UniqueFd filter) { watch(std::move(filter)); }});
    return {};
}

void Services::watch(sys::UniqueFd filter) {
    const auto listener = std::make_shared<CallListener>(std::move(filter));
    const auto added =
        context_.loop.add(listener->fd(), EPOLLIN,
                          [this, listener](std::uint32_t events) { on_call(listener, events); });
    if (!added) context_.journal.tell("services: epoll: " + sys::describe(added.error()));
}

void Services::on_call(const std::shared_ptr<CallListener>& listener, std::uint32_t events) {
    if ((events & EPOLLIN) == 0) return context_.loop.remove(listener->fd());
    const auto call = listener->receive();
    if (!call) return;
    if (call->kind == Call::Kind::Connect) return connecting_.connect(*call);
    // A socket that was closed before may have had the same port.
    drain_releases();
    listening_.listen(*call);
}

void Services::drain_releases() {
    releases_->drain([this](std::uint64_t cookie) { listening_.closed(cookie); });
}

}  // namespace kos::init
