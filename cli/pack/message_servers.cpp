// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/message_servers.hpp"

#include "cli/pack/elf_error.hpp"
#include "cli/pack/own_program.hpp"
#include "lib/message/layout.hpp"
#include "loader/plan/message_server.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace kos::pack {

Outcome<void> add_message_servers(const std::vector<ServerPlan>& servers, const std::string& elf,
                                  ImageBuilder& builder) {
    if (servers.empty()) return {};
    const OwnProgram program = KOS_TRY(add_own_program("msgserver", elf, builder));
    for (const ServerPlan& server : servers) {
        std::vector<std::byte> plan = message::make_plan(server.members);
        const auto with_lanes = std::ranges::count_if(server.members, &message::Member::has_lanes);
        plan::MessageServerInputs inputs{.program = program.image, .program_blob = program.blob};
        inputs.plan_bytes = plan.size();
        inputs.plan_blob = builder.add_blob(manifest::BlobKind::MessagePlan, std::move(plan));
        inputs.members = static_cast<std::uint32_t>(server.members.size());
        inputs.lanes = message::lane_count(static_cast<std::uint32_t>(with_lanes));
        const auto layout = plan::plan_message_server(inputs);
        if (!layout) return layout_error("msgserver.elf", layout.error());
        manifest::App app =
            server_record(manifest::AppKind::MessageServer, server.name, program, builder);
        app.objects = layout->objects;
        builder.add_app(app, layout->mappings.items(), {});
    }
    return {};
}

}  // namespace kos::pack
