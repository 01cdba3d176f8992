// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Lanes (lib/message/lane.hpp): memory of a message server's that two native apps share for a
// stream, and the right of each to signal the other's threads. The server says which apps. Places
// and slots are planned with the app; copies in its object CNode and CSpace go with it.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>

namespace kos::rootserver {

/// Where an app has a lane: of which message server's channel.
struct LanePlace {
    std::uint32_t server = 0;  ///< number of the app
    std::uint64_t channel = 0;
};

/// Maps lane \p lane of the message server \p server, which runs, in \p app, and lets that signal
/// \p peer. False where the app or the server has no such place. Nothing is half done.
Attempt<bool> give_lane(const Root& root, App& app, const App& server, std::uint64_t channel,
                        std::uint64_t lane, const App& peer);
/// Takes away what the place holds, if anything.
Attempt<> take_lane(const Root& root, const App& app, const LanePlace& place);

}  // namespace kos::rootserver
