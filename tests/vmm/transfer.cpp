// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "transfer.hpp"

#include "report.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <net/if.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <vector>
// Needs sys/socket.h before it.
#include <linux/vm_sockets.h>

namespace kos::test_guest {

namespace {

constexpr double seconds = 1.5;
constexpr std::uint16_t port = 5201;

/// An interface by its address, this end's and the host's; vsock has none of these.
struct Link {
    const char *name, *mac, *own, *host;
};
constexpr Link vsock{"vsock", nullptr, nullptr, nullptr};
constexpr std::array<Link, 2> interfaces{{{"kos", "02:6b:6f:73:00:01", "10.1.0.2", "10.1.0.1"},
                                          {"qemu", "02:6b:6f:73:00:02", "10.2.0.2", "10.2.0.1"}}};

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

sockaddr_in ip_address(const char* text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

void set_up(const Link& which) {
    std::string name;
    for (const char* candidate : {"eth0", "eth1"}) {
        std::ifstream file{std::string{"/sys/class/net/"} + candidate + "/address"};
        std::string mac;
        if (file >> mac && mac == which.mac) name = candidate;
    }
    check(!name.empty(), "net", "an interface is missing");
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    sockaddr_in value = ip_address(which.own);
    std::memcpy(&request.ifr_addr, &value, sizeof value);
    check(ioctl(fd, SIOCSIFADDR, &request) == 0, "net", "address");
    value = ip_address("255.255.255.0");
    std::memcpy(&request.ifr_netmask, &value, sizeof value);
    check(ioctl(fd, SIOCSIFNETMASK, &request) == 0, "net", "mask");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    check(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "net", "up");
    close(fd);
}

int connect_ip(const char* host) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = ip_address(host);
    check(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "net",
          "connect");
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

int connect_vsock() {
    const int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
    sockaddr_vm address{};
    address.svm_family = AF_VSOCK;
    address.svm_cid = VMADDR_CID_HOST;
    address.svm_port = port;
    check(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "vsock",
          "connect");
    return fd;
}

/// A stream to the host, which is told what is to come.
int open_stream(const Link& which, char what) {
    const int fd = which.host == nullptr ? connect_vsock() : connect_ip(which.host);
    check(write(fd, &what, 1) == 1, which.name, "write");
    return fd;
}

void tell(const Link& which, const char* load, double rate) {
    std::printf("measure %s %s %.2f\n", which.name, load, rate);
    std::fflush(stdout);
}

void measure_sending(const Link& which) {
    const int fd = open_stream(which, 's');
    std::vector<char> data(256 << 10, 'x');
    const double start = now();
    double sent = 0;
    while (now() - start < seconds) {
        const ssize_t size = write(fd, data.data(), data.size());
        check(size > 0, "net", "write");
        sent += static_cast<double>(size);
    }
    // What is in flight counts once the host has it.
    shutdown(fd, SHUT_WR);
    char last = 0;
    check(read(fd, &last, 1) == 1, "net", "answer");
    tell(which, "send", sent / (now() - start) / 1e6);
    close(fd);
}

void measure_receiving(const Link& which) {
    const int fd = open_stream(which, 'r');
    std::vector<char> data(256 << 10);
    const double start = now();
    double received = 0;
    ssize_t size = 0;
    while ((size = read(fd, data.data(), data.size())) > 0) received += static_cast<double>(size);
    tell(which, "receive", received / (now() - start) / 1e6);
    close(fd);
}

void measure_round_trips(const Link& which) {
    const int fd = open_stream(which, 'e');
    const double start = now();
    double count = 0;
    for (char byte = 0; now() - start < seconds; ++count) {
        check(write(fd, &byte, 1) == 1 && read(fd, &byte, 1) == 1, "net", "round trip");
    }
    tell(which, "round-trips", count / (now() - start));
    close(fd);
}

}  // namespace

void measure_networks() {
    for (const Link& which : interfaces) set_up(which);
    for (int round = 0; round < 3; ++round) {
        for (const Link& which : {interfaces[0], interfaces[1], vsock}) {
            measure_sending(which);
            measure_receiving(which);
            measure_round_trips(which);
        }
    }
}

}  // namespace kos::test_guest
