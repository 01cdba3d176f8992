// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A VMM's end of its guest's control service (docs/guest-control.md).
//
//   opened() ──► Hello, Attach (all, lossless) ──► Log …, ContainerStatus …, GuestEnd, Done:
//                                                                                is_complete()
//
// Of several containers each line of output begins with the container's name.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/guest/frame.hpp"
#include "vmm/control/line_labels.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace kos::vmm {

/// Where what the guest tells goes.
class GuestListener {
   public:
    virtual void container_output(bool is_error, Bytes bytes) = 0;
    /// It runs, and its test has succeeded where it has one.
    virtual void container_ready() = 0;
    /// A line that is no container's, or of our own.
    virtual void log(std::string_view text) = 0;

   protected:
    ~GuestListener() = default;
};

class GuestControl {
   public:
    /// \p listener outlives this.
    explicit GuestControl(GuestListener& listener) : listener_(listener) {}

    /// The stream to the control service is open.
    void opened();
    /// Bytes that came. False where they are no frames: the stream is of no use any more.
    [[nodiscard]] bool received(Bytes bytes);

    /// Bytes to send; `sent` drops those that were.
    [[nodiscard]] Bytes to_send() const { return Bytes{out_}.first(out_size_); }
    void sent(std::size_t count);

    /// Passes a signal to the guest: to its container, or as docs/guest-control.md has it for
    /// several. Before a container runs, it waits until one does.
    void signal(std::uint32_t number);

    /// As wait4(2) gives it, once the container, or the last of several, has ended.
    [[nodiscard]] std::optional<std::uint32_t> wait_status() const { return wait_status_; }
    /// All that containers wrote is fetched and the status is known.
    [[nodiscard]] bool is_complete() const { return is_over_; }

   private:
    void take(const guest::Frame& frame);
    void take_log(Bytes payload);
    void take_status(Bytes payload);
    void take_end(Bytes payload);
    void take_failure(Bytes payload);
    void put(guest::FrameType type, std::initializer_list<Bytes> fields);
    void put_signal(std::uint32_t number);
    void put_waiting_signals();

    GuestListener& listener_;
    std::array<std::byte, sizeof(guest::FrameHead) + guest::longest_payload> in_;
    std::size_t in_size_ = 0;
    std::array<std::byte, 512> out_{};
    std::size_t out_size_ = 0;
    std::uint64_t waiting_signals_ = 0;  ///< bit n − 1: signal n, for a container that is not there
    LineLabels output_labels_, error_labels_;
    bool is_running_ = false;
    bool is_ready_ = false;
    bool is_over_ = false;
    std::optional<std::uint32_t> wait_status_;
};

}  // namespace kos::vmm
