// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes at all as guest memory with a queue in it: what is popped lies in memory, and the queue
// comes to an end.
//
// Input: 1 byte of options, 2 of the available index, then the memory; rings of 8 at fixed places.

#include "vmm/virtio/queue/queue.hpp"

#include "vmm/virtio/testing/fake_driver.hpp"

#include <algorithm>

namespace {

using namespace kos;
using namespace kos::virtio;

/// Touches the ends of each part: the sanitizer sees those that are not ours.
std::uint64_t sum_of(ReadableBuffers buffers) {
    std::uint64_t sum = 0;
    buffers.each(buffers.size(), [&sum](Bytes part) {
        sum += static_cast<std::uint64_t>(part.front()) + static_cast<std::uint64_t>(part.back());
    });
    return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input = std::as_bytes(std::span{data, size});
    const auto options = read_at<std::uint8_t>(input, 0);
    const auto index = read_at<std::uint16_t>(input, 1);
    if (!options || !index) return 0;
    FakeGuest guest{8 * page_size};
    FakeDriver driver{guest, 8, (*options & 1) != 0};
    const Bytes memory = input.subspan(3);
    guest.write(FakeGuest::start,
                memory.first(std::min<std::size_t>(memory.size(), 8 * page_size)));

    QueueConfig config = driver.config();
    config.indirect = (*options & 2) != 0;
    Queue queue;
    if (!queue.start(config, 8, guest.memory())) panic("the rings are where they should be");
    driver.set_available_index(*index);
    Chain chain;
    std::size_t popped = 0;
    for (;;) {
        const auto more = queue.pop(chain);
        if (!more || !more.value()) break;
        // The device may write over the rings themselves: at most all that was available.
        if (++popped > 65536) panic("the queue has no end");
        const std::uint64_t sum = sum_of(chain.readable());
        WritableBuffers answer = chain.writable();
        queue.push(chain, answer.write(bytes_of(sum)));
        (void)queue.wants_interrupt();
        if ((*options & 4) != 0) break;
    }
    (void)queue.enable_notifications();
    return 0;
}
