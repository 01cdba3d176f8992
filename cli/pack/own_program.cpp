// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/own_program.hpp"

#include "cli/pack/elf_error.hpp"
#include "loader/plan/message_server.hpp"

#include <array>
#include <utility>
#include <vector>

namespace kos::pack {

Outcome<PlacedProgram> place_own_program(const std::string& name, const std::string& elf) {
    const std::string where = name + ".elf";
    const auto file = elf::File::create(as_bytes(elf));
    if (!file) return elf_error(where, as_bytes(elf), file.error());
    const auto placed = plan::place_program(*file);
    if (!placed) return layout_error(where, placed.error());
    std::vector<std::byte> pages(static_cast<std::size_t>(placed->blob_size));
    plan::write_pages(*file, *placed, pages);
    return PlacedProgram{*placed, std::move(pages)};
}

Outcome<OwnProgram> add_own_program(const std::string& name, const std::string& elf,
                                    ImageBuilder& builder) {
    PlacedProgram placed = KOS_TRY(place_own_program(name, elf));
    return OwnProgram{name, placed.image,
                      builder.add_blob(manifest::BlobKind::Program, std::move(placed.pages))};
}

void set_own_program(const OwnProgram& program, ImageBuilder& builder, manifest::App& app) {
    app.threads = 1;
    const std::array<std::string, 1> arguments{program.name};
    app.arguments = builder.add_list(arguments);
    app.environment = builder.add_list({});
    app.working_directory = builder.add_text("/");
    app.executable = builder.add_text("/" + program.name);
    app.entry = app.libos_start = program.image.entry.value();
}

Outcome<void> add_server(Server server, const OwnProgram& program, ImageBuilder& builder) {
    plan::MessageServerInputs inputs{.program = program.image, .program_blob = program.blob};
    inputs.plan_bytes = server.plan.size();
    inputs.plan_blob = builder.add_blob(manifest::BlobKind::MessagePlan, std::move(server.plan));
    inputs.members = static_cast<std::uint32_t>(server.members);
    inputs.books_size = server.books_size;
    inputs.lanes = server.lanes;
    const auto layout = plan::plan_message_server(inputs);
    if (!layout) return layout_error(program.name + ".elf", layout.error());
    manifest::App app;
    app.name = app.host_name = builder.add_text(server.name);
    app.kind = static_cast<std::uint8_t>(server.kind);
    app.priority = app.max_priority = manifest::priority_ceiling;
    app.publishes = builder.add_list({});
    app.ready_protocol = builder.add_text("");
    set_own_program(program, builder, app);
    app.objects = layout->objects;
    builder.add_app(app, layout->mappings.items(), {});
    return {};
}

}  // namespace kos::pack
