// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/psci/psci.hpp"

namespace kos::vmm {

namespace {

/// Function numbers without bit 30, which tells calls with 64-bit arguments.
enum class Function : std::uint32_t {
    SmcccVersion = 0x8000'0000,
    PsciVersion = 0x8400'0000,
    CpuSuspend = 0x8400'0001,
    CpuOff = 0x8400'0002,
    CpuOn = 0x8400'0003,
    AffinityInfo = 0x8400'0004,
    MigrateInfoType = 0x8400'0006,
    SystemOff = 0x8400'0008,
    SystemReset = 0x8400'0009,
    Features = 0x8400'000a,
};

constexpr std::uint32_t wide_bit = 1u << 30;
constexpr std::uint64_t version_1_1 = 0x1'0001;
/// There is no trusted operating system, so nothing to migrate.
constexpr std::uint64_t migration_not_required = 2;

constexpr bool has_wide_form(Function function) {
    return function == Function::CpuSuspend || function == Function::CpuOn ||
           function == Function::AffinityInfo;
}

constexpr bool is_known(std::uint32_t number) {
    const auto function = static_cast<Function>(number & ~wide_bit);
    if ((number & wide_bit) != 0) return has_wide_form(function);
    switch (function) {
        case Function::SmcccVersion:
        case Function::PsciVersion:
        case Function::CpuSuspend:
        case Function::CpuOff:
        case Function::CpuOn:
        case Function::AffinityInfo:
        case Function::MigrateInfoType:
        case Function::SystemOff:
        case Function::SystemReset:
        case Function::Features:
            return true;
    }
    return false;
}

constexpr PsciCall answer(std::uint64_t value) { return {.value = value}; }
constexpr PsciCall only(PsciEffect effect) { return {.effect = effect, .value = psci_success}; }

}  // namespace

PsciCall psci_call(const std::array<std::uint64_t, 4>& registers) {
    const auto number = static_cast<std::uint32_t>(registers[0]);
    if (!is_known(number)) return answer(psci_not_supported);
    const std::uint64_t mask = (number & wide_bit) != 0 ? ~std::uint64_t{0} : 0xffff'ffff;
    const std::uint64_t first = registers[1] & mask;
    switch (static_cast<Function>(number & ~wide_bit)) {
        case Function::SmcccVersion:
        case Function::PsciVersion:
            return answer(version_1_1);
        case Function::Features:
            return answer(is_known(static_cast<std::uint32_t>(first)) ? psci_success
                                                                      : psci_not_supported);
        case Function::MigrateInfoType:
            return answer(migration_not_required);
        case Function::CpuSuspend:
            return only(PsciEffect::Suspend);
        case Function::CpuOff:
            return only(PsciEffect::CpuOff);
        case Function::CpuOn:
            return {.effect = PsciEffect::CpuOn,
                    .value = psci_success,
                    .target = first,
                    .entry = registers[2] & mask,
                    .context = registers[3] & mask};
        case Function::AffinityInfo:
            return {.effect = PsciEffect::AffinityInfo, .value = psci_success, .target = first};
        case Function::SystemOff:
            return only(PsciEffect::SystemOff);
        case Function::SystemReset:
            return only(PsciEffect::SystemReset);
    }
    return answer(psci_not_supported);
}

}  // namespace kos::vmm
