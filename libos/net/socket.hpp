// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sockets (socket(7)): streams to services on the app's networks and connections to its message
// servers, which are channels of message servers, and streams within the app (libos/net/local.hpp).
// There is no TCP/IP.
//
// Left out: datagrams, options that change anything.
#pragma once

#include "lib/manifest/image.hpp"
#include "libos/core/lock.hpp"
#include "libos/files/file.hpp"
#include "libos/net/address.hpp"
#include "libos/net/local.hpp"
#include "libos/net/message_servers.hpp"

#include <array>
#include <cstdint>

namespace kos::libos {

class Socket final : public File {
   public:
    enum class State : std::uint8_t { New, Listening, Connected };

    /// \p is_stream: else it keeps messages apart.
    Socket(Family family, bool is_stream, unsigned flags)
        : File(flags | abi::open_flag::read_write), family_(family), is_stream_(is_stream) {}

    /// What accept() gives: of a message server, or local.
    struct Accepted {
        Link link;
        Endpoint own, peer;
        LocalEnd local{};
        LocalPlace* place = nullptr;
        /// Where no socket comes of it.
        void close() const;
    };
    Socket(Family family, const Accepted& accepted, unsigned flags)
        : File(flags | abi::open_flag::read_write),
          family_(family),
          state_(State::Connected),
          is_stream_(true),
          link_count_(accepted.local.in == nullptr ? 1 : 0),
          links_{accepted.link},
          own_(accepted.own),
          peer_(accepted.peer),
          local_(accepted.local),
          place_(accepted.place) {
        place_is_own_ = true;
    }
    /// One of a pair.
    Socket(const LocalEnd& end, unsigned flags)
        : Socket(Family::Unix, Accepted{{}, {}, {}, end, nullptr}, flags) {}

    Outcome<void> bind(const Endpoint& endpoint);
    Outcome<void> bind_path(std::string_view path);
    Outcome<void> listen(Word backlog);
    Outcome<void> connect(const Endpoint& endpoint);
    /// A message server, or of a stream a socket of the app.
    Outcome<void> connect_to_path(std::string_view path);
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
    [[nodiscard]] std::uint16_t readiness(std::uint16_t wanted) const override;
    [[nodiscard]] bool watchable() const override { return true; }
    [[nodiscard]] std::uint32_t changes() const override;
    [[nodiscard]] Socket* as_socket() override { return this; }
    void closed() override;

    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const Endpoint& own() const { return own_; }
    [[nodiscard]] const Endpoint& peer() const { return peer_; }
    /// Paths of AF_UNIX sockets, empty where there is none.
    [[nodiscard]] std::string_view own_path() const { return path(place_is_own_); }
    [[nodiscard]] std::string_view peer_path() const { return path(!place_is_own_); }
    /// SOCK_STREAM rather than SOCK_SEQPACKET, as it was made.
    [[nodiscard]] bool is_of_stream_type() const {
        return family_ != Family::Unix || (state_ == State::Connected ? is_local() : is_stream_);
    }
    [[nodiscard]] bool keeps_messages_apart() const { return !is_stream_; }

   private:
    [[nodiscard]] bool is_local() const { return local_.in != nullptr; }
    [[nodiscard]] std::string_view path(bool has_one) const {
        return has_one && place_ != nullptr && place_->name.is_path ? place_->name.path()
                                                                    : std::string_view{};
    }
    Outcome<void> listen_on_servers(Word backlog);
    Outcome<void> listen_locally(Word backlog);
    Outcome<void> connect_locally(const LocalName& name);
    Outcome<void> connect_to_service(const Endpoint& endpoint);
    std::optional<Outcome<Word>> receive_locally(MutableBytes bytes, bool keeps);
    std::optional<Outcome<Word>> send_locally(Bytes bytes);
    [[nodiscard]] std::uint16_t local_readiness() const;
    [[nodiscard]] const Link& link() const { return links_[0]; }
    std::optional<Outcome<Word>> try_receive(MutableBytes bytes, bool keeps);
    std::optional<Outcome<Word>> try_packet(MutableBytes bytes, bool keeps);
    std::optional<Outcome<Word>> try_send(Bytes bytes);
    void close_links();

    mutable Lock lock_;
    Family family_;
    State state_ = State::New;
    bool is_stream_;             ///< also of a message server, once a stream was opened on it
    bool place_is_own_ = false;  ///< it is bound there, or was accepted there
    bool input_is_shut_ = false;
    std::uint32_t past_changes_ = 0;  ///< of a pipe that is not ours any more
    std::uint8_t link_count_ = 0;     ///< listeners have one for each message server
    std::array<Link, manifest::max_memberships> links_{};
    Endpoint own_{}, peer_{};
    LocalEnd local_{};
    LocalPlace* place_ = nullptr;  ///< where it is bound, or what it is connected to
};

}  // namespace kos::libos
