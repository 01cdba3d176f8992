// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "disks.hpp"

#include "report.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace kos::test_guest {

namespace {

constexpr double slice_seconds = 0.15;
constexpr unsigned rounds = 10;
constexpr std::array disks{"qemu", "vhost_user_blk", "kos"};

/// What is asked of a disk, \p depth requests under way at once. A flush is a write and fdatasync.
struct Load {
    enum class Kind { Read, Write, Flush } kind;
    bool random;
    std::size_t size;
    unsigned depth;
};
constexpr std::array<Load, 9> loads{{
    {Load::Kind::Read, false, 1 << 20, 1},
    {Load::Kind::Read, false, 128 << 10, 1},
    {Load::Kind::Read, true, 4 << 10, 1},
    {Load::Kind::Read, true, 4 << 10, 8},
    {Load::Kind::Write, false, 1 << 20, 1},
    {Load::Kind::Write, false, 128 << 10, 1},
    {Load::Kind::Write, true, 4 << 10, 1},
    {Load::Kind::Write, true, 4 << 10, 8},
    {Load::Kind::Flush, true, 4 << 10, 1},
}};

const char* name_of(Load::Kind kind) {
    switch (kind) {
        case Load::Kind::Read:
            return "read";
        case Load::Kind::Write:
            return "write";
        case Load::Kind::Flush:
            return "flush";
    }
    return "";
}

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Past the guest's page cache, so that each request reaches the device.
class MeasuredDisk {
   public:
    explicit MeasuredDisk(const char* serial)
        : serial_(serial), fd_(open(disk_of(serial).c_str(), O_RDWR | O_DIRECT | O_CLOEXEC)) {
        check(fd_ >= 0 && ioctl(fd_, BLKGETSIZE64, &size_) == 0, "measure", serial);
        check(syscall(SYS_io_setup, most_depth, &context_) == 0, "measure", "io_setup");
        for (char*& buffer : buffers_) {
            buffer = static_cast<char*>(std::aligned_alloc(4096, most_size));
            std::memset(buffer, 7, most_size);
        }
    }

    void measure(const Load& load) {
        const double start = now();
        std::uint64_t done = 0;
        for (unsigned i = 0; i < load.depth; ++i) submit(load, i);
        while (now() - start < slice_seconds) {
            for (const io_event& event : wait()) {
                ++done;
                finish(load, event);
                submit(load, static_cast<unsigned>(event.data));
            }
        }
        for (unsigned left = load.depth; left != 0;) left -= static_cast<unsigned>(wait().size());
        const double taken = now() - start;
        done += load.depth;
        std::printf("measure %s %s %s %zu %u %llu %.6f\n", serial_, name_of(load.kind),
                    load.random ? "random" : "sequential", load.size, load.depth,
                    static_cast<unsigned long long>(done), taken);
        std::fflush(stdout);
    }

   private:
    static constexpr unsigned most_depth = 8;
    static constexpr std::size_t most_size = 1 << 20;

    void submit(const Load& load, unsigned slot) {
        const std::uint64_t places = size_ / load.size;
        const std::uint64_t place = load.random ? random() % places : next_++ % places;
        iocb request{};
        request.aio_data = slot;
        request.aio_lio_opcode = load.kind == Load::Kind::Read ? std::uint16_t{IOCB_CMD_PREAD}
                                                               : std::uint16_t{IOCB_CMD_PWRITE};
        request.aio_fildes = static_cast<std::uint32_t>(fd_);
        request.aio_buf = reinterpret_cast<std::uintptr_t>(buffers_[slot]);
        request.aio_nbytes = load.size;
        request.aio_offset = static_cast<std::int64_t>(place * load.size);
        iocb* list = &request;
        check(syscall(SYS_io_submit, context_, 1L, &list) == 1, "measure", "io_submit");
    }

    std::vector<io_event> wait() {
        std::array<io_event, most_depth> events{};
        const long count =
            syscall(SYS_io_getevents, context_, 1L, long{most_depth}, events.data(), nullptr);
        check(count > 0, "measure", "io_getevents");
        return {events.begin(), events.begin() + count};
    }

    void finish(const Load& load, const io_event& event) {
        check(event.res == static_cast<std::int64_t>(load.size), "measure", serial_);
        if (load.kind == Load::Kind::Flush) check(fdatasync(fd_) == 0, "measure", "fdatasync");
    }

    std::uint64_t random() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }

    const char* serial_;
    int fd_;
    std::uint64_t size_ = 0;
    aio_context_t context_ = 0;
    std::array<char*, most_depth> buffers_{};
    std::uint64_t state_ = 88172645463325252, next_ = 0;
};

}  // namespace

std::string read_text(const std::string& path) {
    std::string text(256, 0);
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? 0 : read(fd, text.data(), text.size());
    if (fd >= 0) close(fd);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string disk_of(const std::string& serial) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        DIR* const folder = opendir("/sys/block");
        while (const dirent* entry = folder != nullptr ? readdir(folder) : nullptr) {
            const std::string name = entry->d_name;
            if (read_text("/sys/block/" + name + "/serial") != serial) continue;
            closedir(folder);
            return "/dev/" + name;
        }
        if (folder != nullptr) closedir(folder);
        usleep(20000);
    }
    fail("disk", "none has the serial " + serial);
}

void measure_disks() {
    std::vector<MeasuredDisk> measured;
    measured.reserve(disks.size());
    for (const char* serial : disks) measured.emplace_back(serial);
    for (unsigned round = 0; round < rounds; ++round) {
        for (const Load& load : loads) {
            // None is always the first.
            for (std::size_t i = 0; i < measured.size(); ++i) {
                measured[(i + round) % measured.size()].measure(load);
            }
        }
    }
}

}  // namespace kos::test_guest
