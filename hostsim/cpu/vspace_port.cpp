// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/vspace_port.hpp"

#include "hostsim/cpu/time_scale.hpp"

#include <cstring>

namespace kos::sim {

namespace {

HostAccess access_of(const Mapping& mapping) {
    if (!mapping.readable) return HostAccess::None;
    return mapping.writable ? HostAccess::ReadWrite : HostAccess::Read;
}

}  // namespace

Cpu::Port::Port(Cpu& cpu, VSpace& vspace, std::unique_ptr<Core> core)
    : cpu_(cpu), vspace_(vspace), core_(std::move(core)) {
    core_->attach(*this);
    cpu_.kernel_.for_each_mapping(
        vspace_, [this](VirtualAddress address, const Mapping& mapping) { map(address, mapping); });
}

void Cpu::Port::map(VirtualAddress address, const Mapping& mapping) {
    const std::uint64_t size = std::uint64_t{1} << mapping.size_bits;
    core_->forget_code(address, size);
    const PhysicalMemory& memory = cpu_.kernel_.memory();
    const auto offset = memory.file_offset(mapping.physical);
    if (offset) {
        core_->arena().map(address, {memory.fd(), *offset, size}, access_of(mapping));
    } else {
        core_->arena().unmap(address, size);
    }
}

void Cpu::Port::unmap(VirtualAddress address, std::uint64_t size) {
    core_->forget_code(address, size);
    core_->arena().unmap(address, size);
}

std::optional<Mapping> Cpu::Port::translate(VirtualAddress address) {
    return cpu_.kernel_.translate(vspace_, address);
}

std::optional<std::uint64_t> Cpu::Port::read(PhysicalAddress address, unsigned bytes) {
    const MutableBytes ram = cpu_.kernel_.memory().bytes(address, bytes);
    if (ram.empty()) return cpu_.devices_.read(address, bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, ram.data(), bytes);
    return value;
}

bool Cpu::Port::write(PhysicalAddress address, unsigned bytes, std::uint64_t value) {
    const MutableBytes ram = cpu_.kernel_.memory().bytes(address, bytes);
    if (ram.empty()) return cpu_.devices_.write(address, bytes, value);
    std::memcpy(ram.data(), &value, bytes);
    return true;
}

Bytes Cpu::Port::page(PhysicalAddress address) {
    return cpu_.kernel_.memory().bytes(address, page_size);
}

std::uint64_t Cpu::Port::counter(std::uint64_t instructions) {
    const std::uint64_t since_tick = cpu_.instructions_of_tick_ + instructions;
    return cpu_.kernel_.now() + since_tick / instructions_per_tick;
}

}  // namespace kos::sim
