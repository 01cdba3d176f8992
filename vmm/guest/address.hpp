// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Addresses as the guest means them: physical to it, an intermediate address (IPA) to the
// processor.
#pragma once

#include "lib/base/address.hpp"

namespace kos {

using GuestAddress = Address<struct GuestPhysicalSpace>;

}  // namespace kos
