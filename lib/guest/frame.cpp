// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/guest/frame.hpp"

namespace kos::guest {

Result<std::optional<TakenFrame>, FrameError> take_frame(Bytes bytes) {
    const auto head = read_at<FrameHead>(bytes, 0);
    if (!head) return std::optional<TakenFrame>{};
    if (head->length > longest_payload) return Err{FrameError::TooLong};
    if (head->reserved != 0) return Err{FrameError::Reserved};
    const auto payload = slice(bytes, sizeof(FrameHead), head->length);
    if (!payload) return std::optional<TakenFrame>{};
    return std::optional{TakenFrame{{static_cast<FrameType>(std::uint16_t{head->type}), *payload},
                                    sizeof(FrameHead) + payload->size()}};
}

}  // namespace kos::guest
