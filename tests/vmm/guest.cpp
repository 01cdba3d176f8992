// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// PID 1 of a test guest. Prints a line for each thing that it did ("ok NAME …") and powers off; the
// first thing that fails ends it ("failed NAME: why").

#include "disks.hpp"
#include "report.hpp"
#include "streams.hpp"
#include "transfer.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace {

using kos::test_guest::check;
using kos::test_guest::disk_of;
using kos::test_guest::end;
using kos::test_guest::fail;
using kos::test_guest::read_text;

constexpr std::size_t block = 65536;

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void load_modules() {
    FILE* const list = std::fopen("/modules/list", "re");
    check(list != nullptr, "modules", "no list");
    char name[256];
    while (std::fscanf(list, "%255s", name) == 1) {
        const int fd = open((std::string{"/modules/"} + name).c_str(), O_RDONLY | O_CLOEXEC);
        if (syscall(SYS_finit_module, fd, "", 0) != 0) fail("modules", name);
        close(fd);
    }
    std::fclose(list);
}

/// A block whose bytes tell where it belongs and in which round it was written.
void fill(std::byte* data, std::uint64_t number, std::uint64_t round) {
    auto* const words = reinterpret_cast<std::uint64_t*>(data);
    for (std::size_t i = 0; i < block / 8; ++i) {
        words[i] = (number * 0x9e3779b97f4a7c15 + i) ^ (round << 56);
    }
}

struct Buffer {
    Buffer() : data(static_cast<std::byte*>(std::aligned_alloc(4096, block))) {}
    ~Buffer() { std::free(data); }
    std::byte* data;
};

std::uint64_t size_of(int fd) {
    std::uint64_t size = 0;
    ioctl(fd, BLKGETSIZE64, &size);
    return size;
}

void read_disk() {
    const std::string path = disk_of("linux1");
    const int fd = open(path.c_str(), O_RDONLY | O_DIRECT);
    check(fd >= 0, "blk-read", path);
    int read_only = 0;
    ioctl(fd, BLKROGET, &read_only);
    check(read_only == 1, "blk-read", "the disk is not read-only");
    Buffer buffer;
    std::uint64_t sum = 0xcbf29ce484222325, total = 0;
    for (ssize_t size = 0; (size = read(fd, buffer.data, block)) > 0;) {
        for (ssize_t i = 0; i < size; ++i) {
            sum = (sum ^ static_cast<std::uint64_t>(buffer.data[i])) * 0x100000001b3;
        }
        total += static_cast<std::uint64_t>(size);
    }
    check(total == size_of(fd), "blk-read", "not all could be read");
    std::printf("ok blk-read %llu %016llx\n", static_cast<unsigned long long>(total),
                static_cast<unsigned long long>(sum));
    close(fd);
}

void write_blocks(int fd, std::uint64_t count, std::uint64_t round, const char* name) {
    Buffer buffer;
    for (std::uint64_t i = 0; i < count; ++i) {
        fill(buffer.data, i, round);
        const auto at = static_cast<off_t>(i * block);
        check(pwrite(fd, buffer.data, block, at) == ssize_t{block}, name, "write");
    }
    check(fsync(fd) == 0, name, "flush");
}

void verify_blocks(int fd, std::uint64_t first, std::uint64_t count, std::uint64_t round,
                   const char* name) {
    Buffer expected, seen;
    for (std::uint64_t i = first; i < first + count; ++i) {
        fill(expected.data, i, round);
        const auto at = static_cast<off_t>(i * block);
        check(pread(fd, seen.data, block, at) == ssize_t{block}, name, "read");
        check(std::memcmp(expected.data, seen.data, block) == 0, name,
              "block " + std::to_string(i) + " is not what was written");
    }
}

