// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the fuzzers of all devices do: a driver that goes by the input's bytes.
//
// Input: operations of one byte (modulo 8) and their operands:
//   0–2  chain: queue, parts; each part: size (2), flags (bit 0 writable), bytes if it is readable
//   3    notification: queue
//   4    an event on the other side; its operands are the fuzzer's own
//   5    scribble: place in guest memory (2), length, bytes
//   6    reset, and queues anew
//   7    configuration space: offset, value (a write), and a read of it all
#pragma once

#include "vmm/virtio/testing/fake_transport.hpp"

#include <algorithm>
#include <utility>

namespace kos::virtio {

class FuzzInput {
   public:
    FuzzInput(const std::uint8_t* data, std::size_t size)
        : rest_(std::as_bytes(std::span{data, size})) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    template <class T = std::uint8_t>
    T take() {
        const T value = read_at<T>(rest_, 0).value_or(T{});
        rest_ = rest_.subspan(std::min(sizeof(T), rest_.size()));
        return value;
    }
    Bytes bytes(std::size_t size) {
        const Bytes taken = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

   private:
    Bytes rest_;
};

/// \p event is called for operation 4.
template <class Event>
void fuzz_device(Device& device, Features features, FuzzInput input, Event event) {
    constexpr std::size_t memory = 256 * page_size;
    DeviceBed bed{device, features, memory, 16};
    const auto queue_of = [&](std::uint8_t number) {
        return number % static_cast<unsigned>(device.queue_count());
    };
    const GuestAddress mark = bed.guest().mark();
    const auto restart = [&] {
        device.reset();
        bed.guest().release(mark);
        bed.transport.failure.reset();
        bed.transport.unfinished.reset();
        bed.start(features);
    };
    for (int operations = 0; !input.empty() && operations < 300; ++operations) {
        // What an engine does with what a device had no time for.
        if (const auto queue = std::exchange(bed.transport.unfinished, {})) bed.notify(*queue);
        switch (input.take() % 8) {
            case 3:
                bed.notify(queue_of(input.take()));
                break;
            case 4:
                event(input);
                break;
            case 5: {
                const auto place = input.take<std::uint16_t>() % (memory - 256);
                bed.guest().write(FakeGuest::start + place, input.bytes(input.take()));
                break;
            }
            case 6:
                if (bed.guest().end() - bed.guest().mark() < memory / 4) return;
                restart();
                break;
            case 7: {
                const std::uint8_t offset = input.take();
                const auto value = input.take<std::uint32_t>();
                device.write_config(offset, bytes_of(value));
                std::array<std::byte, 256> all;
                device.read_config(0, all);
                break;
            }
            default: {
                const unsigned queue = queue_of(input.take());
                const int parts = input.take() % 4 + 1;
                FakeDriver& driver = bed.queue(queue);
                if (driver.free_descriptors() < 4) break;
                if (bed.guest().end() - bed.guest().mark() < memory / 4) return;
                auto chain = driver.chain();
                for (int part = 0; part < parts; ++part) {
                    const std::uint16_t size = input.take<std::uint16_t>() % 8192;
                    if ((input.take() & 1) != 0) {
                        chain.writable(size);
                    } else {
                        const Bytes bytes = input.bytes(std::min<std::uint16_t>(size, 256));
                        chain.readable(bytes);
                    }
                }
                chain.submit();
                break;
            }
        }
    }
}

}  // namespace kos::virtio
