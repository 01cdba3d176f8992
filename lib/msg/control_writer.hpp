// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Writes frames of the control channel (lib/msg/control.hpp) to a console. Keeps nothing but the
// sequence number; allocates nothing.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/msg/control.hpp"
#include "lib/msg/timings.hpp"

#include <cstdint>
#include <string_view>

namespace kos::msg {

/// Where a writer's bytes go: a serial line, a debug console, a string in tests.
struct ConsoleSink {
    void (*put)(void* context, std::string_view bytes);
    void* context = nullptr;
};

/// One frame; at most max_payload bytes.
void put_frame(const ConsoleSink& sink, FrameType type, std::uint8_t app, std::uint32_t sequence,
               Bytes payload);

class ControlWriter {
   public:
    explicit ControlWriter(ConsoleSink sink) : sink_(sink) {}

    /// Plain text, outside of frames: the echo of what a person types.
    void plain(std::string_view text) { sink_.put(sink_.context, text); }

    /// Bytes or text of a visible type; longer ones than max_payload become several frames.
    void write(FrameType type, std::uint8_t app, Bytes payload);
    void log(std::uint8_t app, std::string_view line) {
        write(FrameType::Log, app, as_bytes(line));
    }

    void inventory(const InventoryRecord& record) {
        record_frame(FrameType::Inventory, no_app, record);
    }
    void started(std::uint8_t app, const UsageRecord& record) {
        record_frame(FrameType::Started, app, record);
    }
    void exited(std::uint8_t app, const ExitRecord& record) {
        record_frame(FrameType::Exited, app, record);
    }
    void usage(std::uint8_t app, const UsageRecord& record) {
        record_frame(FrameType::Usage, app, record);
    }
    void timings(std::uint8_t app, const TimingsRecord& record) {
        record_frame(FrameType::Timings, app, record);
    }
    void memory(const InventoryRecord& record) { record_frame(FrameType::Memory, no_app, record); }
    void status(std::uint8_t app, const StatusRecord& record, std::string_view name);
    void acknowledged(std::uint32_t sequence, CommandResult result);
    void cancelled(std::uint8_t app) { frame(FrameType::Cancelled, app, {}); }
    void finished() { frame(FrameType::Finished, no_app, {}); }

   private:
    template <class Record>
    void record_frame(FrameType type, std::uint8_t app, const Record& record) {
        static_assert(sizeof(Record) <= max_payload);
        frame(type, app, bytes_of(record));
    }
    void frame(FrameType type, std::uint8_t app, Bytes payload) {
        put_frame(sink_, type, app, sequence_++, payload);
    }

    ConsoleSink sink_;
    std::uint32_t sequence_ = 0;
};

}  // namespace kos::msg
