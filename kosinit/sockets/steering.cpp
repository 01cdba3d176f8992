// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/steering.hpp"

#include "kosinit/sockets/bpf.hpp"
#include "kosinit/sockets/end.hpp"
#include "oci-runtime/process/rtnetlink.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <bit>
#include <cstddef>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <netinet/in.h>

namespace kos::init {

namespace {

using oci::NetlinkRequest;
using oci::NetlinkSocket;

constexpr const char* where = "services";
/// Of the listener itself, which has to have a place: a port that nobody serves (tcpmux).
constexpr End listener_end{INADDR_LOOPBACK, 1};

/// Our address on the network that \p peer is on: the one most like it.
Ipv4Address own_towards(const ServiceNetwork& network, Ipv4Address peer) {
    return *std::ranges::max_element(
        network.own, {}, [peer](Ipv4Address own) { return std::countl_zero(own ^ peer); });
}

sys::Result<void> add_address(const NetlinkSocket& netlink, unsigned loopback,
                              Ipv4Address address) {
    ifaddrmsg header{};
    header.ifa_family = AF_INET;
    header.ifa_prefixlen = 32;
    header.ifa_index = loopback;
    NetlinkRequest request{RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, header};
    request.attribute(IFA_LOCAL, htonl(address)).attribute(IFA_ADDRESS, htonl(address));
    return netlink.transact(std::move(request));
}

sys::Result<void> add_local_route(const NetlinkSocket& netlink, unsigned loopback, Ipv4Address peer,
                                  Ipv4Address own) {
    rtmsg header{};
    header.rtm_family = AF_INET;
    header.rtm_dst_len = 32;
    header.rtm_table = RT_TABLE_LOCAL;
    header.rtm_protocol = RTPROT_BOOT;
    header.rtm_scope = RT_SCOPE_HOST;
    header.rtm_type = RTN_LOCAL;
    NetlinkRequest request{RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, header};
    request.attribute(RTA_DST, htonl(peer))
        .attribute(RTA_OIF, loopback)
        .attribute(RTA_PREFSRC, htonl(own));
    return netlink.transact(std::move(request));
}

sys::Result<void> make_local(const ServiceNetwork& network, const std::vector<Ipv4Address>& peers) {
    const NetlinkSocket netlink = KOS_TRY(NetlinkSocket::open());
    const unsigned loopback = KOS_TRY(netlink.index_of("lo"));
    for (const Ipv4Address own : network.own) KOS_TRY(add_address(netlink, loopback, own));
    for (const Ipv4Address peer : peers) {
        KOS_TRY(add_local_route(netlink, loopback, peer, own_towards(network, peer)));
    }
    return {};
}

sys::Result<sys::UniqueFd> listen_everywhere() {
    sys::UniqueFd listener{
        KOS_TRY(sys::check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)))};
    KOS_TRY(bind_to(listener.get(), listener_end));
    KOS_TRY(sys::done(::listen(listener.get(), SOMAXCONN)));
    return listener;
}

