// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/sockets.hpp"

namespace kos::message {

Result<SocketRequest, Refusal> decode_socket_request(Bytes payload) {
    const auto head = read_at<Head>(payload, 0);
    if (!head) return Err{Refusal{std::nullopt, Status::Malformed}};
    SocketRequest request;
    request.opcode = static_cast<Opcode>(std::uint16_t{head->opcode});
    request.id = head->id;
    if (!is_socket_request(request.opcode)) return Err{Refusal{head, Status::UnknownOpcode}};
    const Bytes body = payload.subspan(sizeof(Head));
    const auto take = [body](auto& field) {
        const auto value = read_at<std::remove_reference_t<decltype(field)>>(body, 0);
        if (!value || body.size() != sizeof field) return false;
        field = *value;
        return true;
    };
    const bool is_exact = request.opcode == Opcode::Connect  ? take(request.connect)
                          : request.opcode == Opcode::Listen ? take(request.listen)
                                                             : take(request.ticket);
    if (head->status != 0 || !is_exact) return Err{Refusal{head, Status::Malformed}};
    return request;
}

}  // namespace kos::message
