// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/device/driver_error.hpp"

namespace kos::virtio {

std::string_view describe(RequestError error) {
    switch (error) {
        case RequestError::Header:
            return "a request is too short for its header";
        case RequestError::Answer:
            return "a request has no room for its answer";
        case RequestError::Direction:
            return "a buffer goes the wrong way";
        case RequestError::Field:
            return "a field of a request has an impossible value";
    }
    return "unknown error";
}

}  // namespace kos::virtio
