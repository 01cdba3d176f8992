// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/backend/file_disk.hpp"

#include "lib/linux/file.hpp"
#include "vmm/engine/qemu/backend/io_vectors.hpp"

#include <fcntl.h>

namespace kos::qemu {

namespace {

using virtio::DiskError;

constexpr auto io_error = Err{DiskError::Io};

}  // namespace

sys::Result<FileDisk> FileDisk::open(const std::string& path, bool read_only) {
    sys::UniqueFd file = KOS_TRY(sys::open(AT_FDCWD, path.c_str(), read_only ? O_RDONLY : O_RDWR));
    // A block device has no size to stat; its end has an offset.
    const off_t end = KOS_TRY(sys::check(::lseek(file.get(), 0, SEEK_END)));
    const auto size = static_cast<std::uint64_t>(end);
    const std::uint64_t sectors =
        (size + (read_only ? virtio::sector_size - 1 : 0)) / virtio::sector_size;
    return FileDisk{std::move(file), sectors, read_only};
}

Result<void, DiskError> FileDisk::read(std::uint64_t offset, virtio::WritableBuffers target) {
    while (!target.empty()) {
        const IoVectors parts{target};
        const ssize_t size =
            ::preadv(file_.get(), parts.data(), parts.size(), static_cast<off_t>(offset));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return io_error;
        if (size == 0) break;
        target.skip(static_cast<std::uint64_t>(size));
        offset += static_cast<std::uint64_t>(size);
    }
    // Behind the end: the rest of the last sector, or a file that was cut meanwhile.
    if (target.size() >= virtio::sector_size) return io_error;
    target.fill_zero(target.size());
    return {};
}

Result<void, DiskError> FileDisk::write(std::uint64_t offset, virtio::ReadableBuffers source) {
    while (!source.empty()) {
        const IoVectors parts{source};
        const ssize_t size =
            ::pwritev(file_.get(), parts.data(), parts.size(), static_cast<off_t>(offset));
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return io_error;
        source.skip(static_cast<std::uint64_t>(size));
        offset += static_cast<std::uint64_t>(size);
    }
    return {};
}

Result<void, DiskError> FileDisk::flush() {
    if (::fdatasync(file_.get()) != 0) return io_error;
    return {};
}

Result<void, DiskError> FileDisk::discard(std::uint64_t offset, std::uint64_t size) {
    const int done = ::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                 static_cast<off_t>(offset), static_cast<off_t>(size));
    // Keeping the bytes is as good.
    if (done != 0 && errno != EOPNOTSUPP) return io_error;
    return {};
}

Result<void, DiskError> FileDisk::write_zeroes(std::uint64_t offset, std::uint64_t size,
                                               bool may_unmap) {
    const int mode = may_unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;
    if (::fallocate(file_.get(), mode | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                    static_cast<off_t>(size)) == 0) {
        return {};
    }
    if (errno != EOPNOTSUPP) return io_error;
    static const std::array<std::byte, 65536> zeroes{};
    while (size != 0) {
        const std::uint64_t part = std::min<std::uint64_t>(size, zeroes.size());
        const ssize_t written =
            ::pwrite(file_.get(), zeroes.data(), part, static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return io_error;
        offset += static_cast<std::uint64_t>(written);
        size -= static_cast<std::uint64_t>(written);
    }
    return {};
}

}  // namespace kos::qemu
