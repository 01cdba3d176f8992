// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The other end of an instance's socket: commands to it, and waiting for what becomes of it.
#pragma once

#include "cli/instance/channel.hpp"
#include "cli/instance/folder.hpp"
#include "cli/instance/state.hpp"
#include "lib/msg/control_reader.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kos::instance {

/// One frame that a command was answered with.
struct Answer {
    msg::FrameType type{};
    std::uint8_t app = msg::no_app;
    std::string payload;
};

class Client {
   public:
    /// An instance takes so long at most to answer, while it packs or boots too.
    static constexpr std::chrono::milliseconds patience{30'000};

    /// KOS-E-INSTANCE-STOPPED where it does not run, KOS-E-INSTANCE-SILENT where its process does
    /// not answer, or is another user's.
    static Outcome<Client> connect(const Folder& folder);

    /// Sends a command and waits for what it is answered with; errors by the result of its
    /// acknowledgement, with \p what in them.
    Outcome<std::vector<Answer>> request(const std::string& what, msg::FrameType type,
                                         std::uint8_t app, Bytes payload = {});

   private:
    Client(std::string name, sys::UniqueFd socket);

    Outcome<Answer> receive();
    [[nodiscard]] Err<Error> closed() const;

    std::string name_;
    sys::UniqueFd socket_;
    std::vector<std::byte> unread_;  ///< what the reader has not taken yet
    std::unique_ptr<msg::ControlReader> reader_ = std::make_unique<msg::ControlReader>();
    std::uint32_t sequence_ = 0;
};

/// Wakes when the state or the logs of an instance change, or its process ends.
class Watch {
   public:
    static Outcome<Watch> create(const Folder& folder);

    /// Until something has changed or \p timeout (none: for ever) is over; whether it was in time.
    /// Two changes may be told as one.
    bool wait(std::optional<std::chrono::milliseconds> timeout = {});

   private:
    Watch(sys::UniqueFd changes, sys::UniqueFd life)
        : changes_(std::move(changes)), life_(std::move(life)) {}

    sys::UniqueFd changes_;  ///< inotify
    sys::UniqueFd life_;     ///< a connection, which ends with the process
};

}  // namespace kos::instance
