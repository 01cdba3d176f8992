// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Writes flattened device trees for tests: Devicetree Specification v0.4, chapter 5.
#pragma once

#include "lib/base/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kos::rootserver::testing {

class DeviceTreeBuilder {
   public:
    DeviceTreeBuilder& begin(std::string_view name) {
        cell(1);
        text(structure_, name);
        pad();
        return *this;
    }
    DeviceTreeBuilder& end() {
        cell(2);
        return *this;
    }
    DeviceTreeBuilder& nop() {
        cell(4);
        return *this;
    }
    DeviceTreeBuilder& property(std::string_view name, std::string_view bytes) {
        cell(3);
        cell(static_cast<std::uint32_t>(bytes.size()));
        cell(static_cast<std::uint32_t>(strings_.size()));
        text(strings_, name);
        structure_ += bytes;
        pad();
        return *this;
    }
    DeviceTreeBuilder& cells(std::string_view name, const std::vector<std::uint32_t>& values) {
        std::string bytes;
        for (const std::uint32_t value : values) append_cell(bytes, value);
        return property(name, bytes);
    }

    /// The whole tree.
    [[nodiscard]] std::string build() const {
        const std::string structure = structure_ + std::string("\0\0\0\x09", 4);
        const auto size = static_cast<std::uint32_t>(structure.size());
        const auto strings_size = static_cast<std::uint32_t>(strings_.size());
        std::string tree;
        for (const std::uint32_t value : {0xd00dfeedu, 40 + size + strings_size, 40u, 40 + size,
                                          40u, 17u, 16u, 0u, strings_size, size}) {
            append_cell(tree, value);
        }
        return tree + structure + strings_;
    }

   private:
    static void append_cell(std::string& to, std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift);
    }
    static void text(std::string& to, std::string_view value) {
        to += value;
        to += '\0';
    }
    void cell(std::uint32_t value) { append_cell(structure_, value); }
    void pad() { structure_.resize((structure_.size() + 3) / 4 * 4, '\0'); }

    std::string structure_;
    std::string strings_;
};

}  // namespace kos::rootserver::testing
