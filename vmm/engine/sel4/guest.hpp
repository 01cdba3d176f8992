// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest as VmInfo describes it: its memory, its processor and its devices.
#pragma once

#include "lib/base/chacha20.hpp"
#include "lib/vm/info.hpp"
#include "vmm/boot/load.hpp"
#include "vmm/engine/sel4/console.hpp"
#include "vmm/engine/sel4/vcpu.hpp"
#include "vmm/exit/handler.hpp"
#include "vmm/machine/machine.hpp"
#include "vmm/manager/manager.hpp"
#include "vmm/virtio/blk/block.hpp"
#include "vmm/virtio/blk/memory_disk.hpp"
#include "vmm/virtio/console/console.hpp"
#include "vmm/virtio/rng/entropy.hpp"

#include <array>
#include <optional>

namespace kos::vmm {

class Guest final : virtio::FailureLog, ConsoleOutput, virtio::EntropySource {
   public:
    /// Both outlive it. The guest's memory and its blobs are mapped as lib/vm says.
    Guest(const vm::VmInfo& info, const Manager& manager);

    /// Loads kernel, initrd and device tree, and starts the processor. The text says what is wrong.
    [[nodiscard]] Result<void, std::string_view> start();

    [[nodiscard]] ExitHandler& handler() { return handler_; }
    [[nodiscard]] Machine& machine() { return machine_; }
    [[nodiscard]] KernelCpu& cpu() { return cpu_; }
    [[nodiscard]] GuestOutput& output() { return output_; }

   private:
    struct Disk {
        Disk(Bytes content, std::string_view serial) : memory(content), block(memory, serial) {}
        virtio::MemoryDisk memory;
        virtio::Block block;
    };

    void device_failed(const virtio::Device& device, unsigned queue,
                       virtio::DriverError error) override;
    void write(Bytes bytes) override { manager_.write(bytes); }
    void fill(MutableBytes target) override;

    const vm::VmInfo& info_;
    const Manager& manager_;
    GuestMemory memory_;
    KernelCpu cpu_;
    GuestOutput output_{*this};
    Machine machine_;
    ExitHandler handler_{machine_, cpu_};
    virtio::Console console_{output_};
    virtio::Entropy entropy_{*this};
    std::array<std::optional<Disk>, manifest::max_disks> disks_;
    std::uint64_t entropy_blocks_ = 0;
};

}  // namespace kos::vmm
