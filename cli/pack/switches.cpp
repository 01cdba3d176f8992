// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/switches.hpp"

#include "cli/pack/own_program.hpp"
#include "lib/ethernet/area.hpp"

namespace kos::pack {

std::string switch_name(const SwitchPlan& plan) { return "switch of " + plan.network; }

Outcome<void> add_switches(const std::vector<SwitchPlan>& switches, const std::string& elf,
                           ImageBuilder& builder) {
    if (switches.empty()) return {};
    const OwnProgram program = KOS_TRY(add_own_program("netswitch", elf, builder));
    for (const SwitchPlan& joint : switches) {
        KOS_TRY(add_server({.kind = manifest::AppKind::NetworkSwitch,
                            .name = switch_name(joint),
                            .plan = ethernet::make_plan(joint.members),
                            .members = joint.members.size(),
                            .books_size = ethernet::queue_size},
                           program, builder));
    }
    return {};
}

}  // namespace kos::pack
