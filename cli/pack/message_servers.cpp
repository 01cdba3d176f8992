// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/message_servers.hpp"

#include "cli/pack/elf_error.hpp"
#include "loader/plan/message_server.hpp"

#include <array>

namespace kos::pack {

namespace {

constexpr const char* file_name = "msgserver.elf";

manifest::App describe(const ServerPlan& server, const plan::PlacedImage& program,
                       ImageBuilder& builder) {
    manifest::App app;
    app.name = app.host_name = builder.add_text(server.name);
    app.kind = static_cast<std::uint8_t>(manifest::AppKind::MessageServer);
    app.priority = app.max_priority = manifest::priority_ceiling;
    app.threads = 1;
    const std::array<std::string, 1> arguments{"msgserver"};
    app.arguments = builder.add_list(arguments);
    app.environment = builder.add_list({});
    app.publishes = builder.add_list({});
    app.working_directory = builder.add_text("/");
    app.executable = builder.add_text("/msgserver");
    app.ready_protocol = builder.add_text("");
    app.entry = app.libos_start = program.entry.value();
    return app;
}

}  // namespace

Outcome<void> add_message_servers(const std::vector<ServerPlan>& servers,
                                  const std::string& program, ImageBuilder& builder) {
    if (servers.empty()) return {};
    const auto file = elf::File::create(as_bytes(program));
    if (!file) return elf_error(file_name, as_bytes(program), file.error());
    const auto placed = plan::place_program(*file);
    if (!placed) return layout_error(file_name, placed.error());
    std::vector<std::byte> pages(static_cast<std::size_t>(placed->blob_size));
    plan::write_pages(*file, *placed, pages);
    const std::uint32_t program_blob = builder.add_blob(manifest::BlobKind::Program, pages);
    for (const ServerPlan& server : servers) {
        std::vector<std::byte> plan = message::make_plan(server.members);
        plan::MessageServerInputs inputs{.program = *placed, .program_blob = program_blob};
        inputs.plan_bytes = plan.size();
        inputs.plan_blob = builder.add_blob(manifest::BlobKind::MessagePlan, std::move(plan));
        inputs.members = static_cast<std::uint32_t>(server.members.size());
        const auto layout = plan::plan_message_server(inputs);
        if (!layout) return layout_error(file_name, layout.error());
        manifest::App app = describe(server, *placed, builder);
        app.objects = layout->objects;
        builder.add_app(app, layout->mappings.items(), {});
    }
    return {};
}

}  // namespace kos::pack
