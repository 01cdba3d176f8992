// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/kernel/config.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>

namespace kos::kernel {

namespace {

/// A setting, and the value without which kos does not run.
struct Requirement {
    std::string_view name;
    std::string_view value;
    std::string_view why;
};

constexpr auto requirements = std::to_array<Requirement>({
    {"ARCH_AARCH64", "true", "kos runs on aarch64"},
    {"KERNEL_MCS", "true", "time is given out by scheduling contexts"},
    {"ARM_HYPERVISOR_SUPPORT", "true", "guests need it, and the boot shim enters at EL2"},
    {"EXPORT_VCNT_USER", "true", "apps read the counter"},
    {"MAX_NUM_NODES", "1", "the boot shim starts one core"},
});

}  // namespace

Outcome<Config> Config::parse(std::string_view json, const std::string& where) {
    const auto document = nlohmann::json::parse(json, nullptr, false);
    if (!document.is_object()) return fail(ErrorCode::KernelConfig, where, "not a JSON object");
    Config config;
    for (const auto& [name, value] : document.items()) {
        config.settings_[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return config;
}

std::string_view Config::value(std::string_view name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? std::string_view{} : found->second;
}

std::uint64_t Config::number(std::string_view name) const {
    const std::string_view text = value(name);
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Macros Config::macros() const {
    Macros macros;
    for (const auto& [name, value] : settings_) {
        if (value != "false") macros.insert("CONFIG_" + name);
    }
    return macros;
}

Outcome<void> check_config(const Config& config, const std::string& where) {
    std::string problems;
    const auto add = [&](std::string_view name, std::string_view needed, std::string_view why) {
        if (!problems.empty()) problems += "; ";
        problems += std::string{name} + " is " +
                    (config.value(name).empty() ? "not set" : std::string{config.value(name)}) +
                    ", and must be " + std::string{needed} + " (" + std::string{why} + ")";
    };
    for (const auto& [name, value, why] : requirements) {
        if (config.value(name) != value) add(name, value, why);
    }
    if (!config.is_on("ARM_PA_SIZE_BITS_40") && !config.is_on("ARM_PA_SIZE_BITS_44")) {
        add("ARM_PA_SIZE_BITS_40", "true, or ARM_PA_SIZE_BITS_44", "physical addresses");
    }
    if (config.number("ROOT_CNODE_SIZE_BITS") < 12) {
        add("ROOT_CNODE_SIZE_BITS", "12 or more", "the root server needs 4096 slots");
    }
    if (!problems.empty()) return fail(ErrorCode::KernelConfig, where, problems);
    return {};
}

// TCR_EL2 (Arm ARM D17.2.132): T0SZ 16, inner and outer write-back, inner shareable, 4 KiB granule,
// PS as configured, RES1 bits 23 and 31.
std::uint64_t tcr_el2(const Config& config) {
    const std::uint64_t physical_size = config.is_on("ARM_PA_SIZE_BITS_44") ? 4 : 2;
    return 0x8080'3510 | physical_size << 16;
}

}  // namespace kos::kernel
