// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/report/guest.hpp"

#include <array>
#include <cstdio>

namespace kos::report {
namespace {

std::string mac_text(const manifest::Interface& interface) {
    std::array<char, 18> text{};
    const auto& mac = interface.mac;
    std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                  mac[3], mac[4], mac[5]);
    return text.data();
}

std::string row(std::string_view title, const std::string& value) {
    std::string text = "  " + std::string{title};
    text.resize(18, ' ');
    return text + value + "\n";
}

std::uint64_t blob_size(const manifest::ImageView& image, std::uint32_t number) {
    return image.blob(number).size;
}

}  // namespace

nlohmann::ordered_json guest_to_json(const manifest::ImageView& image, const manifest::App& app) {
    const manifest::Vm vm = image.vm(app);
    nlohmann::ordered_json disks = nlohmann::ordered_json::array();
    nlohmann::ordered_json volumes = nlohmann::ordered_json::array();
    for (std::uint32_t i = 0; i < vm.disks.count; ++i) {
        const manifest::Disk disk = image.disk(vm, i);
        if (disk.volume != 0) {
            volumes.push_back(image.text(disk.serial));
            continue;
        }
        disks.push_back(
            {{"serial", image.text(disk.serial)}, {"bytes", blob_size(image, disk.blob)}});
    }
    nlohmann::ordered_json interfaces = nlohmann::ordered_json::array();
    for (std::uint32_t i = 0; i < vm.interfaces.count; ++i) {
        const manifest::Interface interface = image.interface(vm, i);
        interfaces.push_back(
            {{"network", image.text(interface.network)}, {"mac", mac_text(interface)}});
    }
    return {{"memory", std::uint64_t{vm.memory}},
            {"vcpus", std::uint32_t{vm.vcpus}},
            {"kernel_bytes", blob_size(image, vm.kernel)},
            {"initrd_bytes", vm.initrd == 0 ? 0 : blob_size(image, vm.initrd - 1)},
            {"command_line", image.text(vm.command_line)},
            {"disks", std::move(disks)},
            {"volumes", std::move(volumes)},
            {"interfaces", std::move(interfaces)}};
}

std::string guest_to_text(const manifest::ImageView& image, const manifest::App& app) {
    const nlohmann::ordered_json guest = guest_to_json(image, app);
    const auto number = [&](const char* key) {
        return std::to_string(guest.at(key).get<std::uint64_t>());
    };
    std::string text = row("Memory", number("memory") + "  bytes");
    text += row("VCPUs", number("vcpus"));
    text += row("Kernel", number("kernel_bytes") + "  bytes");
    text += row("Initrd", number("initrd_bytes") + "  bytes");
    text += row("CommandLine", guest.at("command_line").get<std::string>());
    for (const auto& disk : guest.at("disks")) {
        text += row("Disk", disk.at("serial").get<std::string>() + "  " +
                                std::to_string(disk.at("bytes").get<std::uint64_t>()) + "  bytes");
    }
    for (const auto& volume : guest.at("volumes")) {
        text += row("Volume", volume.get<std::string>());
    }
    for (const auto& interface : guest.at("interfaces")) {
        text += row("Interface", interface.at("mac").get<std::string>() + "  on " +
                                     interface.at("network").get<std::string>());
    }
    return text;
}

}  // namespace kos::report
