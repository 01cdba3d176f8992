// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the root server gives a server of a compose network: memory at the places of
// lib/message/layout.hpp, and news of its members.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/panic.hpp"
#include "lib/message/layout.hpp"
#include "lib/native/process_info.hpp"
#include "lib/sel4/syscall.hpp"

#include <cstdint>
#include <optional>

namespace kos::serving {

/// Memory of the calling program.
[[nodiscard]] inline MutableBytes memory_at(VirtualAddress address, std::uint64_t size) {
    return {sel4::vspace_pointer(address.value()), size};
}

/// Panics where it is not of this version.
[[nodiscard]] const native::ProcessInfo& process_info();

/// The plan of a server, whose first bytes are a \p Head; panics with \p malformed where it is not
/// sound.
template <class Plan, class Head>
[[nodiscard]] Plan own_plan(const char* malformed) {
    const auto head = *read_at<Head>(memory_at(message::plan_address, sizeof(Head)), 0);
    const auto plan = Plan::create(memory_at(message::plan_address, head.size));
    if (!plan) panic(malformed);
    return *plan;
}

/// Of an app that has started or ended.
struct News {
    std::uint32_t app;             ///< its number in the system image
    std::uint32_t earlier_starts;  ///< how often it was started before
    bool runs;
};

/// What the root server has not told yet; nothing where it has told all.
[[nodiscard]] std::optional<News> next_news();

}  // namespace kos::serving
