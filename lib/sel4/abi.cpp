// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/sel4/abi.hpp"

#include "lib/sel4/fault.hpp"

#include <algorithm>

namespace kos::sel4 {

namespace {

constexpr KernelAbi make_default() {
    KernelAbi record;
#define KOS_LABEL(name, api, label) \
    record.invocation_labels[static_cast<std::size_t>(Invocation::name)] = label;
    KOS_INVOCATIONS(KOS_LABEL)
#undef KOS_LABEL
#define KOS_OBJECT(name, number, size_bits)                                     \
    record.object_numbers[static_cast<std::size_t>(ObjectType::name)] = number; \
    record.object_size_bits[static_cast<std::size_t>(ObjectType::name)] = size_bits;
    KOS_OBJECT_TYPES(KOS_OBJECT)
#undef KOS_OBJECT
    return record;
}

constexpr KernelAbi default_record = make_default();
constinit KernelAbi record_in_force = default_record;

constexpr std::array<std::string_view, invocation_count> invocation_names{
#define KOS_NAME(name, api, label) api,
    KOS_INVOCATIONS(KOS_NAME)
#undef KOS_NAME
};

constexpr std::array<std::string_view, error_count> error_names{
    "no error",     "invalid argument", "invalid capability", "illegal operation",
    "range error",  "alignment error",  "failed lookup",      "truncated message",
    "delete first", "revoke first",     "not enough memory",
};

}  // namespace

const KernelAbi& default_abi() { return default_record; }

std::optional<KernelAbi> parse_abi(Bytes bytes) {
    const auto record = read_at<KernelAbi>(bytes, 0);
    if (!record || record->magic != KernelAbi::expected_magic ||
        record->version != KernelAbi::expected_version) {
        return std::nullopt;
    }
    const auto& sizes = record->object_size_bits;
    const bool sensible = std::all_of(sizes.begin(), sizes.end(), [](std::uint8_t bits) {
        return bits <= KernelAbi::max_size_bits;
    });
    if (!sensible) return std::nullopt;
    return record;
}

const KernelAbi& abi() { return record_in_force; }
void set_abi(const KernelAbi& record) { record_in_force = record; }

std::string_view name_of(Invocation invocation) {
    return invocation_names[static_cast<std::size_t>(invocation)];
}

std::string_view name_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::None:
            return "no fault";
        case FaultKind::CapFault:
            return "capability fault";
        case FaultKind::UnknownSyscall:
            return "unknown system call";
        case FaultKind::UserException:
            return "user exception";
        case FaultKind::Timeout:
            return "timeout";
        case FaultKind::VmFault:
            return "VM fault";
        case FaultKind::VgicMaintenance:
            return "VGIC maintenance";
        case FaultKind::VcpuFault:
            return "VCPU fault";
        case FaultKind::VppiEvent:
            return "VPPI event";
    }
    return "fault";
}

std::string_view name_of(Error error) {
    const auto index = static_cast<std::size_t>(error);
    return index < error_names.size() ? error_names[index] : "unknown error";
}

}  // namespace kos::sel4
