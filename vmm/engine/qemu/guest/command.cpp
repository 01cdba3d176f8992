// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/guest/guest.hpp"

#include <array>
#include <cstdio>

namespace kos::qemu {

namespace {

std::string inherited_file(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

std::string text_of(const virtio::MacAddress& mac) {
    std::array<char, 18> text{};
    (void)std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                        mac[2], mac[3], mac[4], mac[5]);
    return text.data();
}

/// A vhost-user device behind an inherited socket.
void add_device(std::vector<std::string>& command, const std::string& id, int fd,
                const std::string& device) {
    command.insert(command.end(), {"-chardev", "socket,id=" + id + ",fd=" + std::to_string(fd),
                                   "-device", device + ",chardev=" + id});
}

}  // namespace

std::vector<std::string> command_for(const GuestSpec& spec, const GuestDescriptors& descriptors) {
    const std::string memory = std::to_string(spec.memory >> 20) + "M";
    std::vector<std::string> command{"qemu-system-aarch64",
                                     "-M",
                                     "virt,gic-version=2,memory-backend=mem",
                                     "-cpu",
                                     "max,pauth=off",
                                     "-smp",
                                     std::to_string(spec.vcpus),
                                     "-accel",
                                     "tcg",
                                     "-m",
                                     memory,
                                     "-nodefaults",
                                     "-no-user-config",
                                     "-nographic",
                                     "-no-reboot",
                                     "-serial",
                                     "stdio",
                                     "-monitor",
                                     "none",
                                     "-kernel",
                                     inherited_file(descriptors.kernel),
                                     "-append",
                                     spec.command_line,
                                     "-object",
                                     "memory-backend-memfd,id=mem,size=" + memory + ",share=on",
                                     "-global",
                                     "virtio-mmio.force-legacy=false"};
    if (descriptors.initrd >= 0) {
        command.insert(command.end(), {"-initrd", inherited_file(descriptors.initrd)});
    }
    for (std::size_t i = 0; i < descriptors.disks.size(); ++i) {
        add_device(command, "d" + std::to_string(i), descriptors.disks[i],
                   "vhost-user-blk,num-queues=1");
    }
    add_device(command, "v", descriptors.vsock, "vhost-user-vsock-device");
    add_device(command, "r", descriptors.entropy, "vhost-user-rng");
    for (std::size_t i = 0; i < descriptors.interfaces.size(); ++i) {
        const std::string id = "n" + std::to_string(i);
        command.insert(
            command.end(),
            {"-chardev", "socket,id=c" + id + ",path=" + descriptors.interfaces[i] + ",abstract=on",
             "-netdev", "vhost-user,id=" + id + ",chardev=c" + id + ",queues=1", "-device",
             "virtio-net-device,netdev=" + id + ",mac=" + text_of(spec.interfaces[i].mac)});
    }
    return command;
}

}  // namespace kos::qemu
