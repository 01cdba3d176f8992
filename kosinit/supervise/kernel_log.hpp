// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the guest's kernel says of damaged disks: to a container that is a mere EIO
// (/dev/kmsg: Linux, Documentation/ABI/testing/dev-kmsg).
#pragma once

#include "kosinit/supervise/journal.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/linux/unique_fd.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace kos::init {

/// What a record of the kernel's log says of a damaged filesystem or disk, if that is its matter.
[[nodiscard]] std::optional<std::string_view> damage_in(std::string_view record);

class KernelLog {
   public:
    explicit KernelLog(Journal& journal) : journal_(journal) {}

    /// Each damage is told once, and the first few alone: a disk that is damaged is so in many
    /// places.
    [[nodiscard]] Outcome<void> watch(sys::EventLoop& loop);

   private:
    void read();

    static constexpr std::size_t most_told = 4;
    Journal& journal_;
    sys::UniqueFd file_;
    std::set<std::string> told_;
};

}  // namespace kos::init
