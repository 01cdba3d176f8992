// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/guest.hpp"

#include "lib/sel4/syscall.hpp"
#include "lib/vm/guest_panic.hpp"
#include "lib/vm/layout.hpp"
#include "lib/vm/mailbox.hpp"
#include "vmm/engine/sel4/clean.hpp"
#include "vmm/vcpu/registers.hpp"

#include <algorithm>

namespace kos::vmm {

namespace {

/// How often the guest's control service is asked for before it is there.
constexpr std::uint64_t retries_per_second = 50;

Bytes bytes_of_blob(const vm::BlobInfo& blob) {
    if (blob.size == 0) return {};
    return {sel4::vspace_pointer(blob.address), blob.size};
}

}  // namespace

Guest::Guest(const vm::VmInfo& info, const Manager& manager)
    : info_(info),
      manager_(manager),
      cpu_(sel4::Cap<sel4::Vcpu>{vm::slot::vcpu(0)}, sel4::Cap<sel4::Tcb>{vm::slot::tcb(0)},
           static_cast<GicVersion>(info.gic_version)),
      link_(control_, info.counter_hz / retries_per_second),
      machine_({.gic = static_cast<GicVersion>(info.gic_version),
                .memory = memory_,
                .injector = cpu_,
                .early_output = output_,
                .failures = *this}) {
    const MutableBytes ram{sel4::vspace_pointer(vm::guest_memory_base.value()), info.memory_size};
    must(memory_.add(layout::memory, ram), "a guest has memory");
    machine_.add(console_);
    machine_.add(entropy_);
    router_.attach(sockets_);
    link_.attach(router_);
    asked_.attach(bridge_);
    router_.listen_elsewhere(asked_);
    streams_.attach(router_);
    machine_.add(sockets_);
    for (std::uint32_t i = 0; i < std::min(info.disk_count, manifest::max_disks); ++i) {
        add_disk(info.disks[i]);
    }
    for (std::uint32_t i = 0; i < std::min(info.interface_count, manifest::max_interfaces); ++i) {
        add_interface(i);
    }
}

void Guest::add_interface(std::uint32_t number) {
    const vm::InterfaceInfo& interface = info_.interfaces[number];
    virtio::Link* link = &no_link_;
    if (interface.membership != 0) {
        const std::uint64_t membership = interface.membership - 1u;
        link = &ports_[number].emplace(membership, packet_).link;
    }
    virtio::Net& device = interfaces_[number].emplace(*link, interface.mac);
    if (ports_[number]) ports_[number]->link.attach(device);
    machine_.add(device);
}

void Guest::add_disk(const vm::DiskInfo& info) {
    if (info.content.size != 0) {
        const auto free = std::ranges::find(disks_, false, &std::optional<Disk>::has_value);
        machine_.add(free->emplace(bytes_of_blob(info.content), text_of(info.serial)).block);
        return;
    }
    const auto free = std::ranges::find(volumes_, false, &std::optional<Volume>::has_value);
    if (free == volumes_.end()) return;  // the manifest has no more
    const auto number = static_cast<unsigned>(free - volumes_.begin());
    machine_.add(free->emplace(info, number, info_.volume_memory).block);
}

Result<void, std::string_view> Guest::start_volumes() {
    for (std::optional<Volume>& volume : volumes_) {
        if (!volume) continue;
        const auto started = volume->disk.start(volume->block.serial());
        if (started) continue;
        std::size_t used = 0;
        for (const std::string_view text :
             {std::string_view{"KOS-E-GUEST-VOLUME: "}, volume->block.serial(),
              std::string_view{": "}, virtio::describe(started.error())}) {
            used += text.copy(volume_trouble_.data() + used, volume_trouble_.size() - used);
        }
        return Err{std::string_view{volume_trouble_.data(), used}};
    }
    return {};
}

Result<void, std::string_view> Guest::start() {
    KOS_TRY(start_volumes());
    for (auto& port : ports_) {
        if (port && !port->link.open()) return Err{std::string_view{"a switch refuses it"}};
    }
    constexpr std::size_t seed_bytes = 40;
    std::array<std::byte, seed_bytes> seed;
    fill(seed);
    GuestDescription description;
    description.memory = {layout::memory, info_.memory_size};
    description.processors = 1;
    description.command_line = {
        info_.command_line,
        std::min<std::size_t>(info_.command_line_size, sizeof info_.command_line)};
    description.seed = seed;
    machine_.describe(description);
    const auto loaded =
        load_guest(memory_, bytes_of_blob(info_.kernel), bytes_of_blob(info_.initrd), description);
    if (!loaded) return Err{loaded.error().text()};
    // The guest starts with its MMU off and sees memory, not what is in caches.
    clean_to_memory({sel4::vspace_pointer(vm::guest_memory_base.value()), info_.memory_size});
    const auto context = start_context(loaded->entry.value(), loaded->device_tree.value());
    if (!cpu_.start(context)) return Err{std::string_view{"the kernel refuses to start it"}};
    return {};
}

void Guest::take_mail() {
    auto& mailbox =
        *reinterpret_cast<vm::Mailbox*>(sel4::vspace_pointer(vm::mailbox_address.value()));
    const auto receive = [this](Bytes piece) { streams_.receive(piece, link_.is_open()); };
    if (mailbox.take(receive)) streams_.tell_room();
}

bool Guest::tend_networks() {
    bool is_done = true;
    for (auto& port : ports_) is_done &= !port || port->link.tend();
    return is_done;
}

void Guest::device_failed(const virtio::Device& device, unsigned /*queue*/,
                          virtio::DriverError error) {
    std::array<char, 160> line{};
    std::size_t used = 0;
    const auto add = [&](std::string_view text) {
        used += text.copy(line.data() + used, line.size() - used);
    };
    add("the guest's driver broke the rules of its device ");
    add(device.name());
    add(": ");
    add(error.text());
    manager_.log({line.data(), used});
}

bool Guest::log_console() {
    output_.flush();
    bool has_panicked = false;
    console_tail_.lines([&](std::string_view text) {
        has_panicked = has_panicked || text.find(vm::kernel_panic) != std::string_view::npos;
        constexpr std::string_view label = "guest: ";
        std::array<char, 256> line{};
        const std::size_t start = label.copy(line.data(), line.size());
        const std::size_t size = text.copy(line.data() + start, line.size() - start);
        manager_.log({line.data(), start + size});
    });
    return has_panicked;
}

void Guest::fill(MutableBytes target) {
    while (!target.empty()) {
        const ChaChaBlock block =
            chacha20_block(info_.seed, static_cast<std::uint32_t>(entropy_blocks_),
                           {static_cast<std::uint8_t>(entropy_blocks_ >> 32),
                            static_cast<std::uint8_t>(entropy_blocks_ >> 40)});
        ++entropy_blocks_;
        const std::size_t size = std::min(target.size(), block.size());
        std::memcpy(target.data(), block.data(), size);
        target = target.subspan(size);
    }
}

}  // namespace kos::vmm
