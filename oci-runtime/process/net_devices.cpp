// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/net_devices.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/process/rtnetlink.hpp"

#include <algorithm>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <sched.h>
#include <sys/socket.h>

namespace kos::oci {

namespace {

constexpr std::string_view field = "/linux/netDevices";
constexpr std::string_view placeholder = "%d";
/// What an address is given again by; its other flags are the kernel's own.
constexpr std::uint32_t kept_flags =
    IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

/// A device that is to be moved.
struct Move {
    std::string where;  ///< the field that asks for it
    unsigned index;     ///< in the host
    std::string name;   ///< in the container
    std::vector<InterfaceAddress> addresses;
};

/// A socket in another network namespace, which the caller leaves again at once.
sys::Result<NetlinkSocket> open_within(sys::Fd network, sys::Fd own) {
    KOS_TRY(sys::done(::setns(network, CLONE_NEWNET)));
    auto socket = NetlinkSocket::open();
    KOS_TRY(sys::done(::setns(own, CLONE_NEWNET)));
    return socket;
}

class Mover {
   public:
    static Result<Mover> between(sys::UniqueFd own, sys::UniqueFd container) {
        auto host = KOS_TRY(explain(NetlinkSocket::open(), field, "netlink"));
        auto there = KOS_TRY(explain(open_within(container.get(), own.get()), field,
                                     "entering the container's network namespace"));
        return Mover{std::move(container), std::move(host), std::move(there)};
    }

    Result<void> move_all(const std::map<std::string, std::string>& devices) {
        const auto addresses = KOS_TRY(explain(host_.addresses(), field, "reading addresses"));
        std::vector<Move> moves;
        for (const auto& [name, wanted] : devices) {
            Move move{std::string{field} + "/" + name, 0, {}, {}};
            move.index = KOS_TRY(explain(host_.index_of(name), move.where, "looking for " + name));
            move.name = KOS_TRY(free_name(wanted, moves, move.where));
            std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(move.addresses),
                         [&](const InterfaceAddress& address) {
                             return address.header.ifa_index == move.index &&
                                    address.header.ifa_scope == RT_SCOPE_UNIVERSE &&
                                    (address.flags & IFA_F_PERMANENT) != 0;
                         });
            moves.push_back(std::move(move));
        }
        for (const Move& move : moves) KOS_TRY(carry_out(move));
        return {};
    }

   private:
    Mover(sys::UniqueFd network, NetlinkSocket host, NetlinkSocket container)
        : network_(std::move(network)), host_(std::move(host)), container_(std::move(container)) {}

    [[nodiscard]] bool is_taken(const std::string& name, const std::vector<Move>& moves) const {
        return container_.index_of(name).ok() ||
               std::any_of(moves.begin(), moves.end(),
                           [&](const Move& move) { return move.name == name; });
    }

    [[nodiscard]] Result<std::string> free_name(const std::string& wanted,
                                                const std::vector<Move>& moves,
                                                const std::string& where) const {
        if (!wanted.ends_with(placeholder)) {
            if (!is_taken(wanted, moves)) return wanted;
            return fail(where, "the container has a device named " + wanted + " already");
        }
        const std::string stem = wanted.substr(0, wanted.size() - placeholder.size());
        for (unsigned number = 0;; ++number) {
            std::string name = stem + std::to_string(number);
            if (!is_taken(name, moves)) return name;
        }
    }

    [[nodiscard]] Result<void> carry_out(const Move& move) const {
        ifinfomsg header{};
        header.ifi_family = AF_UNSPEC;
        header.ifi_index = static_cast<int>(move.index);
        NetlinkRequest request{RTM_NEWLINK, NLM_F_ACK, header};
        request.attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(network_.get()))
            .attribute(IFLA_IFNAME, move.name);
        KOS_TRY(explain(host_.transact(std::move(request)), move.where,
                        "moving it into the container's network namespace"));
        // The index may be another one there.
        const unsigned index = KOS_TRY(
            explain(container_.index_of(move.name), move.where, "looking for " + move.name));
        for (const InterfaceAddress& address : move.addresses) {
            KOS_TRY(explain(container_.transact(request_for(address, index)), move.where,
                            "giving it its address again"));
        }
        return explain(container_.set_up(move.name), move.where, "setting it up");
    }

    static NetlinkRequest request_for(const InterfaceAddress& address, unsigned index) {
        ifaddrmsg header = address.header;
        header.ifa_index = index;
        header.ifa_flags = 0;
        NetlinkRequest request{RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, header};
        for (const auto& [type, value] : address.attributes) {
            // A label begins with the device's name, which may have changed.
            if (type == IFA_LABEL || type == IFA_FLAGS || type == IFA_CACHEINFO) continue;
            request.attribute(type, value);
        }
        request.attribute(IFA_FLAGS, address.flags & kept_flags);
        return request;
    }

    sys::UniqueFd network_;
    NetlinkSocket host_;
    NetlinkSocket container_;
};

Result<sys::UniqueFd> open_network_of(const std::string& process) {
    const std::string path = "/proc/" + process + "/ns/net";
    return explain(sys::open(AT_FDCWD, path.c_str(), O_RDONLY), field, path);
}

}  // namespace

Result<void> move_net_devices(const LinuxConfig& config, pid_t pid) {
    if (config.net_devices.empty()) return {};
    auto own = KOS_TRY(open_network_of("self"));
    auto container = KOS_TRY(open_network_of(std::to_string(pid)));
    const auto here = KOS_TRY(explain(sys::stat(own.get()), field, "network namespace"));
    const auto there = KOS_TRY(explain(sys::stat(container.get()), field, "network namespace"));
    if (here.st_ino == there.st_ino) {
        return fail(std::string{field}, "needs a network namespace that is not the runtime's");
    }
    auto mover = KOS_TRY(Mover::between(std::move(own), std::move(container)));
    return mover.move_all(config.net_devices);
}

}  // namespace kos::oci
