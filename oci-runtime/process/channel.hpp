// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the runtime and the container's first process say to one another while it is set up, over a
// socket pair. The child's end is close-on-exec: when it reads as closed, the program runs.
//
//     runtime                                 child
//       │  (cgroup, namespaces, fork)           │
//       │ ◄──────── Pid (from the forker) ───── │   only where namespaces are joined
//       │ ───────── Go: ids are mapped ───────► │   only with a user namespace
//       │ ◄──────── RunHooks ────────────────── │   only with prestart or createRuntime hooks
//       │ ───────── Go ───────────────────────► │
//       │ ◄──────── Terminal + descriptor ───── │   only with a terminal
//       │ ───────── Go: the state is saved ───► │
//       │ ◄──────── Ready ───────────────────── │   create: now waits for start
//       │ ◄──────── Listener ────────────────── │   only with a seccomp listener
//       │ ◄──────── (closed) ────────────────── │   run: the program has started
//
// At any time the child may send Warning, or Failed and then end.
#pragma once

#include "lib/linux/socket.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <optional>
#include <string>

namespace kos::oci {

enum class Event : char {
    Pid = 'p',
    RunHooks = 'h',
    Terminal = 't',
    Ready = 'r',
    Listener = 'l',
    Warning = 'w',
    Failed = 'f',
};

struct EventMessage {
    Event event;
    std::string text;
    sys::UniqueFd descriptor;
};

/// The child's end.
class ChildChannel {
   public:
    explicit ChildChannel(sys::UniqueFd socket) : socket_(std::move(socket)) {}

    [[nodiscard]] Result<void> tell(Event event, std::string_view text = {},
                                    sys::Fd descriptor = -1) const;
    void report(const Failure& failure) const;
    /// Waits for Go; fails where the runtime is gone.
    [[nodiscard]] Result<void> wait() const;
    [[nodiscard]] sys::Fd fd() const { return socket_.get(); }
    void close() { socket_.reset(); }

   private:
    sys::UniqueFd socket_;
};

/// The runtime's end.
class RuntimeChannel {
   public:
    explicit RuntimeChannel(sys::UniqueFd socket) : socket_(std::move(socket)) {}

    /// The next event; nothing where the child has closed its end. Failed is a failed result.
    [[nodiscard]] Result<std::optional<EventMessage>> next() const;
    [[nodiscard]] Result<void> go() const;
    void close() { socket_.reset(); }

   private:
    sys::UniqueFd socket_;
};

}  // namespace kos::oci
