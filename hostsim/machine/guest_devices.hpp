// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The devices by which VMMs have their guests run outside: lib/vm/external.hpp, a page and an
// interrupt for each app.
#pragma once

#include "hostsim/machine/guest_runner.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace kos::sim {

class GuestDevices final : public GuestEvents {
   public:
    static constexpr std::uint32_t count = 16;

    /// Told when the interrupt line of an app's device changes.
    using Line = std::function<void(std::uint32_t app, bool is_high)>;
    /// \p runner may be null: then every guest fails.
    GuestDevices(GuestRunner* runner, Line line) : runner_(runner), line_(std::move(line)) {}

    /// \p offset from the first device's page. Nothing where no register is.
    [[nodiscard]] std::optional<std::uint64_t> read(std::uint64_t offset, unsigned bytes) const;
    bool write(std::uint64_t offset, unsigned bytes, std::uint64_t value);

    void state_changed(std::uint32_t app, external::State state) override;
    void link_changed(std::uint32_t app, bool is_open) override;
    void received(std::uint32_t app, Bytes bytes) override;
    void records_came(std::uint32_t app, Bytes records) override;

   private:
    /// Bytes that are taken from the front, without moving the others each time.
    class Queue {
       public:
        void add(Bytes bytes) { bytes_ += as_text(bytes); }
        [[nodiscard]] Bytes bytes() const { return as_bytes(bytes_).subspan(taken_); }
        /// At most as many as there are; how many.
        std::size_t drop(std::size_t count);

       private:
        std::string bytes_;
        std::size_t taken_ = 0;
    };
    struct Device {
        external::State state = external::State::Off;
        std::uint32_t events = 0;
        bool is_linked = false;
        Queue received;
        std::array<std::byte, external::window_size> send{};
        Queue records;
        std::array<std::byte, external::window_size> send_records{};
    };

    [[nodiscard]] static std::optional<std::uint32_t> value_of(const Device& device,
                                                               std::uint64_t offset);
    bool set(std::uint32_t app, std::uint64_t offset, std::uint32_t value);
    void command(std::uint32_t app, std::uint32_t value);
    void raise(std::uint32_t app, std::uint32_t events);

    GuestRunner* runner_;
    Line line_;
    std::array<Device, count> devices_;
};

}  // namespace kos::sim
