// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The gateway from ports of the host to services (docs/compose.md, "Ports"), on its way into a
// system image. Each service that publishes ports is on a network of its own with the gateway
// alone, so that the gateway reaches those services and no other, and brings none together.
#pragma once

#include "cli/pack/image_builder.hpp"
#include "cli/pack/networks.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kos::pack {

class GatewayNetworks {
   public:
    explicit GatewayNetworks(const SystemSource& system) : networks_(system.networks) {}

    /// Before the next app is joined: puts \p app on a network with the gateway where it publishes
    /// \p ports.
    void join(NetworkedApp& app, const std::vector<std::uint16_t>& ports);

    [[nodiscard]] bool is_needed() const { return !published_.empty(); }
    /// The gateway itself: the first app of the plan.
    [[nodiscard]] NetworkedApp member() const;
    /// The system's, then its own.
    [[nodiscard]] const std::vector<NetworkSource>& networks() const { return networks_; }

    /// Adds the gateway, the image's app behind its message servers and switches. \p elf: the
    /// content of gateway.elf. Its plan has the ports in the order in which they were joined.
    Outcome<void> add(const NetworkPlan& plan, const std::string& elf, ImageBuilder& builder) const;

   private:
    struct Published {
        std::uint32_t network;  ///< number of the service's
        std::vector<std::uint16_t> ports;
    };

    std::vector<NetworkSource> networks_;
    std::vector<Published> published_;
};

}  // namespace kos::pack
