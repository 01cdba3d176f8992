// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/program/counter.hpp"

namespace kos::rootserver {

namespace {

std::uint64_t virtual_counter() {
    std::uint64_t value;
    asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
    return value;
}

std::uint64_t physical_counter() {
    std::uint64_t value;
    asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value));
    return value;
}

std::uint64_t frequency() {
    std::uint64_t value;
    asm("mrs %0, cntfrq_el0" : "=r"(value));
    return value;
}

}  // namespace

Clock counter_clock(bool virtual_view) {
    return {virtual_view ? virtual_counter : physical_counter, frequency()};
}

}  // namespace kos::rootserver
