// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Message servers and their apps: each app shares its part of the server's area with it, and has an
// endpoint to call it through; the server can wake the app's threads. The switches of networks and
// their VMMs likewise, behind the message servers.
#pragma once

#include "lib/message/layout.hpp"
#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>
#include <optional>

namespace kos::rootserver {

/// Of how many apps the message server has areas.
[[nodiscard]] std::uint64_t message_members(const manifest::ImageView& image,
                                            const manifest::App& server);
/// The first frame of the area of the message server that is app \p number.
[[nodiscard]] sel4::CPtr message_area_frames(const Root& root, std::uint32_t number);

/// Whether app \p server is a message server of that app.
[[nodiscard]] bool serves(const Root& root, std::uint32_t server, const manifest::App& record);
/// How many message servers the app has.
[[nodiscard]] std::uint64_t memberships_of(const Root& root, const manifest::App& record);

/// Configures the server's thread and fills its CSpace (lib/message/layout.hpp).
Attempt<> make_message_server_thread(const Root& root, App& app);

/// Gives the app's message servers the notification of a thread; with its first thread, the app
/// gets their endpoints.
Attempt<> introduce_thread(const Root& root, App& app, std::uint64_t thread);

/// The app has started, or ended: its message servers are to ask (native::Request::TakeNews).
void tell_message_servers(const Root& root, App& app);

/// Whether app \p app has news that message server \p server was not told of, which it is now.
[[nodiscard]] bool take_news(const Root& root, App& app, std::uint32_t server);

}  // namespace kos::rootserver
