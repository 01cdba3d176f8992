// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/net/local.hpp"

#include <algorithm>

namespace kos::libos {

namespace {

constexpr std::uint32_t loopback = 0x7f00'0001, first_free_port = 32768, port_limit = 65536;

}  // namespace

void LocalEnd::close(Activity& activity) const {
    {
        const Locked locked(in->lock);
        in->reader = false;
        ++in->changes;
    }
    if (out != nullptr) out->end_output();
    activity.announce();
}

std::optional<LocalEnd> claim_stream(std::span<Pipe> pipes) {
    Pipe* const in = claim_pipe(pipes);
    if (in == nullptr) return std::nullopt;
    Pipe* const out = claim_pipe(pipes);
    if (out != nullptr) return LocalEnd{in, out};
    const Locked locked(in->lock);
    in->reader = in->writer = false;
    return std::nullopt;
}

LocalName::LocalName(std::string_view path)
    : is_path(true), length(static_cast<std::uint8_t>(path.size())) {
    std::copy(path.begin(), path.end(), text.begin());
}

bool LocalName::meets(const LocalName& other) const {
    if (is_path || other.is_path) return is_path == other.is_path && path() == other.path();
    return endpoint.port == other.endpoint.port &&
           (endpoint.address == 0 || other.endpoint.address == 0 ||
            endpoint.address == other.endpoint.address);
}

LocalPlace* LocalSockets::find(const LocalName& name) {
    for (LocalPlace& place : places_) {
        if (place.is_bound && place.name.meets(name)) return &place;
    }
    return nullptr;
}

std::uint32_t LocalSockets::free_port() {
    do {
        last_port_ = last_port_ < first_free_port || last_port_ + 1 == port_limit ? first_free_port
                                                                                  : last_port_ + 1;
    } while (find(LocalName{Endpoint{0, last_port_}}) != nullptr);
    return last_port_;
}

Outcome<LocalPlace*> LocalSockets::bind(LocalName name) {
    const Locked locked(lock_);
    if (!name.is_path && name.endpoint.port == 0) name.endpoint.port = free_port();
    if (find(name) != nullptr) return Err{Errno::Eaddrinuse};
    for (LocalPlace& place : places_) {
        if (place.references != 0) continue;
        place = {};
        place.name = name;
        place.references = 1;
        place.is_bound = true;
        return &place;
    }
    return Err{Errno::Enobufs};
}

void LocalSockets::listen(LocalPlace& place, Word backlog) {
    const Locked locked(lock_);
    place.backlog = static_cast<std::uint32_t>(std::min(backlog, LocalPlace::longest_queue));
}

Outcome<LocalSockets::Connected> LocalSockets::connect(const LocalName& name) {
    Connected connected{};
    {
        const Locked locked(lock_);
        LocalPlace* const place = find(name);
        if (place == nullptr && name.is_path && !name.path().starts_with('\0')) {
            return Err{Errno::Enoent};
        }
        if (place == nullptr || place->backlog == 0) return Err{Errno::Econnrefused};
        if (place->waiting_count == place->backlog) return Err{Errno::Eagain};
        const auto end = claim_stream(pipes_);
        if (!end) return Err{Errno::Enobufs};
        const Endpoint own = name.is_path ? Endpoint{} : Endpoint{loopback, free_port()};
        place->waiting[place->waiting_count++] = {end->other(), own};
        ++place->references;
        ++place->changes;
        connected = {*end, place, own};
    }
    activity_.announce();
    return connected;
}

Outcome<LocalPlace::Waiting> LocalSockets::accept(LocalPlace& place) {
    const Locked locked(lock_);
    if (place.waiting_count == 0) return Err{Errno::Eagain};
    const LocalPlace::Waiting first = place.waiting[0];
    --place.waiting_count;
    std::copy_n(place.waiting.begin() + 1, place.waiting_count, place.waiting.begin());
    ++place.references;
    ++place.changes;
    return first;
}

bool LocalSockets::has_waiting(const LocalPlace& place) {
    const Locked locked(lock_);
    return place.waiting_count > 0;
}

void LocalSockets::release(LocalPlace& place, bool is_owner) {
    const Locked locked(lock_);
    if (is_owner) {
        place.is_bound = false;
        place.backlog = 0;
        for (std::uint32_t i = 0; i < place.waiting_count; ++i) {
            place.waiting[i].end.close(activity_);
        }
        place.waiting_count = 0;
    }
    --place.references;
}

}  // namespace kos::libos
