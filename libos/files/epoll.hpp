// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// epoll(7): a set of descriptors and what is wanted of each. Left out: EPOLLONESHOT's companions
// EPOLLEXCLUSIVE and EPOLLWAKEUP, and sets within sets.
#pragma once

#include "libos/core/lock.hpp"
#include "libos/files/activity.hpp"
#include "libos/files/file.hpp"
#include "libos/files/file_table.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace kos::libos {

struct Watch {
    const OpenFile* open;  ///< nullptr: unused. Compared only, never followed
    int descriptor;
    abi::EpollEvent event;
    std::uint32_t reported_changes;  ///< of the file, when it was last reported
    bool reported;
};

/// What an epoll descriptor holds. Free for use again once it is closed.
struct WatchSet {
    static constexpr std::size_t capacity = 128;

    Lock lock;
    bool used;
    std::array<Watch, capacity> watches;
};

/// A set that nobody uses, emptied; nullptr where all are in use.
[[nodiscard]] WatchSet* claim_watch_set(std::span<WatchSet> sets);

class Epoll final : public File {
   public:
    Epoll(WatchSet& set, FileTable& table, Activity& activity)
        : File(abi::open_flag::read_write), set_(set), table_(table), activity_(activity) {}

    /// EPERM: the file cannot be watched; EEXIST, ENOENT, ENOSPC as in epoll_ctl(2).
    Outcome<void> control(abi::EpollOperation operation, int descriptor,
                          const abi::EpollEvent& event);
    /// What is ready, or becomes ready before `deadline`; how many events.
    std::size_t wait(std::span<abi::EpollEvent> events, Deadline deadline);

    void describe(abi::Stat& stat) const override;
    [[nodiscard]] std::uint16_t readiness(std::uint16_t /*wanted*/) const override { return 0; }
    [[nodiscard]] Epoll* as_epoll() override { return this; }
    void closed() override;

   private:
    [[nodiscard]] Watch* find(int descriptor, const OpenFile* open);
    Outcome<void> add(int descriptor, const FileReference& file, const abi::EpollEvent& event);
    std::size_t collect(std::span<abi::EpollEvent> events);
    bool report(Watch& watch, abi::EpollEvent& event);

    WatchSet& set_;
    FileTable& table_;
    Activity& activity_;
};

}  // namespace kos::libos
