// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "cli/compose/model.hpp"

namespace kos::compose {

/// A service in its canonical form. Whether what it refers to is there is for the project to say.
[[nodiscard]] Outcome<Service> read_service(const Value::Entry& entry);

}  // namespace kos::compose
