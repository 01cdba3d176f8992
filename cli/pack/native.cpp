// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/native.hpp"

#include "cli/pack/elf_error.hpp"
#include "cli/pack/initrd.hpp"
#include "cli/pack/symbols.hpp"
#include "loader/plan/initial_stack.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace kos::pack {
namespace {

/// What the initial stack will hold, as far as its size goes.
std::uint64_t argument_bytes(const Process& process) {
    const std::vector<std::string_view> arguments{process.arguments.begin(),
                                                  process.arguments.end()};
    const std::vector<std::string_view> environment{process.environment.begin(),
                                                    process.environment.end()};
    plan::InitialStack stack{};
    stack.arguments = plan::string_source(arguments);
    stack.environment = plan::string_source(environment);
    stack.executable = process.executable;
    return plan::initial_stack_bytes(stack);
}

}  // namespace

Outcome<NativePacker> NativePacker::create(const std::string& libos, ImageBuilder& builder) {
    NativePacker packer{builder};
    packer.libos_ = KOS_TRY(prepare_libos(as_bytes(libos), "libos.elf"));
    return packer;
}

Outcome<void> NativePacker::add(const AppParts& app, const oci::RootFs& rootfs,
                                std::uint64_t memory_file_pages) {
    const Process& process = app.process;
    Program program = KOS_TRY(prepare_program(as_bytes(*process.program), process.executable));
    std::vector<std::byte> initrd = KOS_TRY(make_initrd(rootfs));

    plan::NativeInputs inputs{.program = program.image, .libos = libos_.image, .blobs = {}};
    inputs.stub_bytes = program.stubs.size();
    inputs.initrd_bytes = initrd.size();
    inputs.initrd_on_large_page = initrd.size() >= ImageBuilder::large_blob;
    inputs.heap_pages = static_cast<std::uint32_t>(app.settings.heap_pages + memory_file_pages);
    inputs.threads = static_cast<std::uint32_t>(app.settings.threads);
    inputs.argument_bytes = argument_bytes(process);
    inputs.blobs = add_blobs(program, std::move(initrd));
    const std::vector<manifest::Mapping> lent = lent_areas_and_lanes(app.networks);
    inputs.lent = lent;
    inputs.earlier = builder_->mappings();
    const auto plan = plan::plan_native(inputs);
    if (!plan) return layout_error(process.executable, plan.error());

    manifest::App record = describe(app, program, inputs);
    record.objects = plan->objects;
    builder_->add_app(record, plan->mappings.items(), app.dependencies);
    return {};
}

plan::BlobNumbers NativePacker::add_blobs(const Program& program, std::vector<std::byte> initrd) {
    using manifest::BlobKind;
    return {.program = builder_->add_blob(BlobKind::Program, program.pages),
            .stubs = builder_->add_blob(BlobKind::Stubs, program.stubs),
            .libos = builder_->add_blob(BlobKind::Libos, libos_.pages),
            .initrd = builder_->add_blob(BlobKind::Initrd, std::move(initrd))};
}

manifest::App NativePacker::describe(const AppParts& parts, const Program& program,
                                     const plan::NativeInputs& inputs) {
    const Process& process = parts.process;
    manifest::App app = start_record(parts, manifest::AppKind::Native, *builder_);
    app.threads = inputs.threads;
    app.arguments = builder_->add_list(process.arguments);
    app.environment = builder_->add_list(process.environment);
    app.working_directory = builder_->add_text(process.working_directory);
    app.executable = builder_->add_text(process.executable);
    app.user = process.user.user;
    app.group = process.user.group;
    app.entry = program.image.entry.value();
    app.libos_start = libos_.start;
    app.libos_thread_start = libos_.thread_start;
    app.program_headers = program.program_headers;
    app.program_header_count = program.program_header_count;
    app.program_header_size = sizeof(elf::format::ProgramHeader);
    app.load_bias = program.image.bias;
    app.initrd_size = inputs.initrd_bytes;
    app.symbols = 1 + builder_->add_blob(manifest::BlobKind::Symbols,
                                         symbols_blob(program.functions, libos_.functions));
    app.undo = 1 + builder_->add_blob(manifest::BlobKind::Undo, undo_blob(program.undo));
    return app;
}

}  // namespace kos::pack
