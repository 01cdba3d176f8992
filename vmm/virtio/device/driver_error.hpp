// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a driver did wrong: with the rings, or with what it wrote into a request.
#pragma once

#include "vmm/virtio/queue/error.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::virtio {

enum class RequestError : std::uint8_t {
    Header,     ///< too few bytes for the request's header
    Answer,     ///< no room for the answer
    Direction,  ///< bytes to write where the device reads, or the other way round
    Field,      ///< a field of the header that no driver sets so
};
[[nodiscard]] std::string_view describe(RequestError error);

class DriverError {
   public:
    constexpr DriverError() = default;  // what a successful Result holds in its place
    // NOLINTNEXTLINE(google-explicit-constructor): both kinds of error are driver's errors.
    constexpr DriverError(QueueError error) : queue_(error) {}
    // NOLINTNEXTLINE(google-explicit-constructor): both kinds of error are driver's errors.
    constexpr DriverError(RequestError error) : request_(error) {}

    [[nodiscard]] std::string_view text() const {
        return queue_ ? describe(*queue_) : describe(request_);
    }
    friend constexpr bool operator==(const DriverError&, const DriverError&) = default;

   private:
    std::optional<QueueError> queue_;
    RequestError request_ = RequestError::Header;
};

}  // namespace kos::virtio
