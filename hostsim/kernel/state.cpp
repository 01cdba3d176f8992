// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

AbiTables::AbiTables(const sel4::KernelAbi& abi)
    : thread_bits_(abi.size_bits(sel4::ObjectType::Tcb)) {
    for (unsigned i = 0; i < sel4::invocation_count; ++i) {
        const auto invocation = static_cast<sel4::Invocation>(i);
        const Word label = abi.label(invocation);
        if (label != 0 && label < by_label_.size()) by_label_[label] = invocation;
    }
    for (unsigned i = 0; i < sel4::object_type_count; ++i) {
        const auto type = static_cast<sel4::ObjectType>(i);
        const Word number = abi.number(type);
        if (number < by_number_.size()) by_number_[number] = type;
    }
}

std::optional<sel4::Invocation> AbiTables::invocation(Word label) const {
    return label < by_label_.size() ? by_label_[label] : std::nullopt;
}

std::optional<sel4::ObjectType> AbiTables::object_type(Word number) const {
    return number < by_number_.size() ? by_number_[number] : std::nullopt;
}

}  // namespace kos::sim
