// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A VSpace of the simulated kernel and the core that runs its threads: mappings go from the one to
// the other's arena, questions of the core to the kernel, the RAM and the devices.
#pragma once

#include "hostsim/cpu/cpu.hpp"

namespace kos::sim {

class Cpu::Port final : public CoreEnvironment {
   public:
    Port(Cpu& cpu, VSpace& vspace, std::unique_ptr<Core> core);

    [[nodiscard]] VSpace& vspace() { return vspace_; }
    [[nodiscard]] Core& core() { return *core_; }
    [[nodiscard]] std::unique_ptr<Core> release_core() { return std::move(core_); }

    void map(VirtualAddress address, const Mapping& mapping);
    void unmap(VirtualAddress address, std::uint64_t size);

    /// The thread whose vector registers the core holds; null: none's.
    Thread* vectors_of = nullptr;

    std::optional<Mapping> translate(VirtualAddress address) override;
    std::optional<std::uint64_t> read(PhysicalAddress address, unsigned bytes) override;
    bool write(PhysicalAddress address, unsigned bytes, std::uint64_t value) override;
    Bytes page(PhysicalAddress address) override;
    std::uint64_t counter(std::uint64_t instructions) override;

   private:
    Cpu& cpu_;
    VSpace& vspace_;
    std::unique_ptr<Core> core_;
};

}  // namespace kos::sim
