// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/error.hpp"

namespace kos::plan {

std::string_view describe(Problem problem) {
    switch (problem) {
        case Problem::OutsideImageArea:
            return "the program, its stubs and its brk area do not fit where programs go";
        case Problem::OutsideLibosArea:
            return "libos does not fit in its area";
        case Problem::Alignment:
            return "a segment asks for a larger alignment than its area has";
        case Problem::Threads:
            return "the number of threads is out of range";
        case Problem::Arguments:
            return "the arguments and the environment are too large for the stack";
        case Problem::InitrdSize:
            return "the root filesystem is too large for its area";
        case Problem::Overlap:
            return "two mappings overlap";
        case Problem::TooManyMappings:
            return "the app needs more mappings than a plan holds";
        case Problem::Members:
            return "the number of a message server's apps is out of range";
        case Problem::Guest:
            return "the guest's memory or its number of processors is out of range";
    }
    return "unknown problem";
}

}  // namespace kos::plan
