// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams within the app: over 127.0.0.1 and ::1, and of AF_UNIX (unix(7)). Two pipes each; no
// other app can see or reach them, and an app without a network has them too.
//
//   connecting socket ── out ──► pipe ── in ──► accepted socket
//                     ◄── in ─── pipe ◄─ out ──
//
// A name is there as long as a socket is bound to it: nothing of it is seen in the file system.
#pragma once

#include "libos/files/pipe.hpp"
#include "libos/net/address.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kos::libos {

/// One end of a stream: what it reads and what it writes.
struct LocalEnd {
    Pipe* in = nullptr;
    Pipe* out = nullptr;

    [[nodiscard]] LocalEnd other() const { return {out, in}; }
    void close(Activity& activity) const;
};

/// The two ends of a stream, open; nothing where all pipes are in use.
[[nodiscard]] std::optional<LocalEnd> claim_stream(std::span<Pipe> pipes);

/// Where a socket is bound: an endpoint, or of AF_UNIX a path.
struct LocalName {
    static constexpr std::size_t longest = 108;

    bool is_path = false;
    std::uint8_t length = 0;
    std::array<char, longest> text{};
    Endpoint endpoint{};

    LocalName() = default;
    explicit LocalName(const Endpoint& of) : endpoint(of) {}
    /// \p path: at most the longest; of the abstract name space with its leading zero.
    explicit LocalName(std::string_view path);
    [[nodiscard]] std::string_view path() const { return {text.data(), length}; }
    /// Whether a socket bound to this one is in the way of, or reached by, the other.
    [[nodiscard]] bool meets(const LocalName& other) const;
};

/// A bound socket's place, kept while a socket refers to it.
struct LocalPlace {
    static constexpr std::size_t longest_queue = 16;
    struct Waiting {
        LocalEnd end;
        Endpoint peer;
    };

    LocalName name;
    std::uint32_t references;  ///< 0: free
    bool is_bound;             ///< the socket itself is open
    std::uint32_t backlog;     ///< 0: it does not listen
    std::uint32_t waiting_count;
    std::uint32_t changes;
    std::array<Waiting, longest_queue> waiting;
};

class LocalSockets {
   public:
    LocalSockets(std::span<LocalPlace> places, std::span<Pipe> pipes, Activity& activity)
        : places_(places), pipes_(pipes), activity_(activity) {}

    /// Port 0: any, which the place then has. EADDRINUSE; ENOBUFS: too many.
    Outcome<LocalPlace*> bind(LocalName name);
    void listen(LocalPlace& place, Word backlog);

    struct Connected {
        LocalEnd end;
        LocalPlace* place;  ///< the peer's, referred to
        Endpoint own;
    };
    /// ECONNREFUSED; ENOENT for paths; EAGAIN: its queue is full; ENOBUFS: no pipes.
    Outcome<Connected> connect(const LocalName& name);
    /// The first that waits. The place is referred to once more. EAGAIN.
    Outcome<LocalPlace::Waiting> accept(LocalPlace& place);

    [[nodiscard]] bool has_waiting(const LocalPlace& place);
    /// A socket that refers to \p place is closed; \p is_owner: the one that was bound.
    void release(LocalPlace& place, bool is_owner);

   private:
    LocalPlace* find(const LocalName& name);
    std::uint32_t free_port();

    Lock lock_;
    std::span<LocalPlace> places_;
    std::span<Pipe> pipes_;
    Activity& activity_;
    std::uint32_t last_port_ = 0;
};

}  // namespace kos::libos
