// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/memory_volumes.hpp"

#include <algorithm>

namespace kos::system {
namespace {

std::string note_on(const std::string& service, const std::string& name, const std::string& path,
                    const compose::Position& position) {
    return to_string(position) + ": " + (name.empty() ? "the volume at " + path : name) +
           " is memory of the native service " + service +
           ", empty at each start; a driver_opts of type tmpfs says how large";
}

bool is_surely_native(const compose::Service& service) {
    const bool by_image = service.kind == compose::Kind::Image && service.image.starts_with("kos:");
    return by_image || service.kind == compose::Kind::Native;
}

}  // namespace

Err<Error> refuse_second_place(const PlannedVolume& volume) {
    return fail(ErrorCode::ComposeUnsupported, to_string(volume.position),
                "volumes: " + volume.name + " is memory, which has one place in a service");
}

Outcome<void> keep_in_memory(PlannedService& service) {
    pack::ContainerOptions& container = service.options.container;
    for (const PlannedVolume& volume : service.volumes) {
        const auto places =
            std::ranges::count(container.volumes, volume.serial, &pack::VolumeMount::serial);
        if (!volume.name.empty() && places > 1) return refuse_second_place(volume);
    }
    for (const pack::VolumeMount& mount : container.volumes) {
        container.tmpfs.push_back({.path = mount.path, .read_only = mount.read_only});
    }
    container.volumes.clear();
    service.unkept_volumes = std::move(service.volumes);
    service.volumes.clear();
    return {};
}

std::vector<std::string> notes_on_volumes(const compose::Project& project) {
    std::vector<std::string> notes;
    for (const compose::Service& service : project.services) {
        if (!is_surely_native(service)) continue;
        for (const compose::Mount& mount : service.volumes) {
            const compose::Volume* const declared = project.find_volume(mount.source);
            const bool is_memory = declared != nullptr && declared->tmpfs.has_value();
            if (mount.type != compose::Mount::Type::Volume || is_memory) continue;
            notes.push_back(note_on(service.name, mount.source, mount.target, mount.position));
        }
    }
    return notes;
}

std::vector<std::string> notes_on_volumes(const std::vector<PlannedService>& services) {
    std::vector<std::string> notes;
    for (const PlannedService& service : services) {
        for (const PlannedVolume& volume : service.unkept_volumes) {
            notes.push_back(note_on(service.name, volume.name, volume.path, volume.position));
        }
    }
    return notes;
}

}  // namespace kos::system
