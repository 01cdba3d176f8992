// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/qemu_target.hpp"

#include "boards/registry.hpp"
#include "cli/boot/flat_image.hpp"
#include "cli/file/file.hpp"
#include "cli/kernel/install.hpp"
#include "cli/qemu/command.hpp"
#include "cli/qemu/machine.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/repeatable.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <sys/mman.h>
#include <unistd.h>

namespace kos::run {
namespace {

constexpr auto longest_run = std::chrono::hours{24};

/// A file without a name: QEMU opens it through /proc, and nothing is left behind.
Outcome<sys::UniqueFd> anonymous_file(Bytes content) {
    sys::UniqueFd file{memfd_create("kos-boot-image", MFD_CLOEXEC)};
    for (std::size_t done = 0; file && done < content.size();) {
        const ssize_t written = write(file.get(), content.data() + done, content.size() - done);
        if (written < 0 && errno != EINTR) file.reset();
        if (written > 0) done += static_cast<std::size_t>(written);
    }
    if (!file) return fail(ErrorCode::File, "boot image", std::strerror(errno));
    return file;
}

Outcome<boot_image::FlatImage> flat_image(Bytes image, const QemuOptions& options,
                                          const boards::Board& board, const kernel::Install& kernel,
                                          Session& session) {
    const std::string shim =
        KOS_TRY(file::read(std::filesystem::path{options.target_folder} / "boot.elf"));
    const std::string kernel_elf = KOS_TRY(file::read(kernel.kernel_elf));
    boot_image::Parts parts{
        .board = board,
        .kernel = kernel,
        .shim_elf = as_bytes(shim),
        .kernel_elf = as_bytes(kernel_elf),
        .system_image = image,
        .placement = KOS_TRY(boot_image::choose_placement(board, kernel, options.placement)),
        .boot_time = static_cast<std::uint64_t>(std::time(nullptr)),
        .trace = options.trace,
    };
    if (options.seed) {
        parts.seed = seed_of(*options.seed);
        parts.boot_time = repeatable_boot_time;
    }
    auto flat = KOS_TRY(boot_image::write_flat_image(parts));
    session.note("the system image, " + std::to_string(image.size()) + " bytes, lies " +
                 std::string{boot_image::describe(parts.placement)} + "; it takes " +
                 std::to_string(flat.slots) + " of " +
                 std::to_string(std::uint64_t{1} << kernel.config.number("ROOT_CNODE_SIZE_BITS")) +
                 " slots of the root CNode");
    return flat;
}

/// The disks that the image's guests have as volumes. KOS-E-UNSUPPORTED where the machine has no
/// place for one, KOS-E-GUEST-VOLUME where no file is meant for it.
Outcome<std::vector<qemu::Volume>> volumes_of(Bytes image, const std::vector<guests::Volume>& files,
                                              const boards::Board& board) {
    const auto view = KOS_TRY(report::open_system_image(image, "the system image"));
    std::vector<qemu::Volume> volumes;
    for (const guests::NumberedVolume& volume : KOS_TRY(guests::volumes_of(view, files))) {
        if (volume.number / manifest::volume_group >= board.qemu.volume_groups) {
            return fail(
                ErrorCode::Unsupported, volume.file.app,
                std::string{board.name} + " has no disk for its volume " + volume.file.serial);
        }
        volumes.push_back({volume.number, volume.file.serial, volume.file.path});
    }
    return volumes;
}

}  // namespace

Outcome<const boards::Board*> find_board(const std::string& name) {
    if (const boards::Board* board = boards::find(name)) {
        if (board->uart_kind == boards::UartKind::Pl011) return board;
        return fail(ErrorCode::Unsupported, "--board " + name,
                    "the root server has no driver for its serial line");
    }
    std::string known;
    for (const boards::Board* board : boards::all) known.append(" ").append(board->name);
    return fail(ErrorCode::Usage, "--board " + name, "the boards are" + known);
}

Outcome<void> boot_in_qemu(const BootImage& image, std::optional<std::chrono::seconds> timeout,
                           Session& session, control::Attendant* attendant) {
    const auto file = KOS_TRY(anonymous_file(image.flat_image));
    const std::string path =
        "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file.get());
    auto machine = KOS_TRY(
        qemu::Machine::start(qemu::command_for(image.board, image.kernel, path, image.volumes)));
    const auto listen = [&](Bytes bytes) {
        session.receive(bytes);
        return !session.finished() && !session.failure();
    };
    const auto ending = KOS_TRY(machine.run(listen, timeout.value_or(longest_run), attendant));
    session.close();
    if (session.finished()) return {};
    const std::string board{image.board.name};
    if (const auto& failure = session.failure()) return fail(failure->code, board, failure->detail);
    return fail(ErrorCode::Target, board,
                ending == qemu::Ending::TimedOut ? "the time limit was reached" : "QEMU ended");
}

Outcome<void> run_in_qemu(Bytes image, const QemuOptions& options, Session& session,
                          control::Attendant* attendant) {
    const boards::Board& board = *KOS_TRY(find_board(options.board));
    const auto kernel = KOS_TRY(kernel::find_install(options.board, kernel::process_environment()));
    auto volumes = KOS_TRY(volumes_of(image, options.volumes, board));
    const auto flat = KOS_TRY(flat_image(image, options, board, kernel, session));
    return boot_in_qemu({board, kernel, flat.bytes, std::move(volumes)}, options.timeout, session,
                        attendant);
}

}  // namespace kos::run