void write_disk() {
    const std::string path = disk_of("data");
    const int fd = open(path.c_str(), O_RDWR | O_DIRECT);
    check(fd >= 0, "blk-write", path);
    const std::uint64_t count = size_of(fd) / block;
    write_blocks(fd, count, 1, "blk-write");
    verify_blocks(fd, 0, count, 1, "blk-write");

    std::uint64_t range[2] = {0, 4 * block};
    check(ioctl(fd, BLKZEROOUT, range) == 0, "blk-zero", "zeroes");
    Buffer buffer;
    check(pread(fd, buffer.data, block, 3 * block) == ssize_t{block}, "blk-zero", "read");
    for (std::size_t i = 0; i < block; ++i) {
        check(buffer.data[i] == std::byte{0}, "blk-zero", "a byte is not zero");
    }
    range[0] = 8 * block;
    check(ioctl(fd, BLKDISCARD, range) == 0, "blk-discard", "discard");
    verify_blocks(fd, 4, 4, 1, "blk-discard");
    verify_blocks(fd, 12, count - 12, 1, "blk-discard");
    check(fsync(fd) == 0, "blk-write", "flush");
    close(fd);
    std::printf("ok blk-write %llu\n", static_cast<unsigned long long>(count * block));
}

/// Writes and verifies while the host kills and restarts what is behind the disk.
void survive() {
    const int fd = open(disk_of("data").c_str(), O_RDWR | O_DIRECT);
    check(fd >= 0, "blk-restart", "open");
    const std::uint64_t count = size_of(fd) / block;
    std::printf("ready blk-restart\n");
    std::fflush(stdout);
    for (std::uint64_t round = 2; round < 7; ++round) {
        write_blocks(fd, count, round, "blk-restart");
        verify_blocks(fd, 0, count, round, "blk-restart");
    }
    close(fd);
    std::printf("ok blk-restart\n");
}

sockaddr_vm vsock_address(unsigned cid, unsigned port) {
    sockaddr_vm address{};
    address.svm_family = AF_VSOCK;
    address.svm_cid = cid;
    address.svm_port = port;
    return address;
}

