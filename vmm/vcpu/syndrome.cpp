// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/vcpu/syndrome.hpp"

namespace kos::vmm {

namespace {

constexpr bool bit(Syndrome syndrome, unsigned place) { return (syndrome >> place & 1) != 0; }
constexpr std::uint8_t field(Syndrome syndrome, unsigned place, unsigned bits) {
    return static_cast<std::uint8_t>(syndrome >> place & ((1u << bits) - 1));
}

constexpr std::uint64_t low_bytes(std::uint64_t value, unsigned bytes) {
    return bytes >= 8 ? value : value & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

}  // namespace

DataAbort data_abort(Syndrome syndrome) {
    return {
        .described = bit(syndrome, 24),
        .write = bit(syndrome, 6),
        .sign_extend = bit(syndrome, 21),
        .wide = bit(syndrome, 15),
        .size = static_cast<std::uint8_t>(1u << field(syndrome, 22, 2)),
        .reg = field(syndrome, 16, 5),
    };
}

std::uint64_t loaded(const DataAbort& abort, std::uint64_t value) {
    std::uint64_t result = low_bytes(value, abort.size);
    if (abort.sign_extend && abort.size < 8) {
        const std::uint64_t sign = std::uint64_t{1} << (8 * abort.size - 1);
        result = (result ^ sign) - sign;
    }
    return abort.wide ? result : low_bytes(result, 4);
}

std::uint64_t stored(const DataAbort& abort, std::uint64_t value) {
    return low_bytes(value, abort.size);
}

SystemAccess system_access(Syndrome syndrome) {
    return {
        .read = bit(syndrome, 0),
        .reg = field(syndrome, 5, 5),
        .encoding =
            system_register(field(syndrome, 20, 2), field(syndrome, 14, 3), field(syndrome, 10, 4),
                            field(syndrome, 1, 4), field(syndrome, 17, 3)),
    };
}

}  // namespace kos::vmm
