// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/run.hpp"

#include "boards/registry.hpp"
#include "cli/boot/flat_image.hpp"
#include "cli/file/file.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/qemu/command.hpp"
#include "cli/qemu/machine.hpp"
#include "hostsim/kernel/kernel.hpp"
#include "hostsim/kernel/state.hpp"
#include "hostsim/machine/machine.hpp"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace kos::contract {

namespace {

Outcome<void> set_parameters(std::string& program, const std::string& where,
                             const Parameters& parameters) {
    const std::string_view magic{parameters.magic.data(), parameters.magic.size()};
    const std::size_t at = program.find(magic);
    if (at == std::string::npos || at + sizeof(Parameters) > program.size()) {
        return fail(ErrorCode::ElfInvalid, where, "it has no contract parameters");
    }
    std::memcpy(program.data() + at, &parameters, sizeof(parameters));
    return {};
}

/// A file without a name: QEMU opens it through /proc, and nothing is left behind.
Outcome<sys::UniqueFd> anonymous_file(Bytes content) {
    sys::UniqueFd file{memfd_create("contract-image", MFD_CLOEXEC)};
    for (std::size_t done = 0; file && done < content.size();) {
        const ssize_t written = write(file.get(), content.data() + done, content.size() - done);
        if (written < 0) return fail(ErrorCode::File, "boot image", std::strerror(errno));
        done += static_cast<std::size_t>(written);
    }
    return file;
}

Outcome<Transcript> finished(Transcript transcript, const std::string& where) {
    if (transcript.finished()) return transcript;
    const auto& lines = transcript.lines();
    return fail(ErrorCode::Target, where,
                "the program did not end; its last line: " + (lines.empty() ? "" : lines.back()));
}

}  // namespace

Outcome<std::vector<std::byte>> make_image(const std::filesystem::path& program_folder,
                                           const Parameters& parameters) {
    const std::filesystem::path path = program_folder / "contract.elf";
    std::string program = KOS_TRY(file::read(path));
    KOS_TRY(set_parameters(program, path.string(), parameters));
    const Bytes bytes = as_bytes(program);
    pack::ImageBuilder builder;
    builder.set_root_server(
        builder.add_blob(manifest::BlobKind::RootServer, {bytes.begin(), bytes.end()}));
    return std::move(builder).finish();
}

SimulatorSettings settings_like(const kernel::Install& kernel) {
    SimulatorSettings settings;
    settings.root_cnode_bits = static_cast<unsigned>(kernel.config.number("ROOT_CNODE_SIZE_BITS"));
    settings.kernel_abi = kernel.abi;
    settings.version = kernel.version;
    return settings;
}

bool masks_serror(const kernel::Install& kernel) { return !kernel.config.is_on("DEBUG_BUILD"); }

Outcome<Transcript> run_in_simulator(Bytes image, const SimulatorSettings& settings) {
    Transcript transcript;
    sim::Machine* running = nullptr;
    sim::MachineOptions options;
    options.root_cnode_bits = settings.root_cnode_bits;
    options.kernel_abi = settings.kernel_abi;
    options.host_time_limit = settings.limit;
    options.console = [&](Bytes bytes) {
        transcript.receive(bytes);
        if (transcript.finished() && running != nullptr) running->stop();
    };
    const auto machine = KOS_TRY(sim::Machine::create(options, image, "the contract program"));
    running = machine.get();
    machine->kernel().state().behaviour = {
        .hides_failed_lookups = settings.version < "16.0",
        .adds_refills_unchecked = settings.version < "15.0",
        .loses_consumed = settings.version < "14.0",
    };
    (void)machine->run();
    return finished(std::move(transcript), "simulator");
}

Outcome<Transcript> run_on_sel4(Bytes image, const kernel::Install& kernel,
                                const std::filesystem::path& program_folder,
                                std::chrono::seconds limit) {
    const boards::Board& board = boards::qemu_virt_aarch64;
    const std::string shim = KOS_TRY(file::read(program_folder / "boot.elf"));
    const std::string kernel_elf = KOS_TRY(file::read(kernel.kernel_elf));
    const auto flat = KOS_TRY(boot_image::write_flat_image({.board = board,
                                                            .kernel = kernel,
                                                            .shim_elf = as_bytes(shim),
                                                            .kernel_elf = as_bytes(kernel_elf),
                                                            .system_image = image}));
    const auto file = KOS_TRY(anonymous_file(flat.bytes));
    const std::string path =
        "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file.get());

    Transcript transcript;
    auto machine = KOS_TRY(qemu::Machine::start(qemu::command_for(board, kernel, path)));
    const auto listen = [&](Bytes bytes) {
        transcript.receive(bytes);
        return !transcript.finished();
    };
    KOS_TRY(machine.run(listen, limit));
    return finished(std::move(transcript), kernel.folder.string());
}

}  // namespace kos::contract
