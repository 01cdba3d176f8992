// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/server.hpp"

#include "lib/linux/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>
#include <sys/socket.h>

namespace kos::instance {

using msg::CommandResult;
using msg::FrameType;

Server::Server(sys::EventLoop& loop, Done done)
    : loop_(loop), done_(std::move(done)), sequence_(std::random_device{}()) {}

Outcome<std::unique_ptr<Server>> Server::create(sys::EventLoop& loop, const Folder& folder,
                                                Done done, sys::Acceptor::Log log) {
    const auto problem = [&](sys::Errno error) {
        return fail(ErrorCode::InstanceFolder, folder.path() + "/control", sys::describe(error));
    };
    auto listener = sys::listen_stream(folder.path_to("control"));
    if (!listener) return problem(listener.error());
    std::unique_ptr<Server> server{new Server{loop, std::move(done)}};
    Server* const self = server.get();
    auto acceptor = sys::Acceptor::create(
        loop, "control", std::move(listener).value(),
        [self](sys::UniqueFd socket) { self->add(std::move(socket)); }, std::move(log));
    if (!acceptor) return problem(acceptor.error());
    server->acceptor_ = std::move(acceptor).value();
    return server;
}

Server::~Server() {
    for (const auto& [id, client] : clients_) loop_.remove(client.socket.get());
}

void Server::add(sys::UniqueFd socket) {
    if (clients_.size() >= most_clients || !sys::has_own_peer(socket.get())) return;
    const ClientId id = next_client_++;
    const sys::Fd fd = socket.get();
    if (!loop_.add(fd, EPOLLIN, [this, id](std::uint32_t events) { handle(id, events); })) return;
    clients_[id].socket = std::move(socket);
    msg::WelcomeRecord welcome;
    welcome.version = msg::WelcomeRecord::current_version;
    send(id, FrameType::Welcome, msg::no_app, bytes_of(welcome));
}

void Server::handle(ClientId id, std::uint32_t events) {
    Client& client = clients_.at(id);
    if ((events & EPOLLOUT) != 0 && !write(client)) return drop(id);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
    std::array<std::byte, 4096> buffer;
    const ssize_t got = ::read(client.socket.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return drop(id);
    std::vector<Request> requests;
    if (!client.channel.receive(Bytes{buffer}.first(static_cast<std::size_t>(got)), requests)) {
        return drop(id);
    }
    for (Request& request : requests) {
        if (!take(id, std::move(request))) return;
    }
}

/// False where the client is no client any more.
bool Server::take(ClientId id, Request request) {
    Client& client = clients_.at(id);
    if (is_over_) {
        acknowledge(id, request.sequence, CommandResult::Stopped);
        return clients_.contains(id);
    }
    if (++client.requests > most_requests) {
        drop(id);
        return false;
    }
    pending_.push_back({id, std::move(request)});
    if (pending_.size() == 1) next_request();
    return true;
}

void Server::send(ClientId id, FrameType type, std::uint8_t app, Bytes payload) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = found->second;
    client.out += frame_of(type, app, client.next_sequence++, payload);
    if (!write(client) || client.out.size() > most_unread) drop(id);
}

void Server::acknowledge(ClientId id, std::uint32_t sequence, CommandResult result) {
    msg::AckRecord record;
    record.sequence = sequence;
    record.result = static_cast<std::uint32_t>(result);
    send(id, FrameType::Acknowledged, msg::no_app, bytes_of(record));
}

/// False where the client is gone.
bool Server::write(Client& client) {
    const ssize_t sent = ::send(client.socket.get(), client.out.data(), client.out.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) client.out.erase(0, static_cast<std::size_t>(sent));
    const std::uint32_t events = client.out.empty() ? EPOLLIN + 0u : EPOLLIN | EPOLLOUT;
    return loop_.change(client.socket.get(), events).ok();
}

void Server::drop(ClientId id) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    loop_.remove(found->second.socket.get());
    clients_.erase(found);
    // What the target has already is carried out; what waits is not.
    for (std::size_t i = pending_.size(); i-- > 1;) {
        if (pending_[i].client == id) pending_.erase(pending_.begin() + static_cast<long>(i));
    }
}

void Server::next_request() {
    ++sequence_;
    send_at_ = {};
}

void Server::ask_states() {
    if (is_over_ ||
        std::ranges::any_of(pending_, [](const Pending& each) { return each.client == nobody; })) {
        return;
    }
    Request request;
    request.type = FrameType::QueryStatus;
    pending_.push_back({nobody, std::move(request)});
    if (pending_.size() == 1) next_request();
}

std::string Server::due(Clock::time_point now) {
    if (pending_.empty() || now < send_at_) return {};
    send_at_ = now + repeat_after;
    const Request& request = pending_.front().request;
    return frame_of(request.type, request.app, sequence_, as_bytes(request.payload));
}

void Server::answer(const msg::Frame& frame) {
    if (pending_.empty()) return;
    if (frame.type != FrameType::Acknowledged) {
        return send(pending_.front().client, frame.type, frame.app, frame.payload);
    }
    const auto record = read_at<msg::AckRecord>(frame.payload, 0);
    if (!record || record->sequence != sequence_) return;
    const Pending done = pending_.front();
    if (const auto client = clients_.find(done.client); client != clients_.end()) {
        --client->second.requests;
    }
    const auto result = static_cast<CommandResult>(std::uint32_t{record->result});
    // Whoever is told may look at once for what has become of it.
    if (result == CommandResult::Done) done_(done.request);
    acknowledge(done.client, done.request.sequence, result);
    pending_.pop_front();
    if (!pending_.empty()) next_request();
}

void Server::target_over() {
    is_over_ = true;
    while (!pending_.empty()) {
        const Pending left = std::move(pending_.front());
        pending_.pop_front();
        acknowledge(left.client, left.request.sequence, CommandResult::Stopped);
    }
}

}  // namespace kos::instance
