// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's hardware: whom an access is meant for.
#pragma once

#include "lib/base/static_vector.hpp"
#include "vmm/gic/version2.hpp"
#include "vmm/gic/version3.hpp"
#include "vmm/machine/early_console.hpp"
#include "vmm/machine/layout.hpp"
#include "vmm/virtio/transport/mmio.hpp"

#include <array>
#include <optional>
#include <span>

namespace kos::vmm {

class Machine {
   public:
    /// As many devices as there are shared interrupts.
    static constexpr std::size_t max_devices = Interrupts::count - Interrupts::first_shared;

    /// All of these outlive the machine.
    struct Parts {
        GicVersion gic;
        const GuestMemory& memory;
        Injector& injector;
        ConsoleOutput& early_output;
        virtio::FailureLog& failures;
    };
    explicit Machine(const Parts& parts);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Puts \p device, which outlives the machine, behind the next page and interrupt; at most
    /// max_devices.
    void add(virtio::Device& device);
    [[nodiscard]] std::span<const VirtioNode> nodes() const { return nodes_.items(); }
    /// The parts of a guest's description that the machine knows.
    void describe(GuestDescription& guest) const;

    /// \p size is 1, 2, 4 or 8. Nothing where nothing is.
    [[nodiscard]] std::optional<std::uint64_t> read(GuestAddress address, unsigned size);
    /// False where nothing is.
    [[nodiscard]] bool write(GuestAddress address, unsigned size, std::uint64_t value);

    [[nodiscard]] Interrupts& interrupts() { return interrupts_; }
    [[nodiscard]] bool has_gic_v3() const { return gic_ == GicVersion::V3; }
    /// Its software interrupts by system register.
    [[nodiscard]] GicV3& gic_v3() { return v3_; }

    /// Whether a device has more to do than it did in one go; `resume` goes on.
    [[nodiscard]] bool pending() const;
    void resume();

   private:
    class Line final : public virtio::InterruptLine {
       public:
        Line(Interrupts& interrupts, unsigned interrupt)
            : interrupts_(interrupts), interrupt_(interrupt) {}
        void set(bool asserted) override { interrupts_.set_level(interrupt_, asserted); }

       private:
        Interrupts& interrupts_;
        unsigned interrupt_;
    };
    struct Slot {
        Slot(virtio::Device& device, const Parts& parts, Interrupts& interrupts, unsigned interrupt)
            : line(interrupts, interrupt), transport(device, parts.memory, line, parts.failures) {}
        Line line;
        virtio::MmioTransport transport;
    };
    enum class Unit : std::uint8_t { DistributorV2, DistributorV3, Redistributor, Console, Virtio };
    struct Target {
        Unit unit;
        std::uint64_t offset;
        unsigned device = 0;
    };
    [[nodiscard]] std::optional<Target> find(GuestAddress address, unsigned size) const;

    Parts parts_;
    GicVersion gic_;
    Interrupts interrupts_;
    GicV2 v2_;
    GicV3 v3_;
    EarlyConsole early_console_;
    StaticVector<VirtioNode, max_devices> nodes_;
    std::array<std::optional<Slot>, max_devices> slots_;
};

}  // namespace kos::vmm
