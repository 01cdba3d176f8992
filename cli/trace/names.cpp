// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/trace/names.hpp"

#include "rootserver/boot/root_cspace.hpp"

#include <algorithm>

namespace kos::trace {

namespace {

using rootserver::RootCSpace;
namespace top_slot = rootserver::top_slot;

constexpr sel4::Word index_in_second_level(sel4::CPtr cap) {
    return cap.value & ((sel4::Word{1} << RootCSpace::second_level_bits) - 1);
}
constexpr sel4::Word top_slot_of(sel4::CPtr cap) {
    return cap.value >> RootCSpace::second_level_bits;
}

std::string numbered(const std::string& name, std::uint64_t number) {
    return name + "[" + std::to_string(number) + "]";
}

/// As reports have it, in one word.
std::string word_for(caps::ObjectKind kind) {
    if (kind == caps::ObjectKind::AppCNode) return "cspace";
    std::string word{caps::name_of(kind)};
    std::replace(word.begin(), word.end(), ' ', '-');
    return word;
}

}  // namespace

std::string name_of(sel4::ObjectType type) {
    static constexpr std::array<std::string_view, sel4::object_type_count> names{
        "untyped",   "TCB",    "endpoint", "notification", "CNode",      "SchedContext", "reply",
        "huge-page", "VSpace", "page",     "large-page",   "page-table", "VCPU"};
    return std::string{names[static_cast<std::size_t>(type)]};
}

Names::Names(const manifest::ImageView& image, const sel4::KernelAbi& abi) {
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        const manifest::App app = image.app(number);
        apps_.push_back({std::string{image.text(app.name)}, caps::ObjectList::create(app, abi)});
    }
    namespace slot = sel4::root_slot;
    given_ = {{slot::tcb.value, "root.tcb"},
              {slot::cnode.value, "root.cnode"},
              {slot::vspace.value, "root.vspace"},
              {slot::irq_control.value, "root.irq-control"},
              {slot::asid_control.value, "root.asid-control"},
              {slot::asid_pool.value, "root.asid-pool"},
              {slot::ipc_buffer.value, "root.ipc-buffer"},
              {slot::sched_context.value, "root.sched-context"}};
}

bool Names::is_of_app(sel4::CPtr cap) const {
    const sel4::Word top = top_slot_of(cap);
    return top >= top_slot::first_app && top - top_slot::first_app < apps_.size();
}

std::string Names::of(sel4::CPtr cap) const {
    if (cap.value == 0) return "null";
    if (is_of_app(cap)) {
        return of_app(top_slot_of(cap) - top_slot::first_app, index_in_second_level(cap));
    }
    if (top_slot_of(cap) == top_slot::image_frames) {
        return numbered("image.page", index_in_second_level(cap));
    }
    const auto given = given_.find(cap.value);
    return given == given_.end() ? "a free slot" : given->second;
}

std::string Names::of(const SlotPath& slot) const {
    if (const auto cap = cptr_of(slot)) return of(*cap);
    if (top_level_ && slot.root == *top_level_) return numbered("root.top-level", slot.index);
    return numbered(of(slot.root), slot.index);
}

std::string Names::of_app(std::uint64_t app, std::uint64_t slot) const {
    const AppNames& names = apps_[app];
    for (const caps::ObjectGroup& group : names.objects.groups()) {
        if (slot < group.first_slot || slot - group.first_slot >= group.count) continue;
        const std::string name = names.name + "." + word_for(group.kind);
        return group.count == 1 ? name : numbered(name, slot - group.first_slot);
    }
    const std::uint64_t shared = names.objects.first_shared_slot();
    return slot >= shared ? numbered(names.name + ".shared", slot - shared)
                          : numbered(names.name + ".objects", slot);
}

/// The CPtr of a slot of the CNode that the kernel made, or of one at the top level's slots.
std::optional<sel4::CPtr> Names::cptr_of(const SlotPath& slot) const {
    constexpr sel4::Word whole = RootCSpace::top_bits + RootCSpace::second_level_bits;
    const bool by_top_level = top_level_ && slot.root == *top_level_ && slot.depth == whole;
    if (by_top_level || slot.root == sel4::root_slot::cnode) return sel4::CPtr{slot.index};
    return std::nullopt;
}

std::string Names::made(sel4::CPtr untyped, sel4::ObjectType type, sel4::CPtr first,
                        sel4::Word count) {
    if (top_slot_of(first) == top_slot::kernel_made) {
        for (sel4::Word i = 0; i < count; ++i) {
            given_[first.value + i] = numbered("root." + name_of(type), made_[type]++);
        }
    }
    const std::string name = of(first);
    if (top_slot_of(untyped) == top_slot::kernel_made) {
        given_.try_emplace(untyped.value, "untyped of " + name);
    }
    return name;
}

void Names::give(const SlotPath& slot, const std::string& name) {
    const auto cap = cptr_of(slot);
    if (cap && top_slot_of(*cap) == top_slot::kernel_made) given_[cap->value] = name;
}

void Names::take(const SlotPath& slot) {
    if (const auto cap = cptr_of(slot)) given_.erase(cap->value);
}

}  // namespace kos::trace
