// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reads the few properties of a flattened device tree that the root server needs.
// Source: Devicetree Specification v0.4, chapter 5. Every access is bounds-checked, nothing is
// copied. Left out: memory reservations, aliases, phandles, and buses with address translation:
// only children of the root have a physical address here.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::rootserver {

enum class DeviceTreeError : std::uint8_t {
    Truncated,  ///< shorter than its header or the size it states
    Magic,      ///< no device tree
    Version,    ///< a version that is not compatible with 17
    Blocks,     ///< the structure or strings block lies outside the tree
};

class DeviceTree {
   public:
    static Result<DeviceTree, DeviceTreeError> create(Bytes blob);

    /// A property of the root's child \p node ("chosen"; a unit address may follow its name).
    [[nodiscard]] std::optional<Bytes> property(std::string_view node, std::string_view name) const;

    /// Where the registers of the root's first child compatible with \p compatible start; \p range
    /// counts its ranges of registers.
    [[nodiscard]] std::optional<PhysicalAddress> registers_of(std::string_view compatible,
                                                              unsigned range = 0) const;
    /// Its first interrupt as a GIC numbers it: three cells, of which the first tells shared
    /// peripheral interrupts (0) from private ones (1) (Linux, bindings, arm,gic.yaml).
    [[nodiscard]] std::optional<unsigned> interrupt_of(std::string_view compatible) const;

   private:
    /// What counts of a child of the root.
    struct Child {
        bool matches = false;
        Bytes registers;
        Bytes interrupts;
    };
    [[nodiscard]] std::optional<Child> find(std::string_view compatible) const;
    /// A property of the root's that counts cells; \p otherwise where there is none.
    [[nodiscard]] std::uint64_t root_cells(std::string_view name, std::uint64_t otherwise) const;

    DeviceTree(Bytes structure, Bytes strings) : structure_(structure), strings_(strings) {}

    Bytes structure_;
    Bytes strings_;
};

/// The number in a property of one or two cells.
[[nodiscard]] std::optional<std::uint64_t> cells_as_number(Bytes property);

}  // namespace kos::rootserver
