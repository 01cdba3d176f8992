// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as a payload: what is understood as a request encodes to the bytes that it came from.

#include "lib/message/wire.hpp"

#include "lib/base/panic.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace kos::message;

PayloadWriter encode(const Request& request) {
    PayloadWriter writer{request.opcode, request.id};
    switch (request.opcode) {
        case Opcode::Hello:
        case Opcode::Query:
            writer.number(request.number);
            break;
        case Opcode::Publish:
        case Opcode::Unpublish:
        case Opcode::Request:
            writer.bytes(kos::as_bytes(request.protocol));
            break;
        default:
            writer.token(request.token).bytes(request.message);
    }
    return writer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const kos::Bytes bytes = std::as_bytes(std::span{data, size});
    const auto request = decode_request(bytes);
    if (!request) return 0;
    const PayloadWriter writer = encode(*request);
    if (kos::as_text(writer.payload()) != kos::as_text(bytes)) {
        kos::panic("a request encodes to other bytes");
    }
    return 0;
}
