// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Writes frames of the control channel (lib/msg/control.hpp) to a console. Keeps nothing but the
// sequence number; allocates nothing.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/msg/control.hpp"

#include <cstdint>
#include <string_view>

namespace kos::msg {

/// Where a writer's bytes go: a serial line, a debug console, a string in tests.
struct ConsoleSink {
    void (*put)(void* context, std::string_view bytes);
    void* context = nullptr;
};

class ControlWriter {
   public:
    explicit ControlWriter(ConsoleSink sink) : sink_(sink) {}

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
    void finished() { frame(FrameType::Finished, no_app, {}); }

   private:
    template <class Record>
    void record_frame(FrameType type, std::uint8_t app, const Record& record) {
        static_assert(sizeof(Record) <= max_payload);
        frame(type, app, bytes_of(record));
    }
    void frame(FrameType type, std::uint8_t app, Bytes payload);
    void put_hex(Bytes bytes);
    void put(std::string_view bytes) { sink_.put(sink_.context, bytes); }

    ConsoleSink sink_;
    std::uint32_t sequence_ = 0;
};

}  // namespace kos::msg
