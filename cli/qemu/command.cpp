// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/qemu/command.hpp"

#include <sstream>

namespace kos::qemu {

namespace {

std::string machine_of(const boards::Board& board, const kernel::Config& config) {
    std::string machine{board.qemu.machine};
    if (machine.ends_with("gic-version="))
        machine += config.is_on("ARM_GIC_V3_SUPPORT") ? "3" : "2";
    return machine;
}

/// A value in a list of options, where a comma ends it.
std::string escaped(const std::string& value) {
    std::string text;
    for (const char letter : value) text.append(letter == ',' ? 2 : 1, letter);
    return text;
}

/// A connected socket that the child inherits.
std::string socket_chardev(std::string_view id, int fd) {
    return "socket,id=" + std::string{id} + ",fd=" + std::to_string(fd);
}

}  // namespace

std::vector<std::string> command_for(const boards::Board& board, const kernel::Install& kernel,
                                     const std::filesystem::path& image,
                                     const std::vector<Volume>& volumes) {
    std::vector<std::string> command{"qemu-system-aarch64",
                                     "-nodefaults",
                                     "-no-user-config",
                                     "-display",
                                     "none",
                                     "-nic",
                                     "none",
                                     "-no-reboot",
                                     "-machine",
                                     machine_of(board, kernel.config),
                                     "-m",
                                     std::string{board.qemu.memory}};
    const auto add = [&](std::string_view option, std::string value) {
        command.emplace_back(option);
        command.push_back(std::move(value));
    };
    if (!board.qemu.cpu.empty()) add("-cpu", std::string{board.qemu.cpu});
    std::istringstream extra{std::string{board.qemu.extra}};
    for (std::string word; extra >> word;) command.push_back(word);
    if (board.qemu.needs_kernel_device_tree) {
        add("-dtb", (kernel.folder / "support/kernel.dtb").string());
    }
    add("-kernel", image.string());
    add("-chardev", socket_chardev("serial", serial_fd));
    add("-serial", "chardev:serial");
    add("-chardev", socket_chardev("monitor", monitor_fd));
    add("-mon", "chardev=monitor,mode=control");
    // The root server's driver speaks VIRTIO 1 alone.
    if (!volumes.empty()) add("-global", "virtio-mmio.force-legacy=false");
    for (const Volume& volume : volumes) {
        const std::string drive = "volume" + std::to_string(volume.number);
        add("-drive",
            "if=none,id=" + drive + ",format=raw,discard=unmap,file=" + escaped(volume.path));
        // What fails is the guest's I/O error, and not a machine that stands still.
        add("-device", "virtio-blk-device,drive=" + drive + ",serial=" + volume.serial +
                           ",bus=virtio-mmio-bus." + std::to_string(volume.number) +
                           ",rerror=report,werror=report");
    }
    return command;
}

}  // namespace kos::qemu
