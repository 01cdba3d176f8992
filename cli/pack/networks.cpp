// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/networks.hpp"

#include "cli/oci/digest.hpp"
#include "lib/message/area.hpp"
#include "lib/vm/uplink.hpp"

#include <algorithm>

namespace kos::pack {

namespace {

constexpr std::uint32_t first_network = 10u << 24 | 89u << 16;  // 10.89.0.0, as podman's
constexpr std::uint32_t first_host = 2, last_host = 254;
constexpr std::uint32_t most_networks = std::min(message::max_networks, 256u);

class Planner {
   public:
    Planner(const std::vector<NetworkSource>& networks, const std::vector<NetworkedApp>& apps,
            const std::string& project)
        : networks_(networks),
          apps_(apps),
          project_(project),
          is_ethernet_(networks.size()),
          population_(networks.size()),
          switch_of_(networks.size()),
          hosts_(networks.size(), first_host) {}

    Outcome<NetworkPlan> run() {
        KOS_TRY(check());
        KOS_TRY(find_ethernets());
        add_switches();
        for (const NetworkedApp& app : apps_) {
            for (const Membership& membership : app.networks) KOS_TRY(note_server(membership, app));
        }
        plan_.apps.resize(apps_.size());
        for (std::size_t a = 0; a < apps_.size(); ++a) KOS_TRY(add(a));
        for (std::size_t a = 0; a < apps_.size(); ++a) {
            if (apps_[a].is_microvm) {
                note_guest(a);
            } else {
                plan_.apps[a].hosts = hosts_of(a);
            }
        }
        return plan_;
    }

   private:
    struct Place {
        std::size_t app;
        std::size_t network;
        std::uint32_t ipv4;
        std::vector<std::string> names;
    };

    Outcome<void> check() const {
        if (networks_.size() > most_networks) {
            return fail(ErrorCode::Unsupported, "networks",
                        "there are " + std::to_string(networks_.size()) + ", at most " +
                            std::to_string(most_networks));
        }
        for (const NetworkSource& network : networks_) {
            if (network.socket.size() > message::longest_socket_name) {
                return fail(ErrorCode::Unsupported, network.name,
                            "the socket's name \"" + network.socket + "\" is longer than " +
                                std::to_string(message::longest_socket_name) + " bytes");
            }
        }
        return {};
    }

    Outcome<std::size_t> find(const Membership& membership, const NetworkedApp& app) const {
        const auto found = std::find_if(
            networks_.begin(), networks_.end(),
            [&](const NetworkSource& network) { return network.name == membership.network; });
        if (found != networks_.end()) return static_cast<std::size_t>(found - networks_.begin());
        return fail(ErrorCode::ComposeReference, app.name,
                    "there is no network \"" + membership.network + "\"");
    }

    std::size_t server_number(const std::string& name) const {
        const auto found =
            std::find_if(plan_.servers.begin(), plan_.servers.end(),
                         [&](const ServerPlan& server) { return server.name == name; });
        return static_cast<std::size_t>(found - plan_.servers.begin());
    }

    /// Networks of microVMs alone that ask for no message server.
    Outcome<void> find_ethernets() {
        for (std::size_t n = 0; n < networks_.size(); ++n) is_ethernet_[n] = !networks_[n].is_named;
        for (const NetworkedApp& app : apps_) {
            for (const Membership& membership : app.networks) {
                const std::size_t network = KOS_TRY(find(membership, app));
                if (!app.is_microvm) is_ethernet_[network] = false;
                ++population_[network];
            }
        }
        return {};
    }

    void add_switches() {
        for (std::size_t n = 0; n < networks_.size(); ++n) {
            if (!is_ethernet_[n] || population_[n] < 2) continue;
            switch_of_[n] = plan_.switches.size();
            plan_.switches.push_back({networks_[n].name, {}});
        }
    }

    [[nodiscard]] std::uint32_t app_number(std::size_t a) const {
        return static_cast<std::uint32_t>(plan_.server_count() + a);
    }

