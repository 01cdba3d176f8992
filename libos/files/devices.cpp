// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/devices.hpp"

#include "libos/core/manager.hpp"

#include <cstring>

namespace kos::libos {

namespace {

void describe_pipe(abi::Stat& stat, std::uint64_t inode) {
    stat = {};
    stat.inode = inode;
    stat.mode = abi::mode::fifo | 0600;
    stat.links = 1;
    stat.block_size = 4096;
}

}  // namespace

Outcome<Word> OutputStream::write(Bytes bytes) {
    const Locked locked(lock_);
    return manager::write(stream_, bytes);
}

void OutputStream::describe(abi::Stat& stat) const { describe_pipe(stat, stream_ + 1); }

void EmptyInput::describe(abi::Stat& stat) const { describe_pipe(stat, 1); }

bool MemoryDevice::serves(const cpio::Metadata& metadata) {
    if (metadata.type() != cpio::type_character || metadata.special_major != memory_device::major) {
        return false;
    }
    switch (metadata.special_minor) {
        case memory_device::null:
        case memory_device::zero:
        case memory_device::full:
        case memory_device::random:
        case memory_device::urandom:
            return true;
        default:
            return false;
    }
}

Outcome<Word> MemoryDevice::read(MutableBytes bytes) {
    switch (minor()) {
        case memory_device::null:
            return Word{0};
        case memory_device::zero:
        case memory_device::full:
            std::memset(bytes.data(), 0, bytes.size());
            return Word{bytes.size()};
        default:
            random_.fill(bytes);
            return Word{bytes.size()};
    }
}

Outcome<Word> MemoryDevice::write(Bytes bytes) {
    if (minor() == memory_device::full) return Err{Errno::Enospc};
    return Word{bytes.size()};
}

}  // namespace kos::libos
