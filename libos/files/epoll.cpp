// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/epoll.hpp"

#include <algorithm>

namespace kos::libos {

namespace {

namespace epoll_flag {
constexpr std::uint32_t one_shot = 1u << 30, edge_triggered = 1u << 31;
}

/// Reported whether asked for or not.
constexpr std::uint32_t always = abi::PollEntry::error | abi::PollEntry::hang_up;

}  // namespace

WatchSet* claim_watch_set(std::span<WatchSet> sets) {
    for (WatchSet& set : sets) {
        const Locked locked(set.lock);
        if (set.used) continue;
        set.used = true;
        set.watches = {};
        return &set;
    }
    return nullptr;
}

Watch* Epoll::find(int descriptor, const OpenFile* open) {
    for (Watch& watch : set_.watches) {
        if (watch.open == open && (open == nullptr || watch.descriptor == descriptor)) {
            return &watch;
        }
    }
    return nullptr;
}

Outcome<void> Epoll::add(int descriptor, const FileReference& file, const abi::EpollEvent& event) {
    if (!file->watchable()) return Err{Errno::Eperm};
    if (find(descriptor, &file.open()) != nullptr) return Err{Errno::Eexist};
    Watch* const watch = find(descriptor, nullptr);
    if (watch == nullptr) return Err{Errno::Enospc};
    *watch = {&file.open(), descriptor, event, 0, false};
    return {};
}

Outcome<void> Epoll::control(abi::EpollOperation operation, int descriptor,
                             const abi::EpollEvent& event) {
    const FileReference file = KOS_TRY(table_.get(descriptor));
    {
        const Locked locked(set_.lock);
        if (operation == abi::EpollOperation::Add) {
            KOS_TRY(add(descriptor, file, event));
        } else {
            Watch* const watch = find(descriptor, &file.open());
            if (watch == nullptr) return Err{Errno::Enoent};
            if (operation == abi::EpollOperation::Delete) {
                *watch = {};
            } else {
                *watch = {&file.open(), descriptor, event, 0, false};
            }
        }
    }
    activity_.announce();
    return {};
}

/// Whether the watch has something to say. One whose file is closed goes.
bool Epoll::report(Watch& watch, abi::EpollEvent& event) {
    const auto file = table_.get(watch.descriptor);
    if (!file || &file->open() != watch.open) {
        watch = {};
        return false;
    }
    const std::uint32_t changes = (*file)->changes();
    const std::uint32_t ready = (*file)->readiness(static_cast<std::uint16_t>(watch.event.events)) &
                                (watch.event.events | always);
    if (ready == 0) {
        watch.reported = false;
        return false;
    }
    if ((watch.event.events & epoll_flag::edge_triggered) != 0) {
        if (watch.reported && watch.reported_changes == changes) return false;
        watch.reported = true;
        watch.reported_changes = changes;
    }
    if ((watch.event.events & epoll_flag::one_shot) != 0) watch.event.events = 0;
    event = {ready, 0, watch.event.data};
    return true;
}

std::size_t Epoll::collect(std::span<abi::EpollEvent> events) {
    const Locked locked(set_.lock);
    std::size_t count = 0;
    for (Watch& watch : set_.watches) {
        if (count == events.size()) break;
        if (watch.open != nullptr && report(watch, events[count])) ++count;
    }
    return count;
}

std::size_t Epoll::wait(std::span<abi::EpollEvent> events, Deadline deadline) {
    for (Activity::Watch watch{activity_};;) {
        const std::size_t count = collect(events);
        if (count > 0 || !watch.wait(deadline)) return count;
    }
}

void Epoll::closed() {
    const Locked locked(set_.lock);
    set_.used = false;
}

void Epoll::describe(abi::Stat& stat) const {
    stat = {};
    stat.inode = 5;
    stat.mode = 0600;
    stat.links = 1;
    stat.block_size = 4096;
}

}  // namespace kos::libos
