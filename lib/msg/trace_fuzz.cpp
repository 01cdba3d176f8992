// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes at all in a Trace frame: what is read as an invocation can be written again.

#include "lib/msg/trace.hpp"

#include "lib/base/panic.hpp"

#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos;
    msg::TraceReader reader{std::as_bytes(std::span{data, size})};
    while (const auto event = reader.next()) {
        const auto* record = std::get_if<sel4::InvocationRecord>(&*event);
        if (record == nullptr) continue;
        std::vector<std::byte> again(msg::trace_bytes(*record));
        if (msg::write_trace(again, *record) > again.size()) panic("more bytes than announced");
    }
    return 0;
}
