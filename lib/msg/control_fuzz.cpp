// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes at all on a console: the reader gives each of them out once, as text or in a frame.

#include "lib/base/panic.hpp"
#include "lib/msg/control_reader.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kos::Bytes input = std::as_bytes(std::span{data, size});
    kos::msg::ControlReader reader;
    std::size_t text = 0;
    bool framed = false;
    while (!input.empty()) {
        input = input.subspan(reader.feed(input));
        for (auto event = reader.next(); !event.empty(); event = reader.next()) {
            text += event.text.size();
            framed = framed || event.frame.has_value();
        }
    }
    if (!framed && text + reader.rest().size() != size) kos::panic("bytes were lost");
    return 0;
}