/// TCP over IPv4 to one of \p peers goes to the socket in \p listeners. Theirs and the \p own
/// addresses are for what comes over lo alone: the guest is no way into its networks for others.
bpf::Code assemble(const std::vector<Ipv4Address>& own, const std::vector<Ipv4Address>& peers,
                   sys::Fd listeners) {
    using namespace bpf;
    constexpr std::uint8_t context = BPF_REG_6, found = BPF_REG_7, value = BPF_REG_2,
                           way_in = BPF_REG_3;
    constexpr std::uint32_t loopback_interface = 1;
    const Code refuse{set(BPF_REG_0, SK_DROP), leave()};
    Code give{jump_if_equal(way_in, loopback_interface, 2)};
    give.insert(give.end(), refuse.begin(), refuse.end());
    give.push_back(store(BPF_REG_10, -4, BPF_REG_0));
    append_map(give, BPF_REG_1, listeners);
    give.insert(give.end(),
                {copy(BPF_REG_2, BPF_REG_10), add(BPF_REG_2, -4), call(BPF_FUNC_map_lookup_elem),
                 // Nobody: refused.
                 copy(found, BPF_REG_0), jump_if_not_null(BPF_REG_0, 2), set(BPF_REG_0, SK_DROP),
                 leave(), copy(BPF_REG_1, context), copy(BPF_REG_2, found), set(BPF_REG_3, 0),
                 call(BPF_FUNC_sk_assign), copy(BPF_REG_1, found), call(BPF_FUNC_sk_release)});
    // Head, comparisons with own and peers, a jump to `pass`; `keep`, `give`, `pass`.
    constexpr std::size_t head = 8;
    const std::size_t to_peers = head + own.size(), to_keep = to_peers + peers.size() + 1;
    const std::size_t to_give = to_keep + 1 + refuse.size(), to_pass = to_give + give.size();
    Code code{copy(context, BPF_REG_1), set(BPF_REG_0, 0)};
    const auto skip_to = [&](std::size_t target) {
        return static_cast<std::int16_t>(target - code.size() - 1);
    };
    code.push_back(load(value, context, offsetof(bpf_sk_lookup, family)));
    code.push_back(jump_if_other(value, AF_INET, skip_to(to_pass)));
    code.push_back(load(value, context, offsetof(bpf_sk_lookup, protocol)));
    code.push_back(jump_if_other(value, IPPROTO_TCP, skip_to(to_pass)));
    code.push_back(load(way_in, context, offsetof(bpf_sk_lookup, ingress_ifindex)));
    code.push_back(load(value, context, offsetof(bpf_sk_lookup, local_ip4)));
    for (const Ipv4Address one : own) {
        code.push_back(jump_if_equal(value, htonl(one), skip_to(to_keep)));
    }
    for (const Ipv4Address one : peers) {
        code.push_back(jump_if_equal(value, htonl(one), skip_to(to_give)));
    }
    code.push_back(jump(skip_to(to_pass)));
    code.push_back(jump_if_equal(way_in, loopback_interface, skip_to(to_pass)));
    code.insert(code.end(), refuse.begin(), refuse.end());
    code.insert(code.end(), give.begin(), give.end());
    code.insert(code.end(), {set(BPF_REG_0, SK_PASS), leave()});
    return code;
}

sys::Result<sys::UniqueFd> steer_to(sys::Fd listener, const ServiceNetwork& network,
                                    const std::vector<Ipv4Address>& peers) {
    const sys::UniqueFd map = KOS_TRY(
        bpf::make_map(BPF_MAP_TYPE_SOCKMAP, sizeof(std::uint32_t), sizeof(std::uint64_t), 1));
    KOS_TRY(bpf::put(map.get(), 0, static_cast<std::uint64_t>(listener)));
    const sys::UniqueFd program = KOS_TRY(bpf::load_program(
        BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, assemble(network.own, peers, map.get())));
    const sys::UniqueFd space{
        KOS_TRY(sys::check(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)))};
    return bpf::link(program.get(), space.get(), BPF_SK_LOOKUP);
}

}  // namespace

std::vector<Ipv4Address> peers_of(const ServiceNetwork& network) {
    std::vector<Ipv4Address> peers = network.unnamed;
    for (const ServiceName& service : network.names) {
        if (std::ranges::find(network.own, service.address) == network.own.end())
            peers.push_back(service.address);
    }
    std::ranges::sort(peers);
    const auto rest = std::ranges::unique(peers);
    peers.erase(rest.begin(), rest.end());
    return peers;
}

Outcome<Steering> Steering::create(const ServiceNetwork& network) {
    const auto peers = peers_of(network);
    KOS_TRY(explain(make_local(network, peers), ErrorCode::GuestNetwork, where, "addresses"));
    Steering steering;
    if (peers.empty()) return steering;
    steering.listener_ =
        KOS_TRY(explain(listen_everywhere(), ErrorCode::GuestNetwork, where, "listening"));
    steering.program_ = KOS_TRY(explain(steer_to(steering.listener_.get(), network, peers),
                                        ErrorCode::GuestNetwork, where, "the look-up's program"));
    return steering;
}

}  // namespace kos::init
