// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sockets (socket(7)): streams to services on the app's networks, and connections to its message
// servers. All of them are channels of message servers; there is no TCP/IP.
//
// Left out: datagrams, UNIX sockets between processes (there is one), options that change anything.
#pragma once

#include "lib/manifest/image.hpp"
#include "libos/core/lock.hpp"
#include "libos/files/file.hpp"
#include "libos/net/address.hpp"
#include "libos/net/message_servers.hpp"

#include <array>
#include <cstdint>

namespace kos::libos {

class Socket final : public File {
   public:
    enum class State : std::uint8_t { New, Listening, Connected };

    Socket(Family family, unsigned flags)
        : File(flags | abi::open_flag::read_write), family_(family) {}
    /// Accepted.
    Socket(Family family, Link link, const Endpoint& own, const Endpoint& peer, unsigned flags)
        : File(flags | abi::open_flag::read_write),
          family_(family),
          state_(State::Connected),
          link_count_(1),
          links_{link},
          own_(own),
          peer_(peer) {}

    Outcome<void> bind(const Endpoint& endpoint);
    Outcome<void> listen(Word backlog);
    Outcome<void> connect(const Endpoint& endpoint);
    Outcome<void> connect_to_server(std::string_view path);
    struct Accepted {
        Link link;
        Endpoint own, peer;
    };
    /// Waits for one unless the socket is non-blocking.
    Outcome<Accepted> accept();
    /// \p how as in shutdown(2).
    Outcome<void> shut_down(int how);

    struct Manner {
        bool blocks = true;
        bool keeps = false;  ///< MSG_PEEK
    };
    Outcome<Word> receive(MutableBytes bytes, Manner manner);
    Outcome<Word> send(Bytes bytes, bool blocks);

    Outcome<Word> read(MutableBytes bytes) override { return receive(bytes, {blocking(), false}); }
    Outcome<Word> write(Bytes bytes) override { return send(bytes, blocking()); }
    void describe(abi::Stat& stat) const override;
    [[nodiscard]] std::uint16_t readiness() const override;
    [[nodiscard]] bool watchable() const override { return true; }
    [[nodiscard]] std::uint32_t changes() const override;
    [[nodiscard]] Socket* as_socket() override { return this; }
    void closed() override;

    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const Endpoint& own() const { return own_; }
    [[nodiscard]] const Endpoint& peer() const { return peer_; }
    [[nodiscard]] bool keeps_messages_apart() const {
        return family_ == Family::Unix && !is_stream_;
    }

   private:
    [[nodiscard]] const Link& link() const { return links_[0]; }
    std::optional<Outcome<Word>> try_receive(MutableBytes bytes, bool keeps);
    std::optional<Outcome<Word>> try_packet(MutableBytes bytes, bool keeps);
    std::optional<Outcome<Word>> try_send(Bytes bytes);
    void close_links();

    Lock lock_;
    Family family_;
    State state_ = State::New;
    bool is_stream_ = false;  ///< of a message server: a stream was opened on it
    bool input_is_shut_ = false;
    std::uint8_t link_count_ = 0;  ///< listeners have one for each message server
    std::array<Link, manifest::max_memberships> links_{};
    Endpoint own_{}, peer_{};
};

}  // namespace kos::libos
