// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams to the control services of guests, and from ports of the host to services, over a
// target's serial line (docs/control-channel.md, lib/msg/guest_stream.hpp): what the simulator does
// with sockets.
//
//   socket of a client ──► piece of at most 1 KiB ──► ToGuest, one at a time ──► acknowledgement
//   socket of a client ◄── what it has not read, within the window ◄── GuestStream
//
// A piece that its VMM has no room for is put aside until that tells of room: only that guest's
// streams wait for it.
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/instance/line_client.hpp"
#include "lib/base/bytes.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/linux/timer.hpp"
#include "lib/msg/control.hpp"
#include "lib/msg/guest_stream.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kos::instance {

class GuestLine final : public control::GuestLinks {
   public:
    using Clock = std::chrono::steady_clock;
    /// Gets a line on why a stream to \p app, or its guest, broke off.
    using Log = std::function<void(std::uint8_t app, std::string_view line)>;
    static constexpr std::size_t most_clients = 64;  ///< of all guests
    static constexpr auto repeat_after = std::chrono::milliseconds{250};
    /// Between looks at what the kernel has not brought to a client yet.
    static constexpr auto look_after = std::chrono::milliseconds{10};
    /// So long at most nothing is sent while streams are open.
    static constexpr auto longest_silence = std::chrono::seconds{1};

    /// \p loop outlives it.
    GuestLine(sys::EventLoop& loop, Log log);
    ~GuestLine();
    GuestLine(const GuestLine&) = delete;
    GuestLine& operator=(const GuestLine&) = delete;

    void connect(std::uint32_t app, sys::UniqueFd socket) override;
    /// \p socket, of TCP, is a client of port number \p port of the gateway \p app; it is reset
    /// where the service ends the stream so, or is not there. \p place is let go with its stream.
    void connect_to_port(std::uint8_t app, std::uint16_t port, sys::UniqueFd socket,
                         std::shared_ptr<void> place);
    /// Clients of ports so far.
    [[nodiscard]] std::size_t port_clients() const;

    /// What is to be sent to the target now; mostly nothing. Where time alone brings the next
    /// piece, the loop has an event then.
    [[nodiscard]] std::string due(Clock::time_point now);
    /// The payload of a GuestStream frame of \p app.
    void receive(std::uint8_t app, Bytes payload);
    /// The target answers a command; false where it is not one of ours.
    bool acknowledged(const msg::AckRecord& answer, Clock::time_point now);
    /// The app has ended, and its streams with it.
    void app_over(std::uint8_t app);
    /// Frames of the target were lost: maybe of any stream.
    void frames_lost();

   private:
    enum class State : std::uint8_t {
        Waiting,  ///< for a number
        Opening,  ///< the VMM was asked, or will be
        Open,
        Draining,  ///< gone at the target; not everything has arrived at the client yet
        Closing,   ///< the client is gone; the VMM was told, or will be
    };
    /// Counters of bytes wrap at 2^32.
    struct Stream {
        std::uint8_t app = 0;
        std::uint8_t number = 0;
        State state = State::Waiting;
        std::uint32_t name = 0;
        std::optional<std::uint16_t> port{};  ///< of the gateway `app`, in its plan
        LineClient client;  ///< knows too whether it is of a port, and from Draining on of that
        std::uint32_t sent = 0, credited = 0;
        std::uint32_t received = 0, told = 0;
        bool is_told = false;  ///< Opening, Closing: the VMM was
        bool finish_is_told = false;
    };
    using Id = std::uint64_t;
    struct Piece {
        Id stream = 0;
        std::uint8_t app = 0;
        std::string payload;
        std::uint32_t sequence = 0;
        Clock::time_point send_at{};
    };

    void add(Stream stream);
    void handle(Id id, std::uint32_t events);
    void erase_drained(Clock::time_point now);
    void watch(const Stream& stream);
    void room_came(std::uint8_t app);
    void take_data(Stream& stream, std::uint32_t position, Bytes bytes);
    /// The target has ended the stream.
    void target_closed(Id id);
    /// Ends it, with a line in the log.
    void break_off(Stream& stream, std::string_view why);
    void drop_client(Stream& stream);
    void erase(Id id);

    [[nodiscard]] std::optional<std::uint8_t> free_number(const Stream& of) const;
    [[nodiscard]] std::string next_piece(Stream& stream);
    [[nodiscard]] static std::string keep_alive(const Stream& stream);
    bool choose_piece(Clock::time_point now);
    bool resume(Id stream, Clock::time_point now);
    [[nodiscard]] std::string next_frame(Clock::time_point now);
    void set_timer(Clock::time_point now);

    sys::EventLoop& loop_;
    std::optional<sys::Timer> timer_;
    Clock::time_point wakes_at_ = Clock::time_point::max();  ///< as the timer is set
    Log log_;
    std::map<Id, Stream> streams_;
    Id next_id_ = 1;
    Id last_served_ = 0;
    std::uint32_t next_name_;
    std::optional<Piece> piece_;               ///< with the target
    std::map<std::uint8_t, Piece> put_aside_;  ///< by app, whose VMM had no room for it
    std::uint32_t sequence_;
    Clock::time_point last_heard_{};
};

}  // namespace kos::instance
