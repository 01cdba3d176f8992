// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// CNodes: arrays of slots.
#pragma once

#include "hostsim/kernel/capability.hpp"
#include "hostsim/kernel/object.hpp"
#include "lib/base/panic.hpp"

#include <cstdlib>
#include <memory>
#include <span>

namespace kos::sim {

struct CNode final : Object {
    explicit CNode(unsigned radix_bits)
        : Object(ObjectKind::CNode), radix(radix_bits), slots_(allocate(radix_bits)) {}

    unsigned radix;  ///< log2 of the number of slots

    [[nodiscard]] std::span<Slot> slots() const { return {slots_.get(), std::size_t{1} << radix}; }

   private:
    struct Free {
        void operator()(Slot* slots) const { std::free(slots); }
    };
    // Zeroed pages of a large CNode come from the host when they are touched.
    static std::unique_ptr<Slot[], Free> allocate(unsigned radix_bits) {
        void* slots = std::calloc(std::size_t{1} << radix_bits, sizeof(Slot));
        if (slots == nullptr) panic("the host has no memory for a CNode");
        return std::unique_ptr<Slot[], Free>{static_cast<Slot*>(slots)};
    }

    std::unique_ptr<Slot[], Free> slots_;
};

}  // namespace kos::sim
