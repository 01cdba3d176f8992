// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/machine/machine.hpp"

namespace kos::vmm {

namespace {

/// How far into \p range an access is that lies wholly in it.
std::optional<std::uint64_t> within(const GuestRange& range, GuestAddress address, unsigned size) {
    if (address < range.start) return std::nullopt;
    const std::uint64_t offset = address - range.start;
    if (!range_within(offset, size, range.size)) return std::nullopt;
    return offset;
}

}  // namespace

Machine::Machine(const Parts& parts)
    : parts_(parts),
      gic_(parts.gic),
      interrupts_(parts.injector),
      v2_(interrupts_),
      v3_(interrupts_),
      early_console_(parts.early_output) {}

void Machine::add(virtio::Device& device) {
    const auto number = static_cast<unsigned>(nodes_.size());
    if (!nodes_.push_back(layout::virtio_device(number))) panic("Machine: too many devices");
    slots_[number].emplace(device, parts_, interrupts_, Interrupts::first_shared + number);
}

void Machine::describe(GuestDescription& guest) const {
    const bool v3 = gic_ == GicVersion::V3;
    guest.gic = gic_;
    guest.distributor = v3 ? layout::distributor_v3 : layout::distributor_v2;
    guest.processor_interface = v3 ? layout::redistributor : layout::processor_interface;
    guest.early_console = layout::early_console;
    guest.devices = nodes_.items();
}

std::optional<Machine::Target> Machine::find(GuestAddress address, unsigned size) const {
    if (gic_ == GicVersion::V2) {
        if (const auto offset = within(layout::distributor_v2, address, size)) {
            return Target{Unit::DistributorV2, *offset};
        }
    } else {
        if (const auto offset = within(layout::distributor_v3, address, size)) {
            return Target{Unit::DistributorV3, *offset};
        }
        if (const auto offset = within(layout::redistributor, address, size)) {
            return Target{Unit::Redistributor, *offset};
        }
    }
    if (const auto offset = within(layout::early_console, address, size)) {
        return Target{Unit::Console, *offset};
    }
    const GuestRange devices{layout::virtio, nodes_.size() * page_size};
    if (const auto offset = within(devices, address, size)) {
        const std::uint64_t in_page = *offset % page_size;
        if (in_page + size > page_size) return std::nullopt;
        return Target{Unit::Virtio, in_page, static_cast<unsigned>(*offset / page_size)};
    }
    return std::nullopt;
}

std::optional<std::uint64_t> Machine::read(GuestAddress address, unsigned size) {
    const auto target = find(address, size);
    if (!target) return std::nullopt;
    switch (target->unit) {
        case Unit::DistributorV2:
            return v2_.read(target->offset, size);
        case Unit::DistributorV3:
            return v3_.read_distributor(target->offset, size);
        case Unit::Redistributor:
            return v3_.read_redistributor(target->offset, size);
        case Unit::Console:
            return EarlyConsole::read(target->offset);
        case Unit::Virtio:
            return slots_[target->device]->transport.read(target->offset, size);
    }
    return std::nullopt;
}

bool Machine::write(GuestAddress address, unsigned size, std::uint64_t value) {
    const auto target = find(address, size);
    if (!target) return false;
    switch (target->unit) {
        case Unit::DistributorV2:
            v2_.write(target->offset, size, value);
            return true;
        case Unit::DistributorV3:
            v3_.write_distributor(target->offset, size, value);
            return true;
        case Unit::Redistributor:
            v3_.write_redistributor(target->offset, size, value);
            return true;
        case Unit::Console:
            early_console_.write(target->offset, value);
            return true;
        case Unit::Virtio:
            slots_[target->device]->transport.write(target->offset, size, value);
            return true;
    }
    return false;
}

bool Machine::pending() const {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (slots_[i]->transport.pending()) return true;
    }
    return false;
}

void Machine::resume() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (slots_[i]->transport.pending()) slots_[i]->transport.resume();
    }
}

}  // namespace kos::vmm
