// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/dhcp.hpp"

#include "lib/linux/unique_fd.hpp"

#include <arpa/inet.h>
#include <array>
#include <bit>
#include <cstring>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>

namespace kos::init {

namespace {

constexpr std::size_t fixed_size = 236;
constexpr std::string_view cookie{"\x63\x82\x53\x63", 4};

// Offsets of RFC 2131, figure 1.
constexpr std::size_t at_transaction = 4;
constexpr std::size_t at_flags = 10;
constexpr std::size_t at_your_address = 16;
constexpr std::size_t at_hardware_address = 28;

enum Option : std::uint8_t {
    Pad = 0,
    Mask = 1,
    Router = 3,
    DnsServers = 6,
    RequestedAddress = 50,
    MessageType = 53,
    ServerId = 54,
    Wanted = 55,
    End = 255,
};

std::string big_endian(std::uint32_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
    return text;
}

std::uint32_t number_at(std::string_view text, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value = (value << 8) | static_cast<std::uint8_t>(text[offset + i]);
    }
    return value;
}

void put_option(std::string& packet, Option option, const std::string& value) {
    packet += static_cast<char>(option);
    packet += static_cast<char>(value.size());
    packet += value;
}

void take_option(DhcpAnswer& answer, std::uint8_t option, std::string_view value) {
    const bool is_address = value.size() >= 4;
    if (option == MessageType && value.size() == 1) answer.type = static_cast<DhcpType>(value[0]);
    if (option == Mask && is_address) {
        answer.prefix = static_cast<unsigned>(std::popcount(number_at(value, 0)));
    }
    if (option == ServerId && is_address) answer.server = number_at(value, 0);
    if (option == Router && is_address) answer.gateway = number_at(value, 0);
    if (option != DnsServers) return;
    for (std::size_t i = 0; i + 4 <= value.size(); i += 4) {
        answer.dns_servers.push_back(number_at(value, i));
    }
}

/// Whether the options end as they should, within the packet.
bool take_options(DhcpAnswer& answer, std::string_view options) {
    while (!options.empty()) {
        const auto option = static_cast<std::uint8_t>(options[0]);
        options.remove_prefix(1);
        if (option == Pad) continue;
        if (option == End) return true;
        if (options.empty()) return false;
        const std::size_t size = static_cast<std::uint8_t>(options[0]);
        options.remove_prefix(1);
        if (options.size() < size) return false;
        take_option(answer, option, options.substr(0, size));
        options.remove_prefix(size);
    }
    return false;
}

class Client {
   public:
    explicit Client(const std::string& interface) : interface_(interface) {}

    Outcome<DhcpAnswer> run() {
        KOS_TRY(open());
        if (::getrandom(&transaction_, sizeof transaction_, GRND_NONBLOCK) < 0) transaction_ = 1;
        for (const int patience_ms : {500, 1000, 2000, 4000}) {
            const auto offer = exchange({.type = DhcpType::Discover}, DhcpType::Offer, patience_ms);
            if (!offer) continue;
            auto lease = exchange(
                {.type = DhcpType::Request, .address = offer->address, .server = offer->server},
                DhcpType::Ack, patience_ms);
            if (lease) return std::move(*lease);
        }
        return fail(ErrorCode::GuestNetwork, interface_, "no DHCP server gave it an address");
    }

   private:
    Outcome<void> call(int returned, const char* doing) {
        return explain(sys::done(returned), ErrorCode::GuestNetwork, interface_, doing);
    }

    Outcome<void> open() {
        socket_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        KOS_TRY(call(socket_.get(), "socket"));
        const int yes = 1;
        KOS_TRY(call(::setsockopt(socket_.get(), SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes),
                     "SO_BROADCAST"));
        KOS_TRY(call(::setsockopt(socket_.get(), SOL_SOCKET, SO_BINDTODEVICE, interface_.data(),
                                  static_cast<socklen_t>(interface_.size())),
                     "SO_BINDTODEVICE"));
        const sockaddr_in own = address_of(INADDR_ANY, 68);
        KOS_TRY(call(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own),
                     "bind"));
        ifreq request{};
        interface_.copy(request.ifr_name, IFNAMSIZ - 1);
        KOS_TRY(call(::ioctl(socket_.get(), SIOCGIFHWADDR, &request), "SIOCGIFHWADDR"));
        std::memcpy(mac_.data(), request.ifr_hwaddr.sa_data, mac_.size());
        return {};
    }

