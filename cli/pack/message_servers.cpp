// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/message_servers.hpp"

#include "cli/pack/own_program.hpp"
#include "lib/message/layout.hpp"

#include <algorithm>

namespace kos::pack {

Outcome<void> add_message_servers(const std::vector<ServerPlan>& servers, const std::string& elf,
                                  ImageBuilder& builder) {
    if (servers.empty()) return {};
    const OwnProgram program = KOS_TRY(add_own_program("msgserver", elf, builder));
    for (const ServerPlan& server : servers) {
        const auto with_lanes = std::ranges::count_if(server.members, &message::Member::has_lanes);
        KOS_TRY(add_server({.kind = manifest::AppKind::MessageServer,
                            .name = server.name,
                            .plan = message::make_plan(server.members),
                            .members = server.members.size(),
                            .lanes = message::lane_count(static_cast<std::uint32_t>(with_lanes))},
                           program, builder));
    }
    return {};
}

}  // namespace kos::pack
