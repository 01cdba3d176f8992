// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string_view>

namespace kos::oci {

/// One row of a table of the names that a field may have.
template <class T>
struct Name {
    std::string_view name;
    T value;
};

}  // namespace kos::oci
