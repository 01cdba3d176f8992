// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From a record of the system image to a running app, and back.
//
//   objects ─► start pages ─► address space ─► CSpace and threads ─► first instruction
//
// Every step can fail at every kernel call. Nothing is half done then: all of the app's memory goes
// back, and the error names the call and the object.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>
#include <span>

namespace kos::rootserver {

/// Words of book-keeping that the app's pager needs.
[[nodiscard]] std::size_t bookkeeping_words(const manifest::App& record);

/// Whether the manifest's counts are those that its mappings and threads need: a checksum that is
/// right is no proof of good sense.
Attempt<> check_plan(const manifest::ImageView& image, const manifest::App& record);

/// Makes the app, whose number is set, but does not start it: `app.usage` says what it was given.
/// \p bookkeeping: as many words as its record needs.
Attempt<> spawn(const Root& root, App& app, std::span<std::uint32_t> bookkeeping,
                std::uint32_t start_number);
/// Its first instruction.
Attempt<> start(App& app);
/// What becomes of the untypeds of an app that ends. Kept, they are revoked: the next spawn() makes
/// its objects of them.
enum class Untypeds : std::uint8_t { GivenBack, Kept };

/// Ends it: all that was made for it goes.
Attempt<> stop(const Root& root, App& app, Untypeds untypeds = Untypeds::GivenBack);
/// Gives back what an app that has ended was left.
Attempt<> release(const Root& root, App& app);

}  // namespace kos::rootserver
