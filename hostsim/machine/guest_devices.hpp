// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The devices by which VMMs have their guests run outside: lib/vm/external.hpp, registers, windows
// and an interrupt for each app.
#pragma once

#include "hostsim/machine/guest_runner.hpp"
#include "hostsim/machine/memory_map.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace kos::sim {

class GuestDevices final : public GuestEvents {
   public:
    static constexpr std::uint32_t count = memory_map::guests_count;

    /// Told when the interrupt line of an app's device changes.
    using Line = std::function<void(std::uint32_t app, bool is_high)>;
    /// \p runner may be null: then every guest fails. \p windows: those of all devices.
    GuestDevices(GuestRunner* runner, MutableBytes windows, Line line)
        : runner_(runner), windows_(windows), line_(std::move(line)) {}

    /// \p offset from the first device's page. Nothing where no register is.
    [[nodiscard]] std::optional<std::uint64_t> read(std::uint64_t offset, unsigned bytes) const;
    bool write(std::uint64_t offset, unsigned bytes, std::uint64_t value);

    void state_changed(std::uint32_t app, external::State state) override;
    void link_changed(std::uint32_t app, bool is_open) override;
    void received(std::uint32_t app, Bytes bytes) override;
    void records_came(std::uint32_t app, Bytes records) override;

   private:
    /// Bytes to the VMM, of which a window shows the first.
    class Queue {
       public:
        void add(Bytes bytes, MutableBytes window);
        /// At most as many as are shown; how many.
        std::uint32_t drop(std::uint32_t count, MutableBytes window);
        /// How many bytes the window shows.
        [[nodiscard]] std::uint32_t shown() const;

       private:
        std::string bytes_;
        std::size_t taken_ = 0;  ///< from the front: the others are not moved each time
    };
    struct Device {
        external::State state = external::State::Off;
        std::uint32_t events = 0;
        bool is_linked = false;
        Queue received, records;
    };

    /// The window at \p offset of those of \p app.
    [[nodiscard]] MutableBytes window(std::uint32_t app, std::uint32_t offset) const {
        return windows_.subspan(app * external::window_pages * page_size + offset,
                                external::window_size);
    }
    [[nodiscard]] static std::optional<std::uint32_t> value_of(const Device& device,
                                                               std::uint64_t offset);
    bool set(std::uint32_t app, std::uint64_t offset, std::uint32_t value);
    void command(std::uint32_t app, std::uint32_t value);
    void raise(std::uint32_t app, std::uint32_t events);

    GuestRunner* runner_;
    MutableBytes windows_;
    Line line_;
    std::array<Device, count> devices_;
};

}  // namespace kos::sim
