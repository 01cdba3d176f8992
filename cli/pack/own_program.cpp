// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/own_program.hpp"

#include "cli/pack/elf_error.hpp"

#include <array>
#include <utility>
#include <vector>

namespace kos::pack {

Outcome<OwnProgram> add_own_program(const std::string& name, const std::string& elf,
                                    ImageBuilder& builder) {
    const std::string where = name + ".elf";
    const auto file = elf::File::create(as_bytes(elf));
    if (!file) return elf_error(where, as_bytes(elf), file.error());
    const auto placed = plan::place_program(*file);
    if (!placed) return layout_error(where, placed.error());
    std::vector<std::byte> pages(static_cast<std::size_t>(placed->blob_size));
    plan::write_pages(*file, *placed, pages);
    return OwnProgram{name, *placed,
                      builder.add_blob(manifest::BlobKind::Program, std::move(pages))};
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

manifest::App server_record(manifest::AppKind kind, const std::string& name,
                            const OwnProgram& program, ImageBuilder& builder) {
    manifest::App app;
    app.name = app.host_name = builder.add_text(name);
    app.kind = static_cast<std::uint8_t>(kind);
    app.priority = app.max_priority = manifest::priority_ceiling;
    app.publishes = builder.add_list({});
    app.ready_protocol = builder.add_text("");
    set_own_program(program, builder, app);
    return app;
}

}  // namespace kos::pack
