// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/vcpu/registers.hpp"

#include <array>

namespace kos::vmm {

namespace {

using Context = sel4::UserContext;
constexpr std::array<sel4::Word Context::*, 31> members{
    &Context::x0,  &Context::x1,  &Context::x2,  &Context::x3,  &Context::x4,  &Context::x5,
    &Context::x6,  &Context::x7,  &Context::x8,  &Context::x9,  &Context::x10, &Context::x11,
    &Context::x12, &Context::x13, &Context::x14, &Context::x15, &Context::x16, &Context::x17,
    &Context::x18, &Context::x19, &Context::x20, &Context::x21, &Context::x22, &Context::x23,
    &Context::x24, &Context::x25, &Context::x26, &Context::x27, &Context::x28, &Context::x29,
    &Context::x30};

}  // namespace

sel4::Word general_register(const sel4::UserContext& context, unsigned number) {
    return number < members.size() ? context.*members[number] : 0;
}

void set_general_register(sel4::UserContext& context, unsigned number, sel4::Word value) {
    if (number < members.size()) context.*members[number] = value;
}

sel4::UserContext start_context(sel4::Word entry, sel4::Word x0) {
    sel4::UserContext context{};
    context.pc = entry;
    context.spsr = start_spsr;
    context.x0 = x0;
    return context;
}

}  // namespace kos::vmm
