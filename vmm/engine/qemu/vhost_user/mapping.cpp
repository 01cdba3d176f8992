// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/vhost_user/mapping.hpp"

#include "lib/linux/file.hpp"

#include <sys/mman.h>

namespace kos::vhost_user {

sys::Result<Mapping> Mapping::create(sys::Fd file, std::uint64_t offset, std::uint64_t size) {
    const auto status = KOS_TRY(sys::stat(file));
    if (!S_ISREG(status.st_mode) || size == 0 ||
        !range_within(offset, size, static_cast<std::uint64_t>(status.st_size))) {
        return Err{sys::Errno{EINVAL}};
    }
    const std::uint64_t start = align_down(offset, page_size);
    const std::size_t whole = offset - start + size;
    void* const memory =
        ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_SHARED, file, static_cast<off_t>(start));
    if (memory == MAP_FAILED) return sys::last_error();
    const MutableBytes bytes{static_cast<std::byte*>(memory), whole};
    return Mapping{bytes, bytes.subspan(offset - start)};
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
    if (this != &other) {
        unmap();
        whole_ = std::exchange(other.whole_, {});
        bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
}

void Mapping::unmap() {
    if (!whole_.empty()) ::munmap(whole_.data(), whole_.size());
}

sys::Result<void> SharedMemory::map(std::span<const MemoryRegion> regions,
                                    std::span<const sys::UniqueFd> files) {
    std::vector<Mapping> mappings;
    GuestMemory guest;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const MemoryRegion& region = regions[i];
        if (!checked_add(region.user_address, region.size)) return Err{sys::Errno{EINVAL}};
        mappings.push_back(
            KOS_TRY(Mapping::create(files[i].get(), region.mmap_offset, region.size)));
        const auto added = guest.add(GuestAddress{region.guest_address}, mappings.back().bytes());
        if (!added) return Err{sys::Errno{EINVAL}};
    }
    mappings_ = std::move(mappings);
    regions_.assign(regions.begin(), regions.end());
    guest_ = guest;
    return {};
}

void SharedMemory::clear() {
    guest_.clear();
    regions_.clear();
    mappings_.clear();
}

std::optional<GuestAddress> SharedMemory::translate(std::uint64_t user_address) const {
    for (const MemoryRegion& region : regions_) {
        if (user_address >= region.user_address &&
            user_address - region.user_address < region.size) {
            return GuestAddress{region.guest_address} + (user_address - region.user_address);
        }
    }
    return std::nullopt;
}

}  // namespace kos::vhost_user