    static sockaddr_in address_of(Ipv4Address address, std::uint16_t port) {
        sockaddr_in out{};
        out.sin_family = AF_INET;
        out.sin_port = htons(port);
        out.sin_addr.s_addr = htonl(address);
        return out;
    }

    std::optional<DhcpAnswer> exchange(DhcpRequest request, DhcpType wanted, int patience_ms) {
        request.transaction = transaction_;
        request.mac = mac_;
        const std::string packet = encode(request);
        const sockaddr_in everybody = address_of(INADDR_BROADCAST, 67);
        // A failure to send is a failure to get an answer.
        static_cast<void>(::sendto(socket_.get(), packet.data(), packet.size(), 0,
                                   reinterpret_cast<const sockaddr*>(&everybody),
                                   sizeof everybody));
        pollfd entry{socket_.get(), POLLIN, 0};
        while (::poll(&entry, 1, patience_ms) == 1) {
            std::array<std::byte, 1500> buffer;
            const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
            if (count < 0) return std::nullopt;
            auto answer =
                parse_dhcp({buffer.data(), static_cast<std::size_t>(count)}, transaction_, mac_);
            if (answer && answer->type == wanted) return answer;
            if (answer && answer->type == DhcpType::Nak) return std::nullopt;
        }
        return std::nullopt;
    }

    std::string interface_;
    sys::UniqueFd socket_;
    MacAddress mac_{};
    std::uint32_t transaction_ = 0;
};

}  // namespace

std::string encode(const DhcpRequest& request) {
    std::string packet(fixed_size, '\0');
    packet[0] = 1;  // a request
    packet[1] = 1;  // Ethernet
    packet[2] = 6;  // bytes of its addresses
    packet.replace(at_transaction, 4, big_endian(request.transaction));
    packet[at_flags] = static_cast<char>(0x80);  // answers to everybody: there is no address yet
    packet.replace(at_hardware_address, request.mac.size(),
                   reinterpret_cast<const char*>(request.mac.data()), request.mac.size());
    packet += cookie;
    put_option(packet, MessageType, std::string(1, static_cast<char>(request.type)));
    if (request.type == DhcpType::Request) {
        put_option(packet, RequestedAddress, big_endian(request.address));
        put_option(packet, ServerId, big_endian(request.server));
    }
    put_option(packet, Wanted, {Mask, Router, DnsServers});
    packet += static_cast<char>(End);
    return packet;
}

std::optional<DhcpAnswer> parse_dhcp(Bytes packet, std::uint32_t transaction,
                                     const MacAddress& mac) {
    const std::string_view text = as_text(packet);
    if (text.size() < fixed_size + cookie.size() || text[0] != 2) return std::nullopt;
    if (text.substr(fixed_size, cookie.size()) != cookie) return std::nullopt;
    if (number_at(text, at_transaction) != transaction) return std::nullopt;
    const std::string_view hardware{reinterpret_cast<const char*>(mac.data()), mac.size()};
    if (text.substr(at_hardware_address, mac.size()) != hardware) return std::nullopt;
    DhcpAnswer answer;
    if (!take_options(answer, text.substr(fixed_size + cookie.size()))) return std::nullopt;
    answer.address = number_at(text, at_your_address);
    const bool is_lease = answer.type == DhcpType::Offer || answer.type == DhcpType::Ack;
    if (is_lease && (answer.address == 0 || answer.prefix == 0)) return std::nullopt;
    if (!is_lease && answer.type != DhcpType::Nak) return std::nullopt;
    return answer;
}

Outcome<DhcpAnswer> ask_for_lease(const std::string& interface) { return Client{interface}.run(); }

}  // namespace kos::init
