// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The other end of a guest's control service (docs/guest-control.md), through its instance's
// socket.
#pragma once

#include "cli/instance/folder.hpp"
#include "cli/instance/state.hpp"
#include "lib/guest/frame.hpp"
#include "lib/guest/messages.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::instance {

class GuestClient {
   public:
    using Clock = std::chrono::steady_clock;
    /// A guest takes so long at most to boot, and its container to start.
    static constexpr std::chrono::seconds longest_boot{60};

    /// To a microVM that runs, greetings exchanged, once its guest has booted. KOS-E-UNSUPPORTED
    /// for a native app, and where the target carries no streams to its guests;
    /// KOS-E-INSTANCE-STOPPED; KOS-E-INSTANCE-SILENT where it has not answered within \p patience,
    /// which holds for each answer.
    /// \p folder outlives the client.
    static Outcome<GuestClient> connect(const Folder& folder, const State& state, const App& app,
                                        std::chrono::seconds patience = longest_boot);

    /// Readable where take() may have more after fill().
    [[nodiscard]] sys::Fd fd() const { return socket_.get(); }
    /// Waits until it is sent.
    Outcome<void> send(std::string_view frame);
    /// Sends what goes at once, and takes it off \p bytes.
    Outcome<void> send_some(std::string& bytes);
    /// Reads what has come, or waits for it until \p deadline. KOS-E-INSTANCE-STOPPED where the
    /// guest is gone; where it is not, but the stream is, KOS-E-NOISE on a serial line, otherwise
    /// KOS-E-INSTANCE-SILENT.
    Outcome<void> fill(std::optional<Clock::time_point> deadline = {});
    /// The next frame of what was read, until the next call; nothing where it is not whole.
    Outcome<std::optional<guest::Frame>> take();
    /// take() and fill() until there is one, within the patience. Failed is an error.
    Outcome<guest::Frame> receive();

    /// Waits until the container is not to be waited for any more; its name. Empty: the guest's
    /// only one. KOS-E-INSTANCE-MISSING, with the names that there are.
    Outcome<std::string> container(std::string_view wanted);

   private:
    GuestClient(const Folder& folder, const State& state, const App& app, std::string name,
                sys::UniqueFd socket, std::chrono::seconds patience)
        : folder_(&folder),
          app_(app.number),
          starts_(app.starts),
          is_on_serial_line_(state.target == target_qemu),
          name_(std::move(name)),
          socket_(std::move(socket)),
          patience_(patience) {}

    bool is_open(Clock::time_point deadline);
    /// False where the stream has ended.
    Outcome<bool> read_some(std::optional<Clock::time_point> deadline);
    [[nodiscard]] bool still_runs() const;
    struct Container {
        std::string name;
        guest::ContainerState state{};
    };
    Outcome<std::vector<Container>> containers();
    /// Why the stream has ended, as far as is known.
    [[nodiscard]] Err<Error> broken_off() const;
    Outcome<void> greet();
    [[nodiscard]] Err<Error> not_understood() const;

    const Folder* folder_;
    std::uint32_t app_, starts_;
    bool is_on_serial_line_;
    std::string name_;
    sys::UniqueFd socket_;
    std::chrono::seconds patience_;
    std::vector<std::byte> bytes_;
    std::size_t taken_ = 0;  ///< of bytes_
};

/// What Failed says.
[[nodiscard]] Error error_of(const guest::Failed& failed, const std::string& name);

}  // namespace kos::instance