    Outcome<void> note_server(const Membership& membership, const NetworkedApp& app) {
        const std::size_t network = KOS_TRY(find(membership, app));
        if (is_ethernet_[network]) return {};
        const std::string& name = networks_[network].server;
        if (server_number(name) == plan_.servers.size()) plan_.servers.push_back({name, {}});
        return {};
    }

    Outcome<void> add(std::size_t a) {
        const NetworkedApp& app = apps_[a];
        for (const Membership& membership : app.networks) {
            const std::size_t network = KOS_TRY(find(membership, app));
            if (hosts_[network] > last_host) {
                return fail(ErrorCode::Unsupported, networks_[network].name,
                            "more services than addresses");
            }
            const auto ipv4 =
                static_cast<std::uint32_t>(first_network + network * 256 + hosts_[network]++);
            if (is_ethernet_[network]) {
                KOS_TRY(add_interface(a, networks_[network].name, ipv4));
                if (switch_of_[network]) KOS_TRY(add_port(a, *switch_of_[network]));
            } else {
                message::Member& member = *KOS_TRY(member_of(a, network));
                member.addresses.push_back({static_cast<std::uint32_t>(network), ipv4});
                add_socket(member, network);
            }
            places_.push_back({a, network, ipv4, names_of(app, membership, network)});
        }
        if (!app.has_uplink) return {};
        return add_interface(a, std::string{vm::uplink_network}, 0);
    }

    /// Each once; none on a network without names.
    [[nodiscard]] std::vector<std::string> names_of(const NetworkedApp& app,
                                                    const Membership& membership,
                                                    std::size_t network) const {
        if (networks_[network].is_unnamed) return {};
        std::vector<std::string> names{app.name};
        for (const auto* more : {&app.aliases, &membership.aliases}) {
            for (const std::string& alias : *more) {
                if (std::find(names.begin(), names.end(), alias) == names.end()) {
                    names.push_back(alias);
                }
            }
        }
        return names;
    }

    Outcome<message::Member*> member_of(std::size_t a, std::size_t network) {
        const auto number = static_cast<std::uint32_t>(server_number(networks_[network].server));
        auto& members = plan_.servers[number].members;
        std::vector<MemberPlan>& memberships = plan_.apps[a].memberships;
        for (const MemberPlan& one : memberships) {
            if (one.server == number) return &members[one.member];
        }
        KOS_TRY(check_memberships(a));
        if (members.size() == message::max_members) {
            return fail(ErrorCode::Unsupported, plan_.servers[number].name,
                        "a message server of more than " + std::to_string(message::max_members) +
                            " services");
        }
        memberships.push_back({number, static_cast<std::uint32_t>(members.size())});
        message::Member member;
        member.app = app_number(a);
        member.name = apps_[a].name;
        member.publishes = apps_[a].publishes;
        member.has_lanes = !apps_[a].is_microvm && !apps_[a].is_gateway;
        members.push_back(std::move(member));
        return &members.back();
    }

    Outcome<void> check_memberships(std::size_t a) const {
        const AppNetworks& app = plan_.apps[a];
        if (app.memberships.size() + app.switches.size() < manifest::max_memberships) return {};
        return fail(ErrorCode::Unsupported, apps_[a].name,
                    "it would have more than " + std::to_string(manifest::max_memberships) +
                        " message servers and networks of microVMs");
    }

    /// Of the app's last interface.
    Outcome<void> add_port(std::size_t a, std::size_t number) {
        KOS_TRY(check_memberships(a));
        SwitchPlan& joint = plan_.switches[number];
        if (joint.members.size() == ethernet::max_members) {
            return fail(
                ErrorCode::Unsupported, joint.network,
                "a network of more than " + std::to_string(ethernet::max_members) + " microVMs");
        }
        AppNetworks& app = plan_.apps[a];
        InterfacePlan& interface = app.interfaces.back();
        interface.port = app.switches.size();
        app.switches.push_back({static_cast<std::uint32_t>(plan_.servers.size() + number),
                                static_cast<std::uint32_t>(joint.members.size())});
        joint.members.push_back(
            {.app = app_number(a), .name = apps_[a].name, .mac = interface.mac});
        return {};
    }

