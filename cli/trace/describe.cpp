// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/trace/describe.hpp"

#include "lib/native/manager.hpp"
#include "lib/sel4/fault.hpp"
#include "rootserver/boot/root_cspace.hpp"

#include <bit>
#include <cstdio>

namespace kos::trace {

namespace {

using sel4::Invocation;
using sel4::InvocationRecord;
using sel4::Word;

std::string hexadecimal(Word word) {
    std::array<char, 24> text;
    std::snprintf(text.data(), text.size(), "%#llx", static_cast<unsigned long long>(word));
    return text.data();
}

/// 0 for a word that the message does not have.
Word word(const InvocationRecord& record, std::size_t index) {
    return index < record.words.size() ? record.words[index] : 0;
}
sel4::CPtr cap(const InvocationRecord& record, std::size_t index) {
    return index < record.caps.size() ? record.caps[index] : sel4::CPtr{};
}

std::string rights_text(Word raw) {
    std::string text = (raw & sel4::Rights{.read = true}.raw()) != 0 ? "r" : "-";
    text += (raw & sel4::Rights{.write = true}.raw()) != 0 ? "w" : "-";
    if ((raw & sel4::Rights{.grant = true}.raw()) != 0) text += "g";
    if ((raw & sel4::Rights{.grant_reply = true}.raw()) != 0) text += "p";
    return text;
}

/// "r-x, device": what a mapping allows, and its memory type where that is not the usual one.
std::string access_text(Word rights, Word attributes) {
    constexpr auto never = static_cast<Word>(sel4::VmAttributes::DeviceExecuteNever);
    constexpr auto cacheable = static_cast<Word>(sel4::VmAttributes::Cacheable);
    return rights_text(rights) + ((attributes & never) != 0 ? "-" : "x") +
           ((attributes & cacheable) != 0 ? "" : ", device");
}

SlotPath destination(const InvocationRecord& record) {
    return {record.target, word(record, 0), word(record, 1)};
}
SlotPath source(const InvocationRecord& record) {
    return {cap(record, 0), word(record, 2), word(record, 3)};
}

}  // namespace

std::optional<std::string> Describer::describe(const InvocationRecord& record) {
    const auto text = particulars(record);
    if (!text) return std::nullopt;
    return std::string{sel4::name_of(record.invocation)} + " " + *text + " = " +
           std::string{sel4::name_of(record.error)};
}

std::string Describer::describe(const msg::TracedFault& fault) const {
    const std::uint64_t app = native::app_of_badge(fault.badge);
    std::string text = "fault: " + std::string{sel4::name_of(fault.kind)} + ", ";
    text += app < image_.app_count()
                ? std::string{image_.text(image_.app(static_cast<std::uint32_t>(app)).name)}
                : "nobody";
    return text + " thread " + std::to_string(native::thread_of_badge(fault.badge));
}

std::optional<std::string> Describer::particulars(const InvocationRecord& record) {
    switch (record.invocation) {
        case Invocation::UntypedRetype:
            return retype(record);
        case Invocation::CNodeCopy:
        case Invocation::CNodeMint:
        case Invocation::CNodeMove:
        case Invocation::CNodeMutate:
        case Invocation::CNodeDelete:
            return cnode_operation(record);
        case Invocation::CNodeRevoke:
            return revoke(record);
        case Invocation::TcbConfigure:
        case Invocation::TcbSetSpace:
        case Invocation::TcbSetSchedParams:
        case Invocation::SchedControlConfigureFlags:
            return thread(record);
        case Invocation::TcbWriteRegisters:
            return registers(record);
        case Invocation::PageMap:
        case Invocation::PageTableMap:
        case Invocation::PageUnifyInstruction:
            return memory(record);
        case Invocation::IrqControlGetTrigger:
            return interrupt(record);
        default:
            return with_caps(record);
    }
}

std::optional<std::string> Describer::retype(const InvocationRecord& record) {
    for (unsigned i = 0; i < sel4::object_type_count; ++i) {
        const auto type = static_cast<sel4::ObjectType>(i);
        if (abi_.number(type) != word(record, 0)) continue;
        // How memory is cut up depends on what the kernel left of it.
        const Word base = word(record, 2) << rootserver::RootCSpace::second_level_bits;
        if (type == sel4::ObjectType::Untyped && !names_.is_of_app({base})) return std::nullopt;
        const sel4::CPtr first{(word(record, 3) == 0 ? 0 : base) + word(record, 4)};
        const bool failed = record.error != sel4::Error::None;
        const std::string name =
            failed ? names_.of(first) : names_.made(record.target, type, first, word(record, 5));
        return trace::name_of(type) + " x " + std::to_string(word(record, 5)) + " -> " + name;
    }
    return "unknown type";
}

std::optional<std::string> Describer::cnode_operation(const InvocationRecord& record) {
    const bool done = record.error == sel4::Error::None;
    const SlotPath target = destination(record);
    if (record.invocation == Invocation::CNodeDelete) {
        std::string name = names_.of(target);
        if (done) names_.take(target);
        return name;
    }
    const SlotPath from = source(record);
    std::string name = names_.of(from);
    const std::string where = names_.of(target);
    std::string text = name + " -> " + where;
    const bool mints = record.invocation == Invocation::CNodeMint;
    if (mints || record.invocation == Invocation::CNodeCopy) {
        text += " " + rights_text(word(record, 4));
    }
    // What Mint gives a CNode is a guard: as long as the kernel's CNode is short.
    if (mints && name != names_.of(sel4::root_slot::cnode)) {
        const std::string badge = " badge " + hexadecimal(word(record, 5));
        text += badge;
        name += badge;
    }
    if (!done) return text;
    if (record.invocation == Invocation::CNodeMove ||
        record.invocation == Invocation::CNodeMutate) {
        names_.take(from);
    }
    names_.give(target, name);
    return text;
}

/// Of an untyped that something was made from. Others are halves that become one again.
std::optional<std::string> Describer::revoke(const InvocationRecord& record) {
    const SlotPath slot = destination(record);
    const sel4::CPtr untyped{slot.index};
    if (!names_.is_known(untyped)) return std::nullopt;
    std::string name = names_.of(untyped);
    if (record.error == sel4::Error::None) names_.forget(untyped);
    return name;
}

std::string Describer::thread(const InvocationRecord& record) {
    std::string text = with_caps(record);
    switch (record.invocation) {
        case Invocation::TcbConfigure:
            return text + " " + hexadecimal(word(record, 2));
        case Invocation::TcbSetSpace:
            if (record.target == sel4::root_slot::tcb && record.error == sel4::Error::None) {
                names_.set_top_level(cap(record, 1));
            }
            return text;
        case Invocation::TcbSetSchedParams:
            return text + " " + std::to_string(word(record, 0)) + " " +
                   std::to_string(word(record, 1));
        default:
            break;
    }
    // The slot of scheduling control is not the same everywhere, and times are not comparable.
    text = names_.of(cap(record, 0));
    if (!names_.is_of_app(cap(record, 0))) return text;
    return text + " " + std::to_string(word(record, 0)) + "/" + std::to_string(word(record, 1)) +
           " us";
}

std::string Describer::registers(const InvocationRecord& record) const {
    constexpr std::size_t head = 2;  // flags and count
    if (record.words.size() != head + sel4::user_context_words) return with_caps(record);
    std::array<Word, sel4::user_context_words> words;
    std::copy(record.words.begin() + head, record.words.end(), words.begin());
    const auto context = std::bit_cast<sel4::UserContext>(words);
    std::string text = names_.of(record.target) + " pc " + hexadecimal(context.pc) + " sp " +
                       hexadecimal(context.sp);
    // A thread of the root server's own is given capabilities, by number.
    if (names_.is_of_app(record.target)) text += " x0 " + hexadecimal(context.x0);
    return text;
}

std::string Describer::interrupt(const InvocationRecord& record) {
    const std::string name = "irq-" + std::to_string(word(record, 0));
    if (record.error == sel4::Error::None) names_.give(source(record), name);
    return name + (word(record, 1) != 0 ? " edge" : " level");
}

std::string Describer::memory(const InvocationRecord& record) const {
    std::string text = with_caps(record);
    switch (record.invocation) {
        case Invocation::PageMap:
            return text + " " + hexadecimal(word(record, 0)) + " " +
                   access_text(word(record, 1), word(record, 2));
        case Invocation::PageTableMap:
            return text + " " + hexadecimal(word(record, 0));
        default:
            return text + " " + hexadecimal(word(record, 0)) + "-" + hexadecimal(word(record, 1));
    }
}

std::string Describer::with_caps(const InvocationRecord& record) const {
    std::string text = names_.of(record.target);
    for (const sel4::CPtr extra : record.caps) text += " " + names_.of(extra);
    return text;
}

}  // namespace kos::trace
