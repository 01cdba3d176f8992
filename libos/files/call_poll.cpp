// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Waiting for files: epoll(7), poll(2), select(2).
#include "libos/core/process.hpp"
#include "libos/dispatch/calls.hpp"

#include <algorithm>
#include <array>

namespace kos::libos::calls {

namespace {

/// Most events that one epoll_pwait gives; more come with the next.
constexpr std::size_t event_batch = 64;

Outcome<Deadline> deadline_of(UserPointer<abi::TimeSpec> timeout) {
    if (timeout.is_null()) return Deadline{};
    const auto duration = KOS_TRY(to_nanoseconds(KOS_TRY(timeout.read())));
    return Deadline{process().clock.deadline_in(duration)};
}

Deadline deadline_in_milliseconds(int milliseconds) {
    if (milliseconds < 0) return {};
    return process().clock.deadline_in(static_cast<std::uint64_t>(milliseconds) * 1'000'000);
}

/// Looks with `look`, which gives how much is ready, until there is something or time is up.
template <class Look>
Answer wait_until_ready(Deadline deadline, Look look) {
    for (Activity::Watch watch{process().activity};;) {
        const Word ready = KOS_TRY(look());
        if (ready > 0 || !watch.wait(deadline)) return ready;
    }
}

std::uint16_t readiness_of(int descriptor, std::uint16_t requested) {
    constexpr std::uint16_t always = abi::PollEntry::error | abi::PollEntry::hang_up;
    const auto file = process().descriptors.get(descriptor);
    if (!file) return abi::PollEntry::invalid;
    return static_cast<std::uint16_t>((*file)->readiness(requested) & (requested | always));
}

Outcome<Word> poll_once(UserPointer<abi::PollEntry> entries, unsigned count) {
    Word ready = 0;
    for (unsigned i = 0; i < count; ++i) {
        abi::PollEntry entry = KOS_TRY(entries.at(i).read());
        entry.returned = entry.descriptor < 0 ? std::uint16_t{0}
                                              : readiness_of(entry.descriptor, entry.requested);
        if (entry.returned != 0) ++ready;
        KOS_TRY(entries.at(i).write(entry));
    }
    return ready;
}

/// A descriptor set of select(2), copied in; none is like an empty one.
class DescriptorSet {
   public:
    static Outcome<DescriptorSet> read(UserPointer<std::uint64_t> source, int count) {
        DescriptorSet set;
        if (source.is_null()) return set;
        for (std::size_t i = 0; i < words_for(count); ++i) {
            set.words_[i] = KOS_TRY(source.at(i).read());
        }
        return set;
    }
    Outcome<void> write(UserPointer<std::uint64_t> target, int count) const {
        if (target.is_null()) return {};
        for (std::size_t i = 0; i < words_for(count); ++i) KOS_TRY(target.at(i).write(words_[i]));
        return {};
    }
    [[nodiscard]] bool has(int descriptor) const {
        const auto bit = static_cast<std::size_t>(descriptor);
        return (words_[bit / 64] >> bit % 64 & 1) != 0;
    }
    void add(int descriptor) {
        const auto bit = static_cast<std::size_t>(descriptor);
        words_[bit / 64] |= std::uint64_t{1} << bit % 64;
    }

   private:
    static std::size_t words_for(int count) { return (static_cast<std::size_t>(count) + 63) / 64; }
    std::array<std::uint64_t, FileTable::capacity / 64> words_{};
};

struct SelectSets {
    DescriptorSet readable, writable;
};

Outcome<Word> select_once(int count, const SelectSets& wanted, SelectSets& found) {
    found = {};
    Word ready = 0;
    for (int i = 0; i < count; ++i) {
        const bool reads = wanted.readable.has(i), writes = wanted.writable.has(i);
        if (!reads && !writes) continue;
        const std::uint16_t events = readiness_of(i, abi::PollEntry::in | abi::PollEntry::out);
        if (events == abi::PollEntry::invalid) return Err{Errno::Ebadf};
        if (reads && (events & (abi::PollEntry::in | abi::PollEntry::hang_up)) != 0) {
            found.readable.add(i);
            ++ready;
        }
        if (writes && (events & (abi::PollEntry::out | abi::PollEntry::error)) != 0) {
            found.writable.add(i);
            ++ready;
        }
    }
    return ready;
}

}  // namespace

Answer epoll_create1(unsigned flags) {
    if ((flags & ~abi::open_flag::close_on_exec) != 0) return Err{Errno::Einval};
    Process& self = process();
    WatchSet* const set = claim_watch_set(self.watch_sets);
    if (set == nullptr) return Err{Errno::Enfile};
    const FileReference file =
        KOS_TRY(self.descriptors.make<Epoll>(*set, self.descriptors, self.activity));
    return self.descriptors.install(file, flags != 0);
}

Answer epoll_ctl(Descriptor epoll, int operation, Descriptor file,
                 UserPointer<abi::EpollEvent> event) {
    const FileReference open = KOS_TRY(process().descriptors.get(epoll));
    Epoll* const set = open->as_epoll();
    if (set == nullptr || epoll == file || operation < 1 || operation > 3) {
        return Err{Errno::Einval};
    }
    const auto what = static_cast<abi::EpollOperation>(operation);
    abi::EpollEvent wanted{};
    if (what != abi::EpollOperation::Delete) wanted = KOS_TRY(event.read());
    KOS_TRY(set->control(what, file, wanted));
    return Word{0};
}

Answer epoll_pwait(Descriptor epoll, UserPointer<abi::EpollEvent> events, int count,
                   int milliseconds) {
    const FileReference open = KOS_TRY(process().descriptors.get(epoll));
    Epoll* const set = open->as_epoll();
    if (set == nullptr || count <= 0) return Err{Errno::Einval};
    std::array<abi::EpollEvent, event_batch> found;
    const std::size_t limit = std::min(found.size(), static_cast<std::size_t>(count));
    const std::size_t ready =
        set->wait(std::span{found}.first(limit), deadline_in_milliseconds(milliseconds));
    for (std::size_t i = 0; i < ready; ++i) KOS_TRY(events.at(i).write(found[i]));
    return Word{ready};
}

Answer ppoll(UserPointer<abi::PollEntry> entries, unsigned count,
             UserPointer<abi::TimeSpec> timeout) {
    if (count > FileTable::capacity) return Err{Errno::Einval};
    const Deadline deadline = KOS_TRY(deadline_of(timeout));
    return wait_until_ready(deadline, [&] { return poll_once(entries, count); });
}

Answer pselect6(int count, UserPointer<std::uint64_t> readable, UserPointer<std::uint64_t> writable,
                UserPointer<std::uint64_t> exceptional, UserPointer<abi::TimeSpec> timeout) {
    if (count < 0 || static_cast<std::size_t>(count) > FileTable::capacity) {
        return Err{Errno::Einval};
    }
    const Deadline deadline = KOS_TRY(deadline_of(timeout));
    const SelectSets wanted{KOS_TRY(DescriptorSet::read(readable, count)),
                            KOS_TRY(DescriptorSet::read(writable, count))};
    SelectSets found;
    const Word ready =
        KOS_TRY(wait_until_ready(deadline, [&] { return select_once(count, wanted, found); }));
    KOS_TRY(found.readable.write(readable, count));
    KOS_TRY(found.writable.write(writable, count));
    KOS_TRY(DescriptorSet{}.write(exceptional, count));
    return ready;
}

}  // namespace kos::libos::calls
