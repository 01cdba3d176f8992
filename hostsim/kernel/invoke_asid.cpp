// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// ASIDControl_MakePool and ASIDPool_Assign (manual §7.1.1, A.3.1, A.3.2).
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/lookup.hpp"
#include "hostsim/kernel/vspace.hpp"

#include <algorithm>

namespace kos::sim {

Invoked invoke_asid_control(const Invocation& invocation) {
    if (invocation.label != sel4::Invocation::AsidControlMakePool) {
        return Err{illegal_operation()};
    }
    if (!invocation.carries(2, 2)) return Err{truncated_message()};
    State& state = invocation.state;
    Slot& untyped = *invocation.extra_cap(0);
    const auto free = std::find(state.asid_table.begin(), state.asid_table.end(), nullptr);
    if (free == state.asid_table.end()) return Err{delete_first()};
    if (untyped.cap.kind != CapKind::Untyped || untyped.cap.size_bits != asid_pool_bits ||
        untyped.cap.is_device) {
        return Err{invalid_capability(1)};
    }
    KOS_TRY(ensure_no_children(untyped));
    Slot& destination = *KOS_TRY(
        resolve_slot(invocation.extra_cap(1)->cap, invocation.word(0), invocation.word(1), false));
    KOS_TRY(ensure_empty(destination));

    untyped.cap.word = Word{1} << asid_pool_bits;
    state.memory.zero(untyped.cap.address, Word{1} << asid_pool_bits);
    auto* pool = state.objects.create<AsidPool>(untyped.cap.address);
    Capability cap;
    cap.kind = CapKind::AsidPool;
    cap.object = pool;
    cap.address = pool->address;
    cap.word = static_cast<Word>(free - state.asid_table.begin()) << asids_per_pool_bits;
    insert_cap(cap, untyped, destination);
    *free = pool;
    return {};
}

Invoked invoke_asid_pool(const Invocation& invocation) {
    if (invocation.label != sel4::Invocation::AsidPoolAssign) return Err{illegal_operation()};
    if (!invocation.carries(0, 1)) return Err{truncated_message()};
    Capability& vspace = invocation.extra_cap(0)->cap;
    if (vspace.kind != CapKind::VSpace || vspace.is_mapped) return Err{invalid_capability(1)};
    AsidPool* pool = invocation.state.asid_table[invocation.cap.word >> asids_per_pool_bits];
    if (pool == nullptr) return Err{failed_lookup(false, {LookupFailure::InvalidRoot})};
    if (pool != invocation.cap.object) return Err{invalid_capability(0)};

    for (std::size_t i = 0; i < pool->vspaces.size(); ++i) {
        const auto asid = static_cast<Asid>(invocation.cap.word + i);
        if (asid == 0 || pool->vspaces[i] != nullptr) continue;
        vspace.asid = asid;
        vspace.is_mapped = true;
        assign_asid(*pool, asid, *vspace.as<VSpace>());
        return {};
    }
    return Err{delete_first()};
}

}  // namespace kos::sim
