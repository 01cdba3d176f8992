// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/initial_task.hpp"

#include "hostsim/kernel/boot_memory.hpp"
#include "hostsim/kernel/cnode.hpp"
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/vspace.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace kos::sim {

namespace {

constexpr Asid initial_asid = 1;

/// log2 of the bytes set aside for `size` bytes of extra boot information.
unsigned extra_info_bits(std::uint64_t size) {
    if (size == 0) return 0;
    return std::max<unsigned>(small_page_bits, static_cast<unsigned>(std::bit_width(size - 1)));
}

/// Tables of 2^bits bytes' reach that cover [start, end).
std::uint64_t tables_for(Word start, Word end, unsigned bits) {
    return ((end - 1) >> bits) - (start >> bits) + 1;
}

class InitialTask {
   public:
    InitialTask(State& state, const BootOptions& options) : state_(state), options_(options) {}

    Result<BootedTask, BootError> make() {
        if (!image_is_valid()) return Err{BootError::UserImage};
        const Word image_size = options_.user_image.size();
        ipc_buffer_ = options_.user_image_address + image_size;
        info_address_ = ipc_buffer_ + page_size;
        extra_address_ = info_address_ + page_size;
        if (!options_.device_tree.empty()) {
            extra_size_ = sizeof(sel4::BootInfoChunk) + options_.device_tree.size();
        }
        KOS_TRY(place_objects());
        KOS_TRY(fill());
        return BootedTask{info_address_, ipc_buffer_};
    }

   private:
    using Filled = Result<void, BootError>;

    bool image_is_valid() const {
        const PhysicalRange& image = options_.user_image;
        return image.start.is_aligned(page_size) && image.end.is_aligned(page_size) &&
               options_.user_image_address.is_aligned(page_size) && image.start < image.end &&
               !state_.memory.bytes(image.start, image.size()).empty();
    }

    Word first_address() const { return options_.user_image_address.value(); }
    Word end_address() const {
        const unsigned bits = extra_info_bits(extra_size_);
        return extra_address_.value() + (bits == 0 ? 0 : Word{1} << bits);
    }

    Filled place_objects() {
        BootMemory memory{state_.memory.regions(), options_};
        const Word tables =
            tables_for(first_address(), end_address(), huge_page_bits) +
            tables_for(first_address(), end_address(), small_page_bits + table_index_bits);
        layout_ = KOS_TRY(memory.take_root_objects(
            {options_.root_cnode_bits + slot_bits, extra_info_bits(extra_size_), tables}));
        untypeds_ = memory.untypeds();
        return {};
    }

    Filled fill() {
        make_root_cnode();
        put_fixed(sel4::root_slot::domain, {.kind = CapKind::Domain});
        put_fixed(sel4::root_slot::irq_control, {.kind = CapKind::IrqControl});
        KOS_TRY(make_vspace());
        put_fixed(sel4::root_slot::boot_info, map(layout_.boot_info, info_address_, false));
        info_.extra_pages = KOS_TRY(map_range(layout_.extra_info, extra_address_, extra_size_));
        info_.sched_control = KOS_TRY(put_one({.kind = CapKind::SchedControl}));
        put_fixed(sel4::root_slot::ipc_buffer, map(layout_.ipc_buffer, ipc_buffer_, false));
        info_.user_image_frames = KOS_TRY(map_range(
            options_.user_image.start, options_.user_image_address, options_.user_image.size()));
        make_asids();
        make_thread();
        KOS_TRY(make_untypeds());
        write_boot_info();
        return {};
    }

    // --- Capabilities --------------------------------------------------------------------------
    static void put(Slot& slot, const Capability& cap) {
        slot.cap = cap;
        slot.revocable = slot.first_badged = true;
    }
    Slot& fixed(sel4::CPtr cptr) const { return cnode_->slots()[cptr.value]; }
    void put_fixed(sel4::CPtr cptr, const Capability& cap) const { put(fixed(cptr), cap); }

    Filled put_next(const Capability& cap) {
        if (next_slot_ == cnode_->slots().size()) return Err{BootError::RootCNode};
        put(cnode_->slots()[next_slot_++], cap);
        return {};
    }
    Result<sel4::SlotRegion, BootError> put_one(const Capability& cap) {
        KOS_TRY(put_next(cap));
        return sel4::SlotRegion{next_slot_ - 1, next_slot_};
    }

    void make_root_cnode() {
        const unsigned radix = options_.root_cnode_bits;
        cnode_ = state_.objects.create<CNode>(layout_.cnode, radix);
        put_fixed(sel4::root_slot::cnode,
                  {.kind = CapKind::CNode,
                   .size_bits = static_cast<std::uint8_t>(radix),
                   .guard_bits = static_cast<std::uint8_t>(word_bits - radix),
                   .address = layout_.cnode,
                   .object = cnode_});
    }

    // --- The VSpace ----------------------------------------------------------------------------
    Filled make_vspace() {
        vspace_ = state_.objects.create<VSpace>(layout_.vspace);
        vspace_->asid = initial_asid;
        put_fixed(sel4::root_slot::vspace, {.kind = CapKind::VSpace,
                                            .asid = initial_asid,
                                            .is_mapped = true,
                                            .address = layout_.vspace,
                                            .object = vspace_});
        const Word first = next_slot_;
        KOS_TRY(make_tables(huge_page_bits));
        KOS_TRY(make_tables(small_page_bits + table_index_bits));
        info_.user_image_paging = {first, next_slot_};
        return {};
    }

    /// The tables that each cover 2^bits bytes, over all that the initial thread sees.
    Filled make_tables(unsigned bits) {
        const Word reach = Word{1} << bits;
        for (Word at = first_address() & ~(reach - 1); at < end_address(); at += reach) {
            auto* table = state_.objects.create<PageTable>(layout_.page_tables);
            layout_.page_tables = layout_.page_tables + page_size;
            const WalkEnd end = walk(*vspace_, at);
            end.entry->kind = PageTableEntry::Kind::Table;
            end.entry->table = table;
            KOS_TRY(put_next({.kind = CapKind::PageTable,
                              .asid = initial_asid,
                              .is_mapped = true,
                              .word = at,
                              .address = table->address,
                              .object = table}));
        }
        return {};
    }

    Capability map(PhysicalAddress frame, VirtualAddress address, bool executable) const {
        PageTableEntry entry;
        entry.kind = PageTableEntry::Kind::Frame;
        entry.rights = RightsMask::frame_all;
        entry.size_bits = small_page_bits;
        entry.execute_never = !executable;
        entry.cacheable = true;
        entry.physical = frame.value();
        map_frame(state_, *vspace_, address.value(), *walk(*vspace_, address.value()).entry, entry);
        return {.kind = CapKind::Frame,
                .rights = RightsMask::frame_all,
                .size_bits = small_page_bits,
                .asid = initial_asid,
                .word = address.value(),
                .address = frame};
    }

    Result<sel4::SlotRegion, BootError> map_range(PhysicalAddress from, VirtualAddress to,
                                                  Word size) {
        const Word first = next_slot_;
        for (Word offset = 0; offset < size; offset += page_size) {
            KOS_TRY(put_next(map(from + offset, to + offset, true)));
        }
        return size == 0 ? sel4::SlotRegion{} : sel4::SlotRegion{first, next_slot_};
    }

    void make_asids() {
        auto* pool = state_.objects.create<AsidPool>(layout_.asid_pool);
        state_.asid_table[0] = pool;
        assign_asid(*pool, initial_asid, *vspace_);
        put_fixed(sel4::root_slot::asid_pool,
                  {.kind = CapKind::AsidPool, .address = layout_.asid_pool, .object = pool});
        put_fixed(sel4::root_slot::asid_control, {.kind = CapKind::AsidControl});
    }

    // --- The thread ----------------------------------------------------------------------------
    void install(Thread& thread, ThreadSlot place, sel4::CPtr source) const {
        insert_cap(must(derive(fixed(source), fixed(source).cap), "what was made can be copied"),
                   fixed(source), thread.slot(place));
    }

    void make_thread() {
        auto* thread = state_.objects.create<Thread>(layout_.thread);
        auto* context = state_.objects.create<SchedContext>(layout_.sched_context);
        install(*thread, ThreadSlot::CSpace, sel4::root_slot::cnode);
        install(*thread, ThreadSlot::VSpace, sel4::root_slot::vspace);
        install(*thread, ThreadSlot::IpcBuffer, sel4::root_slot::ipc_buffer);
        thread->ipc_buffer_address = ipc_buffer_.value();
        thread->registers.x[0] = info_address_.value();
        thread->registers.pc = options_.entry.value();
        thread->priority = thread->max_priority = highest_priority;
        thread->state = ThreadState::Running;
        thread->sched_context = context;
        context->thread = thread;
        context->refills.start(min_refills, ticks_from_microseconds(boot_time_slice_microseconds),
                               0, state_.time.now);
        put_fixed(sel4::root_slot::tcb,
                  {.kind = CapKind::Thread, .address = thread->address, .object = thread});
        put_fixed(sel4::root_slot::sched_context, {.kind = CapKind::SchedContext,
                                                   .size_bits = min_sched_context_bits,
                                                   .address = context->address,
                                                   .object = context});
        state_.scheduler.action = SchedulerState::Action::SwitchTo;
        state_.scheduler.candidate = thread;
    }

    // --- Memory and what is told of it ---------------------------------------------------------
    Filled make_untypeds() {
        if (untypeds_.size() > sel4::boot_info_max_untypeds) return Err{BootError::BootInfo};
        const Word first = next_slot_;
        for (const UntypedPiece& piece : untypeds_) {
            info_.untypeds[next_slot_ - first] = {
                piece.address.value(),
                static_cast<std::uint8_t>(piece.size_bits),
                piece.is_device ? std::uint8_t{1} : std::uint8_t{0},
                {}};
            KOS_TRY(put_next({.kind = CapKind::Untyped,
                              .size_bits = static_cast<std::uint8_t>(piece.size_bits),
                              .is_device = piece.is_device,
                              .word = Word{1} << piece.size_bits,
                              .address = piece.address}));
        }
        info_.untyped = {first, next_slot_};
        return {};
    }

    void write_boot_info() {
        info_.extra_length = extra_size_;
        info_.node_count = 1;
        info_.ipc_buffer = ipc_buffer_.value();
        info_.root_cnode_bits = options_.root_cnode_bits;
        info_.empty = {next_slot_, cnode_->slots().size()};
        write(layout_.boot_info, bytes_of(info_));
        if (extra_size_ == 0) return;
        const sel4::BootInfoChunk chunk{sel4::chunk_device_tree, extra_size_};
        write(layout_.extra_info, bytes_of(chunk));
        write(layout_.extra_info + sizeof(chunk), options_.device_tree);
    }
    void write(PhysicalAddress address, Bytes bytes) const {
        std::memcpy(state_.memory.bytes(address, bytes.size()).data(), bytes.data(), bytes.size());
    }

    State& state_;
    const BootOptions& options_;
    VirtualAddress ipc_buffer_, info_address_, extra_address_;
    Word extra_size_ = 0;
    RootLayout layout_;
    std::vector<UntypedPiece> untypeds_;
    CNode* cnode_ = nullptr;
    VSpace* vspace_ = nullptr;
    Word next_slot_ = sel4::root_slot::first_free;
    sel4::BootInfo info_{};
};

}  // namespace

Result<BootedTask, BootError> make_initial_task(State& state, const BootOptions& options) {
    return InitialTask{state, options}.make();
}

}  // namespace kos::sim
