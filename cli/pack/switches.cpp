// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/switches.hpp"

#include "cli/pack/elf_error.hpp"
#include "cli/pack/own_program.hpp"
#include "lib/ethernet/area.hpp"
#include "loader/plan/message_server.hpp"

#include <utility>

namespace kos::pack {

std::string switch_name(const SwitchPlan& plan) { return "switch of " + plan.network; }

Outcome<void> add_switches(const std::vector<SwitchPlan>& switches, const std::string& elf,
                           ImageBuilder& builder) {
    if (switches.empty()) return {};
    const OwnProgram program = KOS_TRY(add_own_program("netswitch", elf, builder));
    for (const SwitchPlan& joint : switches) {
        std::vector<std::byte> plan = ethernet::make_plan(joint.members);
        plan::MessageServerInputs inputs{.program = program.image, .program_blob = program.blob};
        inputs.plan_bytes = plan.size();
        inputs.plan_blob = builder.add_blob(manifest::BlobKind::MessagePlan, std::move(plan));
        inputs.members = static_cast<std::uint32_t>(joint.members.size());
        inputs.books_size = ethernet::queue_size;
        const auto layout = plan::plan_message_server(inputs);
        if (!layout) return layout_error("netswitch.elf", layout.error());
        manifest::App app =
            server_record(manifest::AppKind::NetworkSwitch, switch_name(joint), program, builder);
        app.objects = layout->objects;
        builder.add_app(app, layout->mappings.items(), {});
    }
    return {};
}

}  // namespace kos::pack
