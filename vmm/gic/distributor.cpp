// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/gic/distributor.hpp"

namespace kos::vmm {

namespace {

/// Where the registers of a kind start; there is room for 1024 interrupts of each.
enum class Bank : std::uint64_t {
    Group = 0x080,
    SetEnable = 0x100,
    ClearEnable = 0x180,
    SetPending = 0x200,
    ClearPending = 0x280,
    SetActive = 0x300,
    ClearActive = 0x380,
    Priority = 0x400,
    Target = 0x800,
    Configuration = 0xc00,
    End = 0xd00,
};

constexpr Bank bank_of(std::uint64_t offset) {
    if (offset >= 0xc00) return Bank::Configuration;
    if (offset >= 0x800) return Bank::Target;
    if (offset >= 0x400) return Bank::Priority;
    return static_cast<Bank>(offset & ~std::uint64_t{0x7f});
}

constexpr bool is_in_banks(std::uint64_t offset) {
    return offset >= static_cast<std::uint64_t>(Bank::Group) &&
           offset < static_cast<std::uint64_t>(Bank::End);
}

constexpr unsigned interrupts_in_byte(Bank bank) {
    switch (bank) {
        case Bank::Priority:
        case Bank::Target:
            return 1;
        case Bank::Configuration:
            return 4;
        default:
            return 8;
    }
}

}  // namespace

template <class Test>
std::uint8_t Distributor::bits(unsigned first, Test test) const {
    unsigned value = 0;
    for (unsigned i = 0; i < 8; ++i) {
        if (serves(first + i) && test(first + i)) value |= 1u << i;
    }
    return static_cast<std::uint8_t>(value);
}

template <class Apply>
void Distributor::each_bit(unsigned first, std::uint8_t value, Apply apply) {
    for (unsigned i = 0; i < 8; ++i) {
        if (serves(first + i)) apply(first + i, (value >> i & 1) != 0);
    }
}

std::uint8_t Distributor::read_byte(std::uint64_t offset) const {
    if (!is_in_banks(offset)) return 0;
    const Bank bank = bank_of(offset);
    const auto first =
        static_cast<unsigned>(offset - static_cast<std::uint64_t>(bank)) * interrupts_in_byte(bank);
    switch (bank) {
        case Bank::Group:
            return bits(first, [this](unsigned i) { return group_[i]; });
        case Bank::SetEnable:
        case Bank::ClearEnable:
            return bits(first, [this](unsigned i) { return interrupts_.is_enabled(i); });
        case Bank::SetPending:
        case Bank::ClearPending:
            return bits(first, [this](unsigned i) { return interrupts_.is_pending(i); });
        case Bank::Priority:
            return serves(first) ? interrupts_.priority(first) : std::uint8_t{0};
        case Bank::Target:
            // The private interrupts are the only processor's.
            if (!serves(first)) return 0;
            return first < Interrupts::first_shared ? std::uint8_t{1} : target_[first];
        case Bank::Configuration:
            return serves(first) ? configuration_[first / 4] : std::uint8_t{0};
        default:
            return 0;
    }
}

void Distributor::write_byte(std::uint64_t offset, std::uint8_t value) {
    if (!is_in_banks(offset)) return;
    const Bank bank = bank_of(offset);
    const auto first =
        static_cast<unsigned>(offset - static_cast<std::uint64_t>(bank)) * interrupts_in_byte(bank);
    switch (bank) {
        case Bank::Group:
            return each_bit(first, value, [this](unsigned i, bool set) { group_[i] = set; });
        case Bank::SetEnable:
        case Bank::ClearEnable:
            return each_bit(first, value, [this, bank](unsigned i, bool set) {
                if (set) interrupts_.set_enabled(i, bank == Bank::SetEnable);
            });
        case Bank::SetPending:
        case Bank::ClearPending:
            return each_bit(first, value, [this, bank](unsigned i, bool set) {
                if (set) interrupts_.set_latched(i, bank == Bank::SetPending);
            });
        case Bank::Priority:
            if (serves(first)) interrupts_.set_priority(first, value);
            return;
        case Bank::Target:
            if (serves(first)) target_[first] = value & 1;
            return;
        case Bank::Configuration:
            if (serves(first)) configuration_[first / 4] = value;
            return;
        default:
            return;
    }
}

void Distributor::reset() {
    group_.reset();
    target_ = {};
    configuration_ = {};
}

}  // namespace kos::vmm
