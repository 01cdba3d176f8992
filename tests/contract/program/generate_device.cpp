// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Device memory, interrupts and virtual CPUs.
#include "tests/contract/program/generator.hpp"

#include <algorithm>
#include <iterator>

namespace kos::contract {

namespace {

using sel4::Invocation;
using sel4::ObjectType;
using sel4::Word;

constexpr Word virtual_timer = 27;
constexpr Word vcpu_register_count = 24;

/// Registers that hold every value, in all versions' numbering: FAR, TPIDR_EL1, SP_EL1, ELR_EL1 and
/// CNTV_CVAL. The others are written with 0 only: what hardware makes of more is its own affair.
constexpr Word plain_registers[] = {12, 15, 17, 18, 21};

}  // namespace

void Generator::retype_device() {
    struct Product {
        ObjectType type;
        Kind kind;
        Word size_bits;
    };
    constexpr Product products[] = {{ObjectType::HugePage, Kind::DevicePage, 0},
                                    {ObjectType::HugePage, Kind::DevicePage, 0},
                                    {ObjectType::LargePage, Kind::DevicePage, 0},
                                    {ObjectType::SmallPage, Kind::DevicePage, 0},
                                    {ObjectType::Untyped, Kind::DeviceUntyped, 30},
                                    {ObjectType::Untyped, Kind::DeviceUntyped, 12},
                                    {ObjectType::Endpoint, Kind::Endpoint, 0},
                                    {ObjectType::CNode, Kind::CNode, 4},
                                    {ObjectType::Vcpu, Kind::Vcpu, 0}};
    const Product product = random_.of(std::span<const Product>{products});
    const Word untyped = cap(Kind::DeviceUntyped), first = empty_slot(), count = choose({1, 1, 2});
    invoke(Invocation::UntypedRetype, untyped,
           {sel4::abi().number(product.type), product.size_bits, 0, 0, first, count}, {prop::self});
    effect_ = {Effect::What::Make, first, untyped, 0, count, product.kind};
}

void Generator::device_page_map() {
    const Word page = cap(Kind::DevicePage);
    if (random_.percent(25)) return invoke(Invocation::PageUnmap, page, {}, {});
    if (random_.percent(20)) return invoke(Invocation::PageGetAddress, page, {}, {});
    invoke(Invocation::PageMap, page,
           {nonzero_address(), random_.below(16), choose({0, 0, 1, 4, 5})}, {cap(Kind::VSpace)});
}

void Generator::irq_handler() {
    const Word handler = cap(Kind::IrqHandler);
    switch (random_.below(8)) {
        case 0:
        case 1:
            return invoke(Invocation::IrqHandlerAck, handler, {}, {});
        case 2:
            return invoke(Invocation::IrqHandlerClear, handler, {}, {});
        case 3: {
            const auto any = static_cast<Invocation>(random_.below(sel4::invocation_count));
            return invoke(any, cap(Kind::Domain), {0, 0}, {cap(Kind::Tcb)});
        }
        default:
            return invoke(Invocation::IrqHandlerSetNotification, handler, {},
                          {cap(random_.percent(90) ? Kind::Notification : Kind::Endpoint)});
    }
}

/// The kernel's only capability to IRQ control cannot be copied, so it stays with the initial
/// thread, which makes these invocations. No device raises the interrupts that are asked for.
void Generator::irq_control() {
    const Place to = place(empty_slot());
    const Word irq = choose({100, 101, 102, 103, 0, 25, 26, virtual_timer, 159, 160, ~Word{0}});
    if (random_.percent(50)) {
        invoke(Invocation::IrqControlGet, sel4::root_slot::irq_control.value,
               {irq, to.index, to.depth}, {0});
    } else {
        invoke(Invocation::IrqControlGetTrigger, sel4::root_slot::irq_control.value,
               {irq, choose({0, 1, 7}), to.index, to.depth}, {0});
    }
    call_.by_initial_thread = true;
    if (to.slot != 0) effect_ = {Effect::What::Make, to.slot, 0, 0, 1, Kind::IrqHandler};
}

void Generator::vcpu() {
    const Word vcpu = cap(Kind::Vcpu);
    const Word number = choose({0, random_.below(vcpu_register_count), vcpu_register_count,
                                ~Word{0}, random_.of(std::span<const Word>{plain_registers})});
    switch (random_.below(8)) {
        case 0:
        case 1:
            // Only threads that never run: a thread with a VCPU is a guest, whose exceptions do not
            // reach the kernel.
            return invoke(Invocation::VcpuSetTcb, vcpu, {},
                          {random_.percent(85) ? playground_.find(random_, Kind::GuestTcb)
                                               : playground_.find(random_, Kind::Endpoint)});
        case 2:
        case 3:
            return invoke(Invocation::VcpuReadRegs, vcpu, {number}, {});
        case 4: {
            const bool is_plain = std::find(std::begin(plain_registers), std::end(plain_registers),
                                            number) != std::end(plain_registers);
            return invoke(Invocation::VcpuWriteRegs, vcpu, {number, is_plain ? any_badge() : 0},
                          {});
        }
        case 5:
        case 6:
            return invoke(Invocation::VcpuInjectIrq, vcpu,
                          {choose({0, 3, 3, 4, 255}) << 32 | choose({0, 1, 1, 2}) << 24 |
                           choose({0, 31, 31, 32}) << 16 | choose({27, 40, 1023, 1024})},
                          {});
        default:
            return invoke(Invocation::VcpuAckVppi, vcpu,
                          {choose({virtual_timer, virtual_timer, 26, 30, 159, 160, ~Word{0}})}, {});
    }
}

/// Modes of EL1 that only a thread with a VCPU may have; never so that it would run.
void Generator::guest_registers() {
    const Word guest = playground_.find(random_, Kind::GuestTcb);
    if (random_.percent(40)) return invoke(Invocation::TcbReadRegisters, guest, {0, 3}, {});
    invoke(Invocation::TcbWriteRegisters, guest,
           {0, 3, 0x1000, 0x2000, choose({0x3c5, 0x3c4, 0x3c9, 0x1f, 0xf000'0000})}, {});
}

}  // namespace kos::contract