int vsock_connect(unsigned port) {
    const int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
    const sockaddr_vm address = vsock_address(VMADDR_CID_HOST, port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

/// Sends a pattern to the host's echo and reads it back at the same time; then ends its half.
void echo_to_host(std::size_t size, const char* name) {
    const int fd = vsock_connect(1000);
    check(fd >= 0, name, "connect");
    std::vector<char> out(size), in(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 7 + i / 251);
    std::size_t sent = 0, received = 0;
    while (received < size) {
        pollfd wait{fd, static_cast<short>(sent < size ? POLLIN | POLLOUT : POLLIN), 0};
        check(poll(&wait, 1, 20000) == 1, name, "timeout");
        if ((wait.revents & POLLOUT) != 0) {
            const ssize_t part = send(fd, out.data() + sent, size - sent, MSG_DONTWAIT);
            if (part > 0) sent += static_cast<std::size_t>(part);
            if (sent == size) shutdown(fd, SHUT_WR);
        }
        if ((wait.revents & (POLLIN | POLLHUP)) != 0) {
            const ssize_t part = recv(fd, in.data() + received, size - received, MSG_DONTWAIT);
            check(part != 0, name, "the host ended early");
            if (part > 0) received += static_cast<std::size_t>(part);
        }
    }
    check(out == in, name, "the bytes are others");
    char rest = 0;
    check(recv(fd, &rest, 1, 0) == 0, name, "the host did not end");
    close(fd);
}

void streams_to_host() {
    check(vsock_connect(4242) < 0, "vsock-refused", "a port without a listener was reached");
    echo_to_host(1 << 20, "vsock-guest");
    std::printf("ok vsock-guest\n");
    double best = 1;
    const int fd = vsock_connect(1000);
    for (int i = 0; i < 300; ++i) {
        char byte = 'x';
        const double start = now();
        check(send(fd, &byte, 1, 0) == 1 && recv(fd, &byte, 1, 0) == 1, "vsock-ping", "ping");
        const double taken = now() - start;
        if (taken < best) best = taken;
    }
    close(fd);
    std::printf("ok vsock-ping %.1f\n", best * 1e6);
}

/// Echoes on port 1001 until the host has opened and ended `count` streams.
void streams_from_host(int count) {
    const int listener = socket(AF_VSOCK, SOCK_STREAM, 0);
    const sockaddr_vm address = vsock_address(VMADDR_CID_ANY, 1001);
    check(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
              listen(listener, 128) == 0,
          "vsock-host", "listen");
    std::printf("ready vsock-host\n");
    std::fflush(stdout);
    std::vector<pollfd> fds{{listener, POLLIN, 0}};
    for (int ended = 0; ended < count;) {
        check(poll(fds.data(), fds.size(), 20000) > 0, "vsock-host", "timeout");
        for (std::size_t i = fds.size(); i-- > 1;) {
            if (fds[i].revents == 0) continue;
            char text[4096];
            const ssize_t size = recv(fds[i].fd, text, sizeof text, 0);
            for (ssize_t at = 0; at < size;) {
                const ssize_t part =
                    send(fds[i].fd, text + at, static_cast<std::size_t>(size - at), 0);
                check(part > 0, "vsock-host", "send");
                at += part;
            }
            if (size > 0) continue;
            close(fds[i].fd);
            fds.erase(fds.begin() + static_cast<std::ptrdiff_t>(i));
            ++ended;
        }
        if (fds[0].revents != 0) {
            const int fd = accept(listener, nullptr, nullptr);
            if (fd >= 0) fds.push_back({fd, POLLIN, 0});
        }
    }
    close(listener);
    std::printf("ok vsock-host %d\n", count);
}

sockaddr_in ip_address(const char* text, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

void set_up_interface(const char* name, const char* address, const char* mask) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    sockaddr_in value = ip_address(address, 0);
    std::memcpy(&request.ifr_addr, &value, sizeof value);
    check(ioctl(fd, SIOCSIFADDR, &request) == 0, "net", "address");
    value = ip_address(mask, 0);
    std::memcpy(&request.ifr_netmask, &value, sizeof value);
    check(ioctl(fd, SIOCSIFNETMASK, &request) == 0, "net", "mask");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    check(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "net", "up");
    close(fd);
}

void packets() {
    set_up_interface("eth0", "10.0.0.2", "255.255.255.0");
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const sockaddr_in peer = ip_address("10.0.0.1", 7);
    check(connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0, "net",
          "connect");
    for (int i = 0; i < 200; ++i) {
        std::string text(static_cast<std::size_t>(1 + i * 7), static_cast<char>('a' + i % 26));
        check(send(fd, text.data(), text.size(), 0) > 0, "net", "send");
        std::string answer(2000, 0);
        pollfd wait{fd, POLLIN, 0};
        check(poll(&wait, 1, 10000) == 1, "net", "timeout");
        const ssize_t size = recv(fd, answer.data(), answer.size(), 0);
        answer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        check(answer == text, "net", "a datagram came back changed");
    }
    close(fd);
    std::printf("ok net\n");
}

void random_bytes() {
    const int fd = open("/dev/hwrng", O_RDONLY);
    char bytes[64] = {};
    check(fd >= 0 && read(fd, bytes, sizeof bytes) == sizeof bytes, "rng", "read");
    int zeroes = 0;
    for (const char byte : bytes) zeroes += byte == 0 ? 1 : 0;
    check(zeroes < 16, "rng", "zeroes");
    close(fd);
    std::printf("ok rng\n");
}

}  // namespace

int main() {
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mkdir("/dev", 0755);
    mount("proc", "/proc", "proc", 0, nullptr);
    mount("sysfs", "/sys", "sysfs", 0, nullptr);
    mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
    const int console = open("/dev/console", O_RDWR);
    if (console >= 0) {
        dup2(console, 0);
        dup2(console, 1);
        dup2(console, 2);
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 4096);
    load_modules();
    const std::string words = " " + read_text("/proc/cmdline") + " ";
    const auto told = [&words](const char* word) { return words.find(word) != words.npos; };
    if (told(" do=read ")) read_disk();
    if (told(" do=write ")) write_disk();
    if (told(" do=rng ")) random_bytes();
    if (told(" do=net ")) packets();
    if (told(" do=streams ")) {
        streams_to_host();
        streams_from_host(61);
    }
    if (told(" do=many-streams ")) {
        kos::test_guest::open_streams(1000, 100);
        kos::test_guest::serve_streams();
    }
    if (told(" do=restart ")) survive();
    if (told(" do=measure-disks ")) kos::test_guest::measure_disks();
    if (told(" do=measure-networks ")) kos::test_guest::measure_networks();
    std::printf("ok all\n");
    end();
}
