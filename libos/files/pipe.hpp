// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Pipes within the app (pipe(7)), and event counters (eventfd(2)).
#pragma once

#include "libos/core/lock.hpp"
#include "libos/files/activity.hpp"
#include "libos/files/file.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace kos::libos {

/// The ring between the two ends of a pipe. Free for use again once both are closed.
struct Pipe {
    static constexpr std::size_t capacity = 65536;

    Lock lock;
    bool reader;
    bool writer;
    std::uint32_t changes;
    std::size_t start;
    std::size_t size;
    std::array<std::byte, capacity> ring;

    [[nodiscard]] std::uint32_t count_changes();
    /// Moves what there is, or what there is room for; how many bytes.
    std::size_t take(MutableBytes bytes);
    /// The same, and leaves it there.
    std::size_t peek(MutableBytes bytes) const;
    std::size_t put(Bytes bytes);
    /// Nobody will write any more.
    void end_output();
};

/// A pipe that nobody uses, marked as used by both ends; nullptr where all are in use.
[[nodiscard]] Pipe* claim_pipe(std::span<Pipe> pipes);

class PipeReader final : public File {
   public:
    PipeReader(Pipe& pipe, Activity& activity, unsigned flags)
        : File(flags | abi::open_flag::read_only), pipe_(pipe), activity_(activity) {}

    Outcome<Word> read(MutableBytes bytes) override;
    void describe(abi::Stat& stat) const override;
    [[nodiscard]] std::uint16_t readiness(std::uint16_t /*wanted*/) const override;
    [[nodiscard]] bool watchable() const override { return true; }
    [[nodiscard]] std::uint32_t changes() const override { return pipe_.count_changes(); }
    void closed() override;

   private:
    Pipe& pipe_;
    Activity& activity_;
};

class PipeWriter final : public File {
   public:
    PipeWriter(Pipe& pipe, Activity& activity, unsigned flags)
        : File(flags | abi::open_flag::write_only), pipe_(pipe), activity_(activity) {}

    /// EPIPE where nobody reads; the caller raises SIGPIPE.
    Outcome<Word> write(Bytes bytes) override;
    void describe(abi::Stat& stat) const override;
    [[nodiscard]] std::uint16_t readiness(std::uint16_t /*wanted*/) const override;
    [[nodiscard]] bool watchable() const override { return true; }
    [[nodiscard]] std::uint32_t changes() const override { return pipe_.count_changes(); }
    void closed() override;

   private:
    Pipe& pipe_;
    Activity& activity_;
};

class EventCounter final : public File {
   public:
    EventCounter(Word value, bool semaphore, Activity& activity, unsigned flags)
        : File(flags | abi::open_flag::read_write),
          activity_(activity),
          value_(value),
          semaphore_(semaphore) {}

    Outcome<Word> read(MutableBytes bytes) override;
    Outcome<Word> write(Bytes bytes) override;
    void describe(abi::Stat& stat) const override;
    [[nodiscard]] std::uint16_t readiness(std::uint16_t /*wanted*/) const override;
    [[nodiscard]] bool watchable() const override { return true; }
    [[nodiscard]] std::uint32_t changes() const override;

   private:
    static constexpr Word highest = ~Word{0} - 1;

    mutable Lock lock_;
    Activity& activity_;
    Word value_;
    bool semaphore_;
    std::uint32_t changes_ = 0;
};

}  // namespace kos::libos
