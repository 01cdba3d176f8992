// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/boot/load.hpp"

namespace kos::vmm {

namespace {

/// Room for the device tree, at the end of memory. Linux takes at most 2 MiB.
constexpr std::uint64_t tree_room = 64 * 1024;

Result<void, LoadFailure> copy(const GuestMemory& memory, GuestAddress to, Bytes from) {
    if (from.empty()) return {};
    const auto target = memory.bytes(to, from.size());
    if (!target) return Err{LoadFailure{LoadError::Memory}};
    std::memcpy(target->data(), from.data(), from.size());
    return {};
}

}  // namespace

std::string_view LoadFailure::text() const {
    switch (error) {
        case LoadError::Kernel:
            return describe(kernel);
        case LoadError::Memory:
            return "kernel and initrd do not fit in the guest's memory";
        case LoadError::Tree:
            return "the device tree is too large: the kernel's command line, or too many devices";
    }
    return "unknown error";
}

Result<LoadedGuest, LoadFailure> load_guest(const GuestMemory& memory, Bytes kernel, Bytes initrd,
                                            GuestDescription guest) {
    const auto placed = place_kernel(kernel);
    if (!placed) return Err{LoadFailure{LoadError::Kernel, placed.error()}};
    const KernelPlace place = *placed;
    const auto initrd_offset = align_up(place.end, page_size);
    const auto initrd_end =
        initrd_offset ? checked_add(*initrd_offset, std::uint64_t{initrd.size()}) : std::nullopt;
    const auto needed = initrd_end ? checked_add(*initrd_end, tree_room) : std::nullopt;
    if (!needed || *needed > guest.memory.size) return Err{LoadFailure{LoadError::Memory}};

    const GuestAddress start = guest.memory.start;
    const GuestAddress entry = start + place.offset;
    if (!initrd.empty()) guest.initrd = {start + *initrd_offset, initrd.size()};
    KOS_TRY(copy(memory, entry, kernel));
    KOS_TRY(copy(memory, start + *initrd_offset, initrd));

    const GuestAddress tree = start + (guest.memory.size - tree_room);
    const auto room = memory.bytes(tree, tree_room);
    if (!room) return Err{LoadFailure{LoadError::Memory}};
    if (!write_device_tree(guest, *room)) return Err{LoadFailure{LoadError::Tree}};
    return LoadedGuest{entry, tree};
}

}  // namespace kos::vmm
