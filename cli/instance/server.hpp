// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The socket of an instance, on the event loop of its process (docs/instances.md).
//
//   clients ──► requests ──► one after another to the target ──► its answers ──► who asked
//
// A client that does not read loses its connection; nobody waits for it.
#pragma once

#include "cli/instance/channel.hpp"
#include "cli/instance/folder.hpp"
#include "lib/linux/acceptor.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/msg/control_reader.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace kos::instance {

class Server {
   public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most_clients = 64;
    static constexpr std::size_t most_requests = 16;       ///< of a client, unanswered
    static constexpr std::size_t most_unread = 64u << 10;  ///< bytes
    static constexpr auto repeat_after = std::chrono::milliseconds{250};

    /// Hears which commands the target has carried out.
    using Done = std::function<void(const Request& request)>;

    /// Listens in \p folder; it and \p loop outlive the server.
    static Outcome<std::unique_ptr<Server>> create(sys::EventLoop& loop, const Folder& folder,
                                                   Done done, sys::Acceptor::Log log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Whether somebody is connected, and maybe waits.
    [[nodiscard]] bool has_clients() const { return !clients_.empty(); }
    /// What is to be sent to the target now; mostly nothing.
    std::string due(Clock::time_point now);
    /// Asks the target for the states of all apps, unless that is being done. The answers are the
    /// caller's alone.
    void ask_states();
    /// The target answers.
    void answer(const msg::Frame& frame);
    /// The target is over: whoever waits for it is told.
    void target_over();

   private:
    using ClientId = std::uint64_t;
    static constexpr ClientId nobody = 0;  ///< asks for the owner
    struct Client {
        sys::UniqueFd socket;
        Channel channel;
        std::string out;
        std::uint32_t next_sequence = 0;
        std::size_t requests = 0;
    };
    struct Pending {
        ClientId client = 0;
        Request request;
    };

    Server(sys::EventLoop& loop, Done done);

    void add(sys::UniqueFd socket);
    void handle(ClientId id, std::uint32_t events);
    bool take(ClientId id, Request request);
    void send(ClientId id, msg::FrameType type, std::uint8_t app, Bytes payload);
    void acknowledge(ClientId id, std::uint32_t sequence, msg::CommandResult result);
    bool write(Client& client);
    void drop(ClientId id);
    void next_request();

    sys::EventLoop& loop_;
    Done done_;
    std::unique_ptr<sys::Acceptor> acceptor_;
    std::map<ClientId, Client> clients_;
    ClientId next_client_ = 1;
    std::deque<Pending> pending_;  ///< the first one is with the target
    std::uint32_t sequence_;       ///< of the first one, to the target
    Clock::time_point send_at_{};
    bool is_over_ = false;
};

}  // namespace kos::instance
