// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The capability manifest of an app (K4): what it will be given, as the system image says, or what
// it was given, as the root server counted it. One shape for both, so that they can be compared
// field by field.
#pragma once

#include "lib/manifest/view.hpp"
#include "lib/msg/control.hpp"
#include "lib/sel4/abi.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace kos::report {

struct CapabilityManifest {
    std::uint64_t untyped_bytes;  ///< of the untypeds reserved for the app
    std::uint64_t object_bytes;   ///< of the objects made from them, their CNode included
    std::uint64_t slots;          ///< filled in its object CNode
    std::uint64_t guest_memory;   ///< bytes of a microVM's guest: a reservation of its own
    manifest::ObjectCounts objects;
    std::vector<std::string> command;
    std::string binary;
};

/// What the image says, with the object sizes of a kernel.
[[nodiscard]] CapabilityManifest predicted(const manifest::ImageView& image, std::uint32_t app,
                                           const sel4::KernelAbi& abi);

/// What the root server counted; command and binary are the image's.
[[nodiscard]] CapabilityManifest used(const manifest::ImageView& image, std::uint32_t app,
                                      const msg::UsageRecord& record);

/// As a table for people.
[[nodiscard]] std::string to_text(const CapabilityManifest& manifest);
/// As an object, the keys in the table's order.
[[nodiscard]] nlohmann::ordered_json to_json(const CapabilityManifest& manifest);

}  // namespace kos::report
