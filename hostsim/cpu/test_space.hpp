// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A VSpace for tests of a core without a kernel: a page of code, pages of data, a device that
// records, and whatever else a test maps.
#pragma once

#include "hostsim/cpu/core.hpp"
#include "hostsim/kernel/physical_memory.hpp"

#include <cstring>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>

namespace kos::sim::testing {

inline constexpr VirtualAddress code{0x1'0000};
inline constexpr VirtualAddress data{0x2'0000};       ///< read and write; the page behind is free
inline constexpr VirtualAddress constants{0x3'0000};  ///< read-only
inline constexpr VirtualAddress device{0x4'0000};
inline constexpr VirtualAddress nowhere{0x5'0000};
inline constexpr PhysicalAddress code_frame{0x6000'0000};
inline constexpr PhysicalAddress data_frame{0x6000'1000};
inline constexpr PhysicalAddress constants_frame{0x6000'2000};
inline constexpr PhysicalAddress spare_frame{0x6000'3000};
inline constexpr PhysicalAddress device_registers{0x900'0000};

class TestSpace final : public CoreEnvironment {
   public:
    explicit TestSpace(PhysicalMemory& memory,
                       FaultingAccess faulting_access = FaultingAccess::Kept)
        : memory_(memory), core_(make_core(faulting_access)) {
        core_->attach(*this);
        map(code,
            {.physical = code_frame, .size_bits = page_bits, .readable = true, .executable = true});
        map(data,
            {.physical = data_frame, .size_bits = page_bits, .readable = true, .writable = true});
        map(constants, {.physical = constants_frame, .size_bits = page_bits, .readable = true});
        map(device, {.physical = device_registers,
                     .size_bits = page_bits,
                     .readable = true,
                     .writable = true});
    }

    Core& core() { return *core_; }

    void map(VirtualAddress address, const Mapping& mapping) {
        pages_[address] = mapping;
        core_->forget_code(address, page_size);
        const auto offset = memory_.file_offset(mapping.physical);
        if (!offset) return;
        core_->arena().map(address, {memory_.fd(), *offset, page_size},
                           mapping.writable ? HostAccess::ReadWrite : HostAccess::Read);
    }
    void unmap(VirtualAddress address) {
        pages_.erase(address);
        core_->forget_code(address, page_size);
        core_->arena().unmap(address, page_size);
    }

    /// Puts instructions at the start of `frame`.
    void write_code(std::initializer_list<std::uint32_t> words,
                    PhysicalAddress frame = code_frame) {
        std::memcpy(memory_.bytes(frame, page_size).data(), words.begin(),
                    words.size() * sizeof(std::uint32_t));
        core_->forget_code(frame, page_size);
    }
    std::uint64_t& word(PhysicalAddress frame, std::size_t index = 0) {
        return reinterpret_cast<std::uint64_t*>(memory_.bytes(frame, page_size).data())[index];
    }

    /// Loads `registers`, runs, stores them.
    Trap run(Registers& registers, std::uint64_t budget = 1000) {
        core_->load(registers);
        const Trap trap = core_->run(budget);
        core_->store(registers);
        return trap;
    }

    std::string device_log;

    std::optional<Mapping> translate(VirtualAddress address) override {
        const auto page = pages_.find(address.aligned_down(page_size));
        if (page == pages_.end()) return std::nullopt;
        Mapping mapping = page->second;
        mapping.physical = mapping.physical + (address - page->first);
        return mapping;
    }
    std::optional<std::uint64_t> read(PhysicalAddress address, unsigned bytes) override {
        const MutableBytes ram = memory_.bytes(address, bytes);
        if (ram.empty()) return read_device(address, bytes);
        std::uint64_t value = 0;
        std::memcpy(&value, ram.data(), bytes);
        return value;
    }
    bool write(PhysicalAddress address, unsigned bytes, std::uint64_t value) override {
        const MutableBytes ram = memory_.bytes(address, bytes);
        if (ram.empty()) return write_device(address, bytes, value);
        std::memcpy(ram.data(), &value, bytes);
        return true;
    }
    Bytes page(PhysicalAddress address) override { return memory(address); }
    MutableBytes memory(PhysicalAddress frame) { return memory_.bytes(frame, page_size); }
    std::uint64_t counter(std::uint64_t instructions) override { return 1000 + instructions; }

   private:
    static std::unique_ptr<Core> make_core(FaultingAccess faulting_access) {
        return must(Core::create(faulting_access), "no address space");
    }

    /// One register at offset 8, which reads as 0x55.
    std::optional<std::uint64_t> read_device(PhysicalAddress address, unsigned bytes) {
        if (address != device_registers + 8) return std::nullopt;
        device_log += "r" + std::to_string(bytes) + " ";
        return 0x55;
    }
    bool write_device(PhysicalAddress address, unsigned bytes, std::uint64_t value) {
        if (address != device_registers + 8) return false;
        device_log += "w" + std::to_string(bytes) + "=" + std::to_string(value) + " ";
        return true;
    }

    PhysicalMemory& memory_;
    std::unique_ptr<Core> core_;
    std::map<VirtualAddress, Mapping> pages_;
};

/// RAM for the frames above.
inline PhysicalMemory make_memory() {
    const MemoryRegion ram{code_frame, 16 * page_size, MemoryKind::Normal};
    return must(PhysicalMemory::create({&ram, 1}), "no memory");
}

}  // namespace kos::sim::testing
