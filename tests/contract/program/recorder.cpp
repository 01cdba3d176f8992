// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/recorder.hpp"

namespace kos::contract {

namespace {

std::string_view name_of_outcome(unsigned number) {
    switch (number) {
        case outcome::returned:
            return "returned";
        case outcome::blocked:
            return "blocked";
        case outcome::fault:
            return "fault";
        default:
            return sel4::name_of(static_cast<sel4::Error>(number));
    }
}

}  // namespace

void Recorder::step(const Line& line) {
    for (const char character : line.view()) {
        hash_ = (hash_ ^ static_cast<unsigned char>(character)) * prime;
    }
    if (listing_) print(line);
}

void Recorder::end_trace(std::uint64_t seed) {
    print(Line{}.text("trace ").decimal(seed).text(" ").hex(hash_, 16));
}

void Recorder::print(const Line& line) {
    uart_.put("@");
    uart_.put(line.view());
    uart_.put("\n");
}

void Recorder::print_coverage() {
    for (unsigned operation = 0; operation < operation_count; ++operation) {
        for (unsigned ending = 0; ending < outcome::count; ++ending) {
            const std::uint32_t times = coverage_[operation][ending];
            if (times == 0) continue;
            print(Line{}
                      .text("cover ")
                      .text(name_of_operation(operation))
                      .text(" ")
                      .text(name_of_outcome(ending))
                      .text(" ")
                      .decimal(times));
        }
    }
}

}  // namespace kos::contract
