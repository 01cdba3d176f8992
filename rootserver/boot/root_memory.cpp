// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/root_memory.hpp"

#include <algorithm>
#include <bit>

namespace kos::rootserver {

namespace {

constexpr caps::CNodeWindow kernel_made_cnode{
    {sel4::Cap<sel4::CNode>{sel4::root_slot::cnode}, 0, 0, 0}, 0};

/// The largest piece, as log2, that starts at \p address and is no larger than \p bytes.
unsigned largest_piece(PhysicalAddress address, std::uint64_t bytes) {
    unsigned bits = static_cast<unsigned>(std::bit_width(bytes)) - 1;
    while (!address.is_aligned(std::uint64_t{1} << bits)) --bits;
    return bits;
}

}  // namespace

RootMemory::RootMemory(const sel4::BootInfo& boot_info)
    : untypeds_(nodes_),
      slots_(kernel_made_cnode, boot_info.empty.start,
             std::min<std::uint64_t>(boot_info.empty.count(), max_slots), slot_bitmap_) {
    const std::uint64_t count =
        std::min<std::uint64_t>(boot_info.untyped.count(), sel4::boot_info_max_untypeds);
    for (std::uint64_t i = 0; i < count; ++i) {
        const sel4::UntypedDescription& untyped = boot_info.untypeds[i];
        const bool added = untypeds_.add(PhysicalAddress{untyped.physical_address},
                                         untyped.size_bits, untyped.is_device != 0,
                                         sel4::Cap<sel4::Untyped>{boot_info.untyped.start + i});
        if (!added) panic("RootMemory: more untypeds than the boot information can describe");
    }
}

Attempt<sel4::CPtr> RootMemory::make(sel4::ObjectType type, unsigned size_bits, Subject subject) {
    const auto bytes_bits = static_cast<std::uint8_t>(sel4::abi().size_bits(type, size_bits));
    const auto reserved = caps::reserve(pools(), {&bytes_bits, 1});
    if (!reserved) return Err{trouble_of(subject, reserved.error())};
    const sel4::CPtr made = KOS_TRY(slot(subject));
    KOS_TRY(about(subject, sel4::untyped_retype(untypeds_.node((*reserved)[0]).cap, type, size_bits,
                                                window().at(made.value), 1)));
    return made;
}

Attempt<> RootMemory::make_device_frames(PhysicalAddress start, std::uint64_t count,
                                         unsigned size_bits, const caps::CNodeWindow& window,
                                         std::uint64_t first_slot) {
    const auto type =
        size_bits == large_page_bits ? sel4::ObjectType::LargePage : sel4::ObjectType::SmallPage;
    while (count > 0) {
        const unsigned piece_bits = largest_piece(start, count << size_bits);
        const auto piece = caps::reserve_device(pools(), start, piece_bits);
        if (!piece) return Err{trouble_of({"the device memory at", start.value()}, piece.error())};
        const std::uint64_t in_piece = std::uint64_t{1} << (piece_bits - size_bits);
        for (std::uint64_t made = 0; made < in_piece;) {
            const std::uint64_t batch = std::min(in_piece - made, sel4::retype_fan_out_limit);
            KOS_TRY(about({"the device frames at", start.value()},
                          sel4::untyped_retype(untypeds_.node(*piece).cap, type, 0,
                                               window.at(first_slot + made), batch)));
            made += batch;
        }
        first_slot += in_piece;
        count -= in_piece;
        start = start + (in_piece << size_bits);
    }
    return {};
}

Attempt<sel4::CPtr> RootMemory::slot(Subject subject) {
    const auto number = slots_.allocate();
    if (!number) return trouble(ErrorCode::SlotsExhausted, subject);
    return window().cptr(*number);
}

msg::InventoryRecord RootMemory::inventory() const {
    msg::InventoryRecord record;
    record.untyped_bytes = untypeds_.free_bytes();
    record.slots = slots_.free_slots();
    record.untypeds = untypeds_.free_pieces();
    return record;
}

}  // namespace kos::rootserver
