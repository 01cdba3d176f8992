// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/entropy.hpp"

#include "lib/linux/file.hpp"

#include <array>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

namespace kos::init {

namespace {

bool is_seeded() {
    std::array<char, 1> byte{};
    return ::getrandom(byte.data(), byte.size(), GRND_NONBLOCK) == 1;
}

}  // namespace

bool seed_random() {
    if (is_seeded()) return true;
    const auto source = sys::open(AT_FDCWD, "/dev/hwrng", O_RDONLY | O_CLOEXEC);
    const auto target = sys::open(AT_FDCWD, "/dev/random", O_WRONLY | O_CLOEXEC);
    if (!source || !target) return false;
    constexpr int size = 64;
    // rand_pool_info, whose last member has no size.
    struct {
        int entropy_count = 0;
        int buf_size = 0;
        std::array<char, size> bytes{};
    } pool;
    const ssize_t got = ::read(source->get(), pool.bytes.data(), size);
    if (got <= 0) return false;
    pool.buf_size = static_cast<int>(got);
    pool.entropy_count = static_cast<int>(got) * 8;
    return ::ioctl(target->get(), RNDADDENTROPY, &pool) == 0 && is_seeded();
}

}  // namespace kos::init
