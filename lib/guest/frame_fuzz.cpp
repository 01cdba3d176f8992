// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as a stream of frames: what is understood encodes to the bytes that it came from.

#include "lib/base/panic.hpp"
#include "lib/guest/encode.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace kos::guest;

template <class T>
void check(const TakenFrame& taken, kos::Bytes bytes) {
    if (taken.frame.type != T::type) return;
    const auto message = decode<T>(taken.frame.payload);
    if (!message) return;
    if (encode(*message) != kos::as_text(bytes.first(taken.size))) {
        kos::panic("a message encodes to other bytes");
    }
}

template <class... T>
void check_all(const TakenFrame& taken, kos::Bytes bytes) {
    (check<T>(taken, bytes), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kos::Bytes bytes = std::as_bytes(std::span{data, size});
    for (;;) {
        const auto taken = take_frame(bytes);
        if (!taken || !*taken) return 0;
        check_all<Hello, QueryStatus, Attach, Exec, Signal, QueryUsage, SetTime, Shutdown, Input,
                  InputEnd, Resize, SignalProcess, Done, Failed, GuestStatus, ContainerStatus, Log,
                  Lost, Usage, Started, Output, Exited, GuestEnd>(**taken, bytes);
        bytes = bytes.subspan((*taken)->size);
    }
}
