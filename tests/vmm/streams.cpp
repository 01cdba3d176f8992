// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "streams.hpp"

#include "report.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <sys/socket.h>
#include <vector>
// Needs sys/socket.h before it.
#include <linux/vm_sockets.h>

namespace kos::test_guest {

namespace {

constexpr unsigned echo_port = 1000, own_port = 1002;
constexpr std::size_t mebibyte = 1 << 20;
/// After so many bytes the pattern begins again.
constexpr std::size_t period = 251 * 256;

std::vector<char> pattern(std::size_t size) {
    std::vector<char> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
    return bytes;
}

int stream_socket(unsigned cid, unsigned port, decltype(&connect) attach, const char* name) {
    const int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
    sockaddr_vm address{};
    address.svm_family = AF_VSOCK;
    address.svm_cid = cid;
    address.svm_port = port;
    check(fd >= 0 && attach(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          name, "a stream's socket");
    return fd;
}

bool send_all(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t part = send(fd, data, size, MSG_NOSIGNAL);
        if (part <= 0) return false;
        data += part;
        size -= static_cast<std::size_t>(part);
    }
    return true;
}

class Crc32 {
   public:
    Crc32() {
        for (std::uint32_t i = 0; i < table_.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1) * 0xedb88320;
            table_[i] = value;
        }
    }
    void add(const char* data, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            value_ = value_ >> 8 ^ table_[(value_ ^ static_cast<unsigned char>(data[i])) & 0xff];
        }
    }
    [[nodiscard]] std::uint32_t value() const { return ~value_; }

   private:
    std::array<std::uint32_t, 256> table_{};
    std::uint32_t value_ = 0xffffffff;
};

void echo(int fd) {
    std::array<char, 65536> bytes;
    for (ssize_t size = 0; (size = recv(fd, bytes.data(), bytes.size(), 0)) > 0;) {
        if (!send_all(fd, bytes.data(), static_cast<std::size_t>(size))) return;
    }
}

void write_pattern(int fd) {
    std::uint32_t count = 0;
    if (recv(fd, &count, sizeof count, MSG_WAITALL) != sizeof count) return;
    const std::vector<char> bytes = pattern(period);
    for (std::size_t left = count * mebibyte; left > 0;) {
        const std::size_t size = std::min(left, bytes.size());
        if (!send_all(fd, bytes.data(), size)) return;
        left -= size;
    }
}

void digest(int fd) {
    std::array<char, 65536> bytes;
    Crc32 crc;
    std::uint64_t total = 0;
    for (ssize_t size = 0; (size = recv(fd, bytes.data(), bytes.size(), 0)) > 0;) {
        crc.add(bytes.data(), static_cast<std::size_t>(size));
        total += static_cast<std::uint64_t>(size);
    }
    const std::array<std::uint64_t, 2> answer{total, crc.value()};
    send_all(fd, reinterpret_cast<const char*>(answer.data()), sizeof answer);
}

/// In a process of its own; \p go is a pipe between those.
void serve(char kind, int fd, const std::array<int, 2>& go) {
    char byte = 0;
    if (kind == 'E') echo(fd);
    if (kind == 'W') write_pattern(fd);
    if (kind == 'G' && write(go[1], "g", 1) == 1) send_all(fd, "g", 1);
    if (kind == 'D' || (kind == 'S' && read(go[0], &byte, 1) == 1)) digest(fd);
    // The host ends first: what it has not read is not cut off.
    shutdown(fd, SHUT_WR);
    while (recv(fd, &byte, 1, 0) > 0) {
    }
}

}  // namespace

void open_streams(int count, int at_once) {
    const char* const name = "vsock-open";
    constexpr std::size_t size = 1500;
    const std::vector<char> sent = pattern(size + static_cast<std::size_t>(count));
    for (int first = 0; first < count; first += at_once) {
        std::vector<int> fds;
        for (int i = 0; i < at_once; ++i) {
            fds.push_back(stream_socket(VMADDR_CID_HOST, echo_port, connect, name));
        }
        // Every stream has bytes of its own, and ends its half before any is read.
        for (int i = 0; i < at_once; ++i) {
            const int fd = fds[static_cast<std::size_t>(i)];
            check(send_all(fd, sent.data() + first + i, size) && shutdown(fd, SHUT_WR) == 0, name,
                  "send");
        }
        for (int i = 0; i < at_once; ++i) {
            const int fd = fds[static_cast<std::size_t>(i)];
            std::array<char, size + 1> got;
            const ssize_t end = recv(fd, got.data(), got.size(), MSG_WAITALL);
            check(end == ssize_t{size} &&
                      std::equal(got.begin(), got.end() - 1, sent.begin() + first + i),
                  name, "stream " + std::to_string(first + i) + " came back changed");
            close(fd);
        }
    }
    std::printf("ok vsock-open %d\n", count);
}

void serve_streams() {
    const char* const name = "vsock-serve";
    const int listener = stream_socket(VMADDR_CID_ANY, own_port, bind, name);
    std::array<int, 2> go{};
    check(listen(listener, 256) == 0 && pipe(go.data()) == 0, name, "listen");
    std::signal(SIGCHLD, SIG_IGN);
    std::printf("ready vsock-serve\n");
    std::fflush(stdout);
    for (;;) {
        const int fd = accept(listener, nullptr, nullptr);
        check(fd >= 0, name, "accept");
        char kind = 0;
        check(recv(fd, &kind, 1, 0) == 1, name, "a stream does not say what it wants");
        if (kind == 'Q') break;
        const pid_t child = fork();
        check(child >= 0, name, "fork");
        if (child == 0) {
            close(listener);
            serve(kind, fd, go);
            _exit(0);
        }
        close(fd);
    }
    std::printf("ok vsock-serve\n");
}

}  // namespace kos::test_guest
