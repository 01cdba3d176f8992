// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/pipe.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos {

namespace {

void describe_unnamed(abi::Stat& stat, std::uint32_t mode) {
    stat = {};
    stat.inode = 4;
    stat.mode = mode;
    stat.links = 1;
    stat.block_size = 4096;
}

}  // namespace

std::uint32_t Pipe::count_changes() {
    const Locked locked(lock);
    return changes;
}

std::size_t Pipe::peek(MutableBytes bytes) const {
    const std::size_t count = std::min(bytes.size(), size);
    const std::size_t front = std::min(count, capacity - start);
    std::memcpy(bytes.data(), ring.data() + start, front);
    std::memcpy(bytes.data() + front, ring.data(), count - front);
    return count;
}

std::size_t Pipe::take(MutableBytes bytes) {
    const std::size_t count = peek(bytes);
    start = (start + count) % capacity;
    size -= count;
    return count;
}

std::size_t Pipe::put(Bytes bytes) {
    const std::size_t count = std::min(bytes.size(), capacity - size);
    const std::size_t end = (start + size) % capacity;
    const std::size_t front = std::min(count, capacity - end);
    std::memcpy(ring.data() + end, bytes.data(), front);
    std::memcpy(ring.data(), bytes.data() + front, count - front);
    size += count;
    return count;
}

void Pipe::end_output() {
    const Locked locked(lock);
    writer = false;
    ++changes;
}

Pipe* claim_pipe(std::span<Pipe> pipes) {
    for (Pipe& pipe : pipes) {
        const Locked locked(pipe.lock);
        if (pipe.reader || pipe.writer) continue;
        pipe.reader = pipe.writer = true;
        pipe.changes = 0;
        pipe.start = pipe.size = 0;
        return &pipe;
    }
    return nullptr;
}

Outcome<Word> PipeReader::read(MutableBytes bytes) {
    if (bytes.empty()) return Word{0};
    for (Activity::Watch watch{activity_};;) {
        {
            const Locked locked(pipe_.lock);
            if (const std::size_t taken = pipe_.take(bytes); taken > 0) {
                ++pipe_.changes;
                bytes = bytes.first(taken);
                break;
            }
            if (!pipe_.writer) return Word{0};
        }
        if (!blocking()) return Err{Errno::Eagain};
        watch.wait();
    }
    activity_.announce();
    return Word{bytes.size()};
}

std::uint16_t PipeReader::readiness(std::uint16_t /*wanted*/) const {
    const Locked locked(pipe_.lock);
    std::uint16_t ready = 0;
    if (pipe_.size > 0) ready |= abi::PollEntry::in;
    if (!pipe_.writer) ready |= abi::PollEntry::hang_up;
    return ready;
}

void PipeReader::closed() {
    {
        const Locked locked(pipe_.lock);
        pipe_.reader = false;
        ++pipe_.changes;
    }
    activity_.announce();
}

void PipeReader::describe(abi::Stat& stat) const { describe_unnamed(stat, abi::mode::fifo | 0600); }

Outcome<Word> PipeWriter::write(Bytes bytes) {
    // Up to this many bytes are written as one (PIPE_BUF): never a part of them.
    constexpr std::size_t atomic_limit = 4096;
    Word written = 0;
    Activity::Watch watch{activity_};
    while (written < bytes.size()) {
        std::size_t put = 0;
        {
            const Locked locked(pipe_.lock);
            if (!pipe_.reader) {
                if (written > 0) return written;
                return Err{Errno::Epipe};
            }
            const bool fits = bytes.size() <= Pipe::capacity - pipe_.size;
            if (fits || bytes.size() > atomic_limit) put = pipe_.put(bytes.subspan(written));
            if (put > 0) ++pipe_.changes;
        }
        written += put;
        if (put > 0) {
            activity_.announce();
        } else if (blocking()) {
            watch.wait();
        } else if (written > 0) {
            return written;
        } else {
            return Err{Errno::Eagain};
        }
    }
    return written;
}

std::uint16_t PipeWriter::readiness(std::uint16_t /*wanted*/) const {
    const Locked locked(pipe_.lock);
    std::uint16_t ready = 0;
    if (Pipe::capacity - pipe_.size >= 4096) ready |= abi::PollEntry::out;
    if (!pipe_.reader) ready |= abi::PollEntry::error;
    return ready;
}

void PipeWriter::closed() {
    pipe_.end_output();
    activity_.announce();
}

void PipeWriter::describe(abi::Stat& stat) const { describe_unnamed(stat, abi::mode::fifo | 0600); }

Outcome<Word> EventCounter::read(MutableBytes bytes) {
    if (bytes.size() < sizeof(Word)) return Err{Errno::Einval};
    for (Activity::Watch watch{activity_};;) {
        {
            const Locked locked(lock_);
            if (value_ > 0) {
                const Word taken = semaphore_ ? 1 : value_;
                value_ -= taken;
                ++changes_;
                std::memcpy(bytes.data(), &taken, sizeof taken);
                break;
            }
        }
        if (!blocking()) return Err{Errno::Eagain};
        watch.wait();
    }
    activity_.announce();
    return Word{sizeof(Word)};
}

Outcome<Word> EventCounter::write(Bytes bytes) {
    const auto added = kos::read_at<Word>(bytes, 0);
    if (!added || *added > highest) return Err{Errno::Einval};
    for (Activity::Watch watch{activity_};;) {
        {
            const Locked locked(lock_);
            if (*added <= highest - value_) {
                value_ += *added;
                ++changes_;
                break;
            }
        }
        if (!blocking()) return Err{Errno::Eagain};
        watch.wait();
    }
    activity_.announce();
    return Word{sizeof(Word)};
}

std::uint16_t EventCounter::readiness(std::uint16_t /*wanted*/) const {
    const Locked locked(lock_);
    std::uint16_t ready = 0;
    if (value_ > 0) ready |= abi::PollEntry::in;
    if (value_ < highest) ready |= abi::PollEntry::out;
    return ready;
}

std::uint32_t EventCounter::changes() const {
    const Locked locked(lock_);
    return changes_;
}

void EventCounter::describe(abi::Stat& stat) const { describe_unnamed(stat, 0600); }

}  // namespace kos::libos
