// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Untypeds, page tables, pages and ASIDs.
#include "tests/contract/program/generator.hpp"

namespace kos::contract {

namespace {

using sel4::Invocation;
using sel4::ObjectType;
using sel4::Word;

struct Product {
    ObjectType type;
    Kind kind;
    Word size_bits;
};

constexpr Product products[] = {
    {ObjectType::Untyped, Kind::Untyped, 12},
    {ObjectType::Untyped, Kind::Untyped, 6},
    {ObjectType::Tcb, Kind::Tcb, 0},
    {ObjectType::Endpoint, Kind::Endpoint, 0},
    {ObjectType::Notification, Kind::Notification, 0},
    {ObjectType::CNode, Kind::CNode, 2},
    {ObjectType::CNode, Kind::CNode, 4},
    {ObjectType::SchedContext, Kind::SchedContext, 7},
    {ObjectType::SchedContext, Kind::SchedContext, 9},
    {ObjectType::Reply, Kind::Reply, 0},
    {ObjectType::VSpace, Kind::VSpace, 0},
    {ObjectType::SmallPage, Kind::Page, 0},
    {ObjectType::LargePage, Kind::LargePage, 0},
    {ObjectType::PageTable, Kind::PageTable, 0},
    {ObjectType::HugePage, Kind::LargePage, 0},
    {ObjectType::Vcpu, Kind::Vcpu, 0},
};

}  // namespace

void Generator::retype() {
    const Product product = random_.of(std::span<const Product>{products});
    const Word untyped = cap(Kind::Untyped);
    Word type = sel4::abi().number(product.type);
    Word size_bits = product.size_bits;
    Word count = choose({1, 1, 1, 2, 3});
    const Word first = empty_slot();
    Word index = 0, depth = 0, root = prop::self;
    if (random_.percent(12)) {
        switch (random_.below(5)) {
            case 0:
                type = choose({13, 14, ~Word{0}});
                break;
            case 1:
                size_bits = choose({0, 1, 3, 6, 30, 47, 48, 63, 64, ~Word{0}});
                break;
            case 2:
                count = choose({0, 64, 256, 257, ~Word{0}});
                break;
            case 3:
                index = choose({prop::cnode, prop::self, 1});
                depth = choose({6, 6, 10, 64, 65});
                break;
            default:
                root = cap(Kind::CNode);
                break;
        }
    }
    invoke(Invocation::UntypedRetype, untyped, {type, size_bits, index, depth, first, count},
           {root});
    if (root == prop::self && depth == 0) {
        effect_ = {Effect::What::Make, first, untyped, 0, count, product.kind};
    }
}

void Generator::page_table_map() {
    const Word table = cap(Kind::PageTable);
    if (random_.percent(25)) return invoke(Invocation::PageTableUnmap, table, {}, {});
    invoke(Invocation::PageTableMap, table, {address(), choose({0, 1, 5})}, {cap(Kind::VSpace)});
}

void Generator::page_map() {
    const Word page = cap(random_.percent(85) ? Kind::Page : Kind::LargePage);
    if (random_.percent(20)) return invoke(Invocation::PageUnmap, page, {}, {});
    const Kind kind = playground_.at(page).kind;
    const bool may_hold_instructions = kind == Kind::Page || kind == Kind::LargePage;
    invoke(Invocation::PageMap, page,
           {may_hold_instructions ? address() : nonzero_address(), random_.below(16),
            choose({0, 1, 4, 5})},
           {cap(Kind::VSpace)});
}

void Generator::page_others() {
    const Word page = cap(random_.percent(85) ? Kind::Page : Kind::LargePage);
    constexpr Invocation cache[] = {Invocation::PageCleanData, Invocation::PageInvalidateData,
                                    Invocation::PageCleanInvalidateData,
                                    Invocation::PageUnifyInstruction};
    if (random_.percent(40)) return invoke(Invocation::PageGetAddress, page, {}, {});
    invoke(random_.of(std::span<const Invocation>{cache}), page,
           {choose({0, 64, 4095, 4096, 1u << 21}), choose({0, 64, 128, 4096, 4097, 1u << 21})}, {});
}

void Generator::vspace_flush() {
    constexpr Invocation flushes[] = {Invocation::VSpaceCleanData, Invocation::VSpaceInvalidateData,
                                      Invocation::VSpaceCleanInvalidateData,
                                      Invocation::VSpaceUnifyInstruction};
    const Word start = address() + choose({0, 0, 64, 4032});
    invoke(random_.of(std::span<const Invocation>{flushes}), cap(Kind::VSpace),
           {start, start + choose({64, 64, 4096, 4097, 0, 1u << 21, ~Word{0}})}, {});
}

void Generator::asid() {
    if (random_.percent(60)) {
        return invoke(Invocation::AsidPoolAssign, cap(Kind::AsidPool), {}, {cap(Kind::VSpace)});
    }
    const Place to = place(empty_slot());
    const Word control = cap(Kind::AsidControl), untyped = cap(Kind::Untyped);
    invoke(Invocation::AsidControlMakePool, control, {to.index, to.depth}, {untyped, to.root});
    if (to.slot != 0) effect_ = {Effect::What::Make, to.slot, untyped, 0, 1, Kind::AsidPool};
}

}  // namespace kos::contract
