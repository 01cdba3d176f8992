// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/rtnetlink.hpp"

#include <cstring>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace kos::oci {

namespace {

/// Enough for one datagram of a dump (netlink(7): the kernel makes them at most 32 KiB).
constexpr std::size_t datagram_size = 32768;

constexpr std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

/// Copies a T from the front of \p bytes, which must be long enough.
template <class T>
T read_front(std::span<const std::byte> bytes) {
    T value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

InterfaceAddress parse_address(std::span<const std::byte> body) {
    InterfaceAddress address;
    address.header = read_front<ifaddrmsg>(body);
    address.flags = address.header.ifa_flags;
    body = body.subspan(padded(sizeof(ifaddrmsg)));
    while (body.size() >= sizeof(rtattr)) {
        const auto header = read_front<rtattr>(body);
        if (header.rta_len < sizeof header || header.rta_len > body.size()) break;
        const auto value = body.subspan(sizeof header, header.rta_len - sizeof header);
        if (header.rta_type == IFA_FLAGS && value.size() >= sizeof address.flags) {
            address.flags = read_front<std::uint32_t>(value);
        }
        address.attributes.push_back({header.rta_type, {value.begin(), value.end()}});
        body = body.subspan(std::min(padded(header.rta_len), body.size()));
    }
    return address;
}

sys::Result<void> error_of(std::span<const std::byte> body) {
    if (body.size() < sizeof(nlmsgerr)) return Err{sys::Errno{EBADMSG}};
    const int error = -read_front<nlmsgerr>(body).error;
    if (error != 0) return Err{sys::Errno{error}};
    return {};
}

ifreq request_for(const std::string& name) {
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

}  // namespace

void NetlinkRequest::append(std::span<const std::byte> part) {
    bytes_.insert(bytes_.end(), part.begin(), part.end());
    bytes_.resize(padded(bytes_.size()));
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, std::span<const std::byte> value) {
    const rtattr header{static_cast<std::uint16_t>(sizeof(rtattr) + value.size()), type};
    append({reinterpret_cast<const std::byte*>(&header), sizeof header});
    append(value);
    return *this;
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, std::uint32_t value) {
    return attribute(type, {reinterpret_cast<const std::byte*>(&value), sizeof value});
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, const std::string& text) {
    return attribute(type, {reinterpret_cast<const std::byte*>(text.c_str()), text.size() + 1});
}

std::span<const std::byte> NetlinkRequest::bytes() {
    start().nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
    return bytes_;
}

sys::Result<NetlinkSocket> NetlinkSocket::open() {
    const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return NetlinkSocket{sys::UniqueFd{KOS_TRY(sys::check(socket))}};
}

sys::Result<void> NetlinkSocket::transact(NetlinkRequest request) const {
    const auto bytes = request.bytes();
    KOS_TRY(sys::check(::send(socket_.get(), bytes.data(), bytes.size(), 0)));
    std::vector<std::byte> answer(datagram_size);
    const auto size = KOS_TRY(sys::check(::recv(socket_.get(), answer.data(), answer.size(), 0)));
    const auto whole = std::span{answer}.first(static_cast<std::size_t>(size));
    if (whole.size() < sizeof(nlmsghdr)) return Err{sys::Errno{EBADMSG}};
    return error_of(whole.subspan(sizeof(nlmsghdr)));
}

sys::Result<std::vector<InterfaceAddress>> NetlinkSocket::addresses() const {
    NetlinkRequest request{RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}};
    const auto bytes = request.bytes();
    KOS_TRY(sys::check(::send(socket_.get(), bytes.data(), bytes.size(), 0)));
    std::vector<InterfaceAddress> found;
    std::vector<std::byte> answer(datagram_size);
    for (;;) {
        const auto size =
            KOS_TRY(sys::check(::recv(socket_.get(), answer.data(), answer.size(), 0)));
        std::span<const std::byte> rest = std::span{answer}.first(static_cast<std::size_t>(size));
        while (rest.size() >= sizeof(nlmsghdr)) {
            const auto header = read_front<nlmsghdr>(rest);
            if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size()) break;
            const auto body = rest.subspan(sizeof header, header.nlmsg_len - sizeof header);
            if (header.nlmsg_type == NLMSG_DONE) return found;
            if (header.nlmsg_type == NLMSG_ERROR) {
                KOS_TRY(error_of(body));
            } else if (header.nlmsg_type == RTM_NEWADDR && body.size() >= sizeof(ifaddrmsg)) {
                found.push_back(parse_address(body));
            }
            rest = rest.subspan(std::min(padded(header.nlmsg_len), rest.size()));
        }
    }
}

sys::Result<unsigned> NetlinkSocket::index_of(const std::string& name) const {
    ifreq request = request_for(name);
    KOS_TRY(sys::done(::ioctl(socket_.get(), SIOCGIFINDEX, &request)));
    return static_cast<unsigned>(request.ifr_ifindex);
}

sys::Result<void> NetlinkSocket::set_up(const std::string& name) const {
    ifreq request = request_for(name);
    KOS_TRY(sys::done(::ioctl(socket_.get(), SIOCGIFFLAGS, &request)));
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    return sys::done(::ioctl(socket_.get(), SIOCSIFFLAGS, &request));
}

}  // namespace kos::oci
