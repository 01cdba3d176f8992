// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/network.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/unique_fd.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <dirent.h>
#include <memory>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kos::init {

namespace {

/// An ioctl(2) on one interface.
class InterfaceCall {
   public:
    explicit InterfaceCall(const std::string& name) : name_(name) {
        name.copy(request_.ifr_name, IFNAMSIZ - 1);
        socket_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    }
    ifreq& request() { return request_; }

    Outcome<void> operator()(unsigned long number, const char* doing) {
        return explain(sys::done(::ioctl(socket_.get(), number, &request_)),
                       ErrorCode::GuestNetwork, name_, doing);
    }

   private:
    std::string name_;
    sys::UniqueFd socket_;
    ifreq request_{};
};

sockaddr_in address_of(Ipv4Address address) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_addr.s_addr = htonl(address);
    return out;
}

template <class Target>
void put_address(Target& target, Ipv4Address address) {
    const sockaddr_in value = address_of(address);
    static_assert(sizeof value <= sizeof target);
    std::memcpy(&target, &value, sizeof value);
}

Ipv4Address mask_of(unsigned prefix) { return prefix == 0 ? 0 : ~Ipv4Address{0} << (32 - prefix); }

std::string mac_text(const MacAddress& mac) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : mac) {
        if (!text.empty()) text += ':';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

/// The name that the kernel gave to the interface with this MAC address; empty where none has it.
std::string name_of(const MacAddress& mac) {
    struct Close {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    const std::string wanted = mac_text(mac) + "\n";
    const std::unique_ptr<DIR, Close> directory{::opendir("/sys/class/net")};
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        const std::string name = entry->d_name;
        const auto text = sys::read_file(AT_FDCWD, ("/sys/class/net/" + name + "/address").c_str());
        if (text && *text == wanted) return name;
    }
    return {};
}

Outcome<void> rename(const std::string& from, const std::string& to) {
    InterfaceCall call{from};
    std::memset(call.request().ifr_newname, 0, IFNAMSIZ);
    to.copy(call.request().ifr_newname, IFNAMSIZ - 1);
    return call(SIOCSIFNAME, "naming it");
}

/// Where another interface has the name (the kernel's order is not the configuration's), it gets
/// this one's in exchange.
Outcome<void> exchange_names(const std::string& one, const std::string& other) {
    if (::if_nametoindex(other.c_str()) == 0) return rename(one, other);
    constexpr const char* meanwhile = "kos-renamed";
    KOS_TRY(rename(other, meanwhile));
    KOS_TRY(rename(one, other));
    return rename(meanwhile, one);
}

Outcome<void> set_flags_up(const std::string& name) {
    InterfaceCall call{name};
    KOS_TRY(call(SIOCGIFFLAGS, "looking at it"));
    call.request().ifr_flags = static_cast<short>(call.request().ifr_flags | IFF_UP | IFF_RUNNING);
    return call(SIOCSIFFLAGS, "bringing it up");
}

Outcome<void> add_default_route(const std::string& interface, Ipv4Address gateway) {
    rtentry route{};
    put_address(route.rt_dst, 0);
    put_address(route.rt_genmask, 0);
    put_address(route.rt_gateway, gateway);
    std::string device = interface;
    route.rt_dev = device.data();
    route.rt_flags = RTF_UP | RTF_GATEWAY;
    const sys::UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    return explain(sys::done(::ioctl(socket.get(), SIOCADDRT, &route)), ErrorCode::GuestNetwork,
                   interface, "gateway " + to_text(gateway));
}

Outcome<void> write_etc(const char* name, const std::string& text) {
    const auto etc =
        KOS_TRY(explain(sys::open(AT_FDCWD, "/etc", O_DIRECTORY | O_RDONLY | O_CLOEXEC),
                        ErrorCode::GuestMount, "/etc"));
    return explain(sys::replace_file(etc.get(), name, text, 0644), ErrorCode::GuestMount,
                   std::string{"/etc/"} + name);
}

}  // namespace

std::string hosts_file(const GuestConfig& config, Ipv4Address own_address) {
    std::string text =
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n";
    text += own_address == 0 ? "127.0.1.1" : to_text(own_address);
    text += "\t" + config.hostname + "\n";
    if (config.services) {
        for (const ServiceName& service : config.services->names)
            text += to_text(service.address) + "\t" + service.name + "\n";
    }
    for (const HostEntry& entry : config.hosts) {
        text += entry.address;
        for (const std::string& name : entry.names)
            text += (&name == &entry.names.front() ? "\t" : " ") + name;
        text += "\n";
    }
    return text;
}

std::string resolver_file(const GuestConfig& config, const std::vector<Ipv4Address>& learned) {
    std::string text;
    if (!config.dns_search.empty()) {
        text += "search";
        for (const std::string& domain : config.dns_search) text += " " + domain;
        text += "\n";
    }
    for (const std::string& server : config.dns_servers) text += "nameserver " + server + "\n";
    for (const Ipv4Address server : learned) text += "nameserver " + to_text(server) + "\n";
    return text;
}

Outcome<void> write_names(const GuestConfig& config, Ipv4Address own_address,
                          const std::vector<Ipv4Address>& learned) {
    KOS_TRY(explain(sys::done(::sethostname(config.hostname.data(), config.hostname.size())),
                    ErrorCode::GuestNetwork, "hostname"));
    KOS_TRY(explain(sys::make_directories("/etc", 0755), ErrorCode::GuestMount, "/etc"));
    KOS_TRY(write_etc("hostname", config.hostname + "\n"));
    KOS_TRY(write_etc("hosts", hosts_file(config, own_address)));
    return write_etc("resolv.conf", resolver_file(config, learned));
}

Outcome<void> bring_up_loopback() { return set_flags_up("lo"); }

Outcome<void> bring_up(const InterfaceConfig& config) {
    const std::string found = config.mac ? name_of(*config.mac) : config.name;
    if (found.empty()) {
        return fail(ErrorCode::GuestNetwork, config.name,
                    "there is no interface with the address " + mac_text(*config.mac));
    }
    if (::if_nametoindex(found.c_str()) == 0) {
        return fail(ErrorCode::GuestNetwork, config.name, "there is no such interface");
    }
    if (found != config.name) KOS_TRY(exchange_names(found, config.name));
    if (config.mtu) {
        InterfaceCall call{config.name};
        call.request().ifr_mtu = *config.mtu;
        KOS_TRY(call(SIOCSIFMTU, "mtu"));
    }
    return set_flags_up(config.name);
}

Outcome<void> set_address(const std::string& interface, const Addressing& addressing) {
    InterfaceCall address{interface};
    put_address(address.request().ifr_addr, addressing.address);
    KOS_TRY(address(SIOCSIFADDR, "address"));
    InterfaceCall mask{interface};
    put_address(mask.request().ifr_netmask, mask_of(addressing.prefix));
    KOS_TRY(mask(SIOCSIFNETMASK, "mask of its network"));
    if (!addressing.gateway) return {};
    return add_default_route(interface, *addressing.gateway);
}

}  // namespace kos::init
