// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Systems of services on networks, and what they are to write: run in the simulator and on seL4.
#pragma once

#include "cli/fixture/network_image.hpp"
#include "cli/run/testing/heard_apps.hpp"

#include <string>
#include <vector>

namespace kos::run {

/// Network back-tier has the message server Poukai; it is the first app.
inline std::vector<std::byte> back_tier(const std::string& target_folder,
                                        const std::vector<fixture::Service>& services) {
    return fixture::network_image(
        target_folder, {{"back-tier", "Poukai", "msg0"}, {"apart", "Poukai", "msg0"}}, services);
}

/// The example of two services that send messages (examples/messages).
inline std::vector<std::byte> messages_example(const std::string& target_folder,
                                               const std::string& programs) {
    return back_tier(
        target_folder,
        {{"server", programs + "/messages-server", {"server", "5050"}, {"back-tier"}, "5050"},
         {"client", programs + "/messages-client", {"client", "5050"}, {"back-tier"}}});
}

inline constexpr const char* expected_of_client =
    "client: \"hello\" -> \"HELLO\"\n"
    "client: \"how are you\" -> \"HOW ARE YOU\"\n"
    "client: \"goodbye\" -> \"GOODBYE\"\n";
inline constexpr const char* expected_of_server =
    "server: 5050 is published\n"
    "server: a client has come\n"
    "server: got \"hello\"\n"
    "server: got \"how are you\"\n"
    "server: got \"goodbye\"\n"
    "server: the client has gone\n";

}  // namespace kos::run
