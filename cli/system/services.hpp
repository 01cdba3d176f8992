// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A compose project on its way to a system image: which services, from which images, with what in
// place of what the images say. What no target can carry out yet is refused by name.
#pragma once

#include "boards/board.hpp"
#include "cli/compose/model.hpp"
#include "cli/oci/reference.hpp"
#include "cli/pack/pack.hpp"
#include "cli/system/store.hpp"
#include "lib/base/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kos::system {

/// A volume that a service mounts: what the disk is called in the guest, and its place.
struct PlannedVolume {
    std::string name;
    std::string serial;
    compose::Position position;
    std::string path{};  ///< in the service
};

struct PlannedService {
    std::string name;
    std::string image;  ///< as the project names it
    oci::ImageReference reference;
    pack::PackOptions options;
    std::optional<Error> unless_microvm{};        ///< why it cannot run natively
    std::optional<Error> unless_native{};         ///< why it cannot run in a microVM
    std::vector<PlannedVolume> volumes{};         ///< that are disks, once loaded
    std::vector<PlannedVolume> memory_volumes{};  ///< that `driver_opts` make a tmpfs
    std::vector<PlannedVolume> unkept_volumes{};  ///< that are memory as it is native
    std::vector<compose::Port> ports{};  ///< of the host; options.ports has those of the service
};

/// The services called \p names and those that they depend on, or all where there are none, each
/// behind those that it depends on. KOS-E-COMPOSE-UNSUPPORTED with the key's place for what cannot
/// be carried out yet, KOS-E-COMPOSE-VALUE, KOS-E-COMPOSE-REFERENCE, KOS-E-NOT-LOCAL.
Outcome<std::vector<PlannedService>> plan_services(const compose::Project& project,
                                                   const std::vector<std::string>& names,
                                                   const Store& store);

/// KOS-E-COMPOSE-UNSUPPORTED with the place of a port of this machine where the board has no way to
/// it.
Outcome<void> admit_ports(const boards::Board& board, const std::vector<PlannedService>& services);

/// Gives services on a network that is not `internal` a way out (pack::PackOptions::uplink).
void add_uplinks(const compose::Project& project, std::vector<PlannedService>& services);

/// The project's networks, each with its message server.
[[nodiscard]] std::vector<pack::NetworkSource> networks_of(const compose::Project& project);

/// Loads their images, which decide on their kinds: the volumes of a native service become memory
/// of its own. KOS-E-COMPOSE-UNSUPPORTED where a service asks for something that apps of its kind
/// do not have.
Outcome<pack::SystemSource> load_services(std::vector<PlannedService>& services);

}  // namespace kos::system