    void add_socket(message::Member& member, std::size_t network) const {
        const std::string& name = networks_[network].socket;
        if (name.empty()) return;
        for (message::MemberSocket& socket : member.sockets) {
            if (socket.name != name) continue;
            socket.networks |= std::uint64_t{1} << network;
            return;
        }
        member.sockets.push_back({name, std::uint64_t{1} << network});
    }

    Outcome<void> add_interface(std::size_t a, const std::string& network, std::uint32_t ipv4) {
        std::vector<InterfacePlan>& interfaces = plan_.apps[a].interfaces;
        if (interfaces.size() == manifest::max_interfaces) {
            return fail(ErrorCode::Unsupported, apps_[a].name,
                        "it would have more than " + std::to_string(manifest::max_interfaces) +
                            " network interfaces");
        }
        interfaces.push_back({network, mac_of(project_, apps_[a].name, network), ipv4, {}});
        return {};
    }

    /// Everybody on the app's networks, itself included.
    [[nodiscard]] std::vector<Place> met_by(std::size_t a) const {
        std::vector<Place> met;
        for (const Place& place : places_) {
            const bool is_met = std::any_of(places_.begin(), places_.end(), [&](const Place& own) {
                return own.app == a && own.network == place.network;
            });
            if (is_met) met.push_back(place);
        }
        return met;
    }

    [[nodiscard]] std::string hosts_of(std::size_t a) const {
        if (apps_[a].networks.empty()) return {};
        std::string text = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
        for (const Place& place : met_by(a)) {
            if (place.names.empty()) continue;
            text += ipv4_text(place.ipv4) + '\t';
            for (const std::string& name : place.names) text += name + ' ';
            text.back() = '\n';
        }
        return text;
    }

    /// What a microVM's guest is told.
    void note_guest(std::size_t a) {
        AppNetworks& app = plan_.apps[a];
        for (const Place& place : met_by(a)) {
            const bool is_ethernet = is_ethernet_[place.network];
            if (!is_ethernet && place.app == a) app.own.push_back(place.ipv4);
            if (place.names.empty() && place.app != a) app.unnamed.push_back(place.ipv4);
            for (const std::string& name : place.names) {
                (is_ethernet ? app.known : app.services).push_back({name, ipv4_text(place.ipv4)});
            }
        }
        note_sockets(app);
    }

    /// As a member finds them: by Call::SocketName, server after server.
    void note_sockets(AppNetworks& app) const {
        for (const MemberPlan& one : app.memberships) {
            for (const auto& socket : plan_.servers[one.server].members[one.member].sockets) {
                app.sockets.push_back(socket.name);
            }
        }
    }

    const std::vector<NetworkSource>& networks_;
    const std::vector<NetworkedApp>& apps_;
    const std::string& project_;
    std::vector<bool> is_ethernet_;
    std::vector<std::size_t> population_;  ///< members of each
    std::vector<std::optional<std::size_t>> switch_of_;
    std::vector<std::uint32_t> hosts_;  ///< the next of each network
    std::vector<Place> places_;
    NetworkPlan plan_;
};

}  // namespace

std::string ipv4_text(std::uint32_t ipv4) {
    return std::to_string(ipv4 >> 24) + '.' + std::to_string(ipv4 >> 16 & 255) + '.' +
           std::to_string(ipv4 >> 8 & 255) + '.' + std::to_string(ipv4 & 255);
}

std::array<std::uint8_t, 6> mac_of(const std::string& project, const std::string& app,
                                   const std::string& network) {
    const auto digest = oci::sha256(as_bytes(project + '\0' + app + '\0' + network));
    return {0x02, digest[0], digest[1], digest[2], digest[3], digest[4]};
}

Outcome<NetworkPlan> plan_networks(const std::vector<NetworkSource>& networks,
                                   const std::vector<NetworkedApp>& apps,
                                   const std::string& project) {
    return Planner{networks, apps, project}.run();
}

}  // namespace kos::pack
