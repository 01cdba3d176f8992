// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest as VmInfo describes it: its memory, its processor and its devices.
#pragma once

#include "lib/base/chacha20.hpp"
#include "lib/vm/info.hpp"
#include "vmm/boot/load.hpp"
#include "vmm/control/manager_listener.hpp"
#include "vmm/engine/sel4/console.hpp"
#include "vmm/engine/sel4/control_link.hpp"
#include "vmm/engine/sel4/host_streams.hpp"
#include "vmm/engine/sel4/vcpu.hpp"
#include "vmm/engine/sel4/volume_port.hpp"
#include "vmm/exit/handler.hpp"
#include "vmm/machine/machine.hpp"
#include "vmm/manager/manager.hpp"
#include "vmm/messages/bridge.hpp"
#include "vmm/messages/socket_link.hpp"
#include "vmm/messages/tickets.hpp"
#include "vmm/network/kernel_switch.hpp"
#include "vmm/network/port_link.hpp"
#include "vmm/virtio/blk/block.hpp"
#include "vmm/virtio/blk/memory_disk.hpp"
#include "vmm/virtio/console/console.hpp"
#include "vmm/virtio/driver/device_disk.hpp"
#include "vmm/virtio/net/net.hpp"
#include "vmm/virtio/net/no_link.hpp"
#include "vmm/virtio/rng/entropy.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <array>
#include <optional>

namespace kos::vmm {

class Guest final : virtio::FailureLog, virtio::EntropySource, msg::HostLine {
   public:
    /// Both outlive it. The guest's memory and its blobs are mapped as lib/vm says.
    Guest(const vm::VmInfo& info, const Manager& manager);

    /// Loads kernel, initrd and device tree, and starts the processor. The text says what is wrong.
    [[nodiscard]] Result<void, std::string_view> start();

    [[nodiscard]] ExitHandler& handler() { return handler_; }
    [[nodiscard]] Machine& machine() { return machine_; }
    [[nodiscard]] KernelCpu& cpu() { return cpu_; }
    [[nodiscard]] GuestOutput& output() { return output_; }
    [[nodiscard]] GuestControl& control() { return control_; }
    [[nodiscard]] ControlLink& link() { return link_; }
    /// Its streams to message servers.
    [[nodiscard]] MessageBridge& bridge() { return bridge_; }
    /// What the host has for it, if anything has come.
    void take_mail();
    /// Frames of its networks, both ways. False where it is to be called again soon.
    [[nodiscard]] bool tend_networks();
    /// The last lines of its console, into the log; whether its kernel says there that it gave up.
    bool log_console();

   private:
    static constexpr std::uint64_t guest_cid = 3;

    struct Disk {
        Disk(Bytes content, std::string_view serial) : memory(content), block(memory, serial) {}
        virtio::MemoryDisk memory;
        virtio::Block block;
    };

    void add_interface(std::uint32_t number);
    /// A disk of the machine's, as one of the guest's.
    struct Volume {
        Volume(const vm::DiskInfo& info, unsigned number, std::uint64_t memory)
            : port(VirtualAddress{info.content.address}, number),
              disk(port, volume_memory(number, memory)),
              block(disk, text_of(info.serial)) {}
        VolumePort port;
        virtio::DeviceDisk disk;
        virtio::Block block;
    };

    void add_disk(const vm::DiskInfo& info);
    /// The text says which volume is not as it should be.
    Result<void, std::string_view> start_volumes();

    void device_failed(const virtio::Device& device, unsigned queue,
                       virtio::DriverError error) override;
    void fill(MutableBytes target) override;
    void send(Bytes payload) override { manager_.tell_host(payload); }

    const vm::VmInfo& info_;
    const Manager& manager_;
    GuestMemory memory_;
    KernelCpu cpu_;
    ConsoleTail console_tail_;
    GuestOutput output_{console_tail_};
    ManagerListener listener_{manager_};
    GuestControl control_{listener_};
    ControlLink link_;
    HostStreams streams_{*this};
    Machine machine_;
    ExitHandler handler_{machine_, cpu_};
    virtio::Console console_{output_};
    virtio::Entropy entropy_{*this};
    /// A few of the host's, and those that the guest asks for.
    std::array<virtio::Connection, 4 + msg::max_streams + MessageBridge::most_streams>
        connections_{};
    virtio::SocketRouter router_;
    SeededTickets tickets_{info_.seed};
    KernelMessageServers servers_{info_.message_servers};
    MessageSocketLink asked_{router_};
    MessageBridge bridge_{servers_, asked_, tickets_};
    virtio::Socket sockets_{router_, guest_cid, connections_};
    std::array<std::optional<Disk>, manifest::max_disks> disks_;
    std::array<std::optional<Volume>, manifest::volume_group> volumes_;
    std::array<char, 128> volume_trouble_{};
    virtio::NoLink no_link_;
    struct Port {
        Port(std::uint64_t membership, MutableBytes buffer) : net(membership), link(net, buffer) {}
        KernelSwitch net;
        PortLink link;
    };
    std::array<std::optional<Port>, manifest::max_interfaces> ports_;
    std::array<std::optional<virtio::Net>, manifest::max_interfaces> interfaces_;
    std::array<std::byte, ethernet::largest_packet> packet_{};  ///< one that is in two pieces
    std::uint64_t entropy_blocks_ = 0;
};

}  // namespace kos::vmm
