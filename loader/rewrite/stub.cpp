// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/rewrite/stub.hpp"

#include "lib/native/thread_block.hpp"

#include <algorithm>

namespace kos::rewrite {

namespace {

namespace field = native::thread_block_offset;

constexpr VirtualAddress word_of(VirtualAddress stub, std::uint64_t index) {
    return stub + index * instruction_size;
}

constexpr VirtualAddress behind(VirtualAddress site) { return site + instruction_size; }

}  // namespace

std::array<Instruction, common_words> common_stub() {
    return {
        store(x1, x0, field::x1),
        load(x1, x0, field::entry),
        branch_to_register(x1),
    };
}

std::array<Instruction, system_call_words> system_call_stub(VirtualAddress stub,
                                                            VirtualAddress common,
                                                            VirtualAddress site) {
    return {
        write_thread_pointer(x0),
        read_thread_block(x0),
        store(x30, x0, field::x30),
        branch_with_link(word_of(stub, 3), common),
        load(x30, x0, field::x30),
        load(x0, x0, field::result),
        branch(word_of(stub, 6), behind(site)),
    };
}

std::array<Instruction, known_call_words> known_call_stub(VirtualAddress stub,
                                                          VirtualAddress common,
                                                          VirtualAddress site, unsigned number) {
    // The flags are the app's: no comparison. Once x8 is known, it is free to work with.
    constexpr std::size_t quick_words = known_call_words - system_call_words;
    std::array<Instruction, known_call_words> words{
        subtract(x8, number),  branch_if_not_zero(x8, quick_words - 2),
        read_thread_block(x8), load(x0, x8, field::known + (number - native::first_known_call) * 8),
        set(x8, number),       branch(word_of(stub, 5), behind(site)),
        add(x8, number),
    };
    std::ranges::copy(system_call_stub(word_of(stub, quick_words), common, site),
                      words.begin() + quick_words);
    return words;
}

std::array<Instruction, thread_pointer_words> thread_pointer_stub(VirtualAddress stub,
                                                                  Register source,
                                                                  VirtualAddress site) {
    // A register to work with, parked in TPIDR_EL0, which is about to be overwritten anyway.
    const Register scratch = source == x0 ? x1 : x0;
    return {
        write_thread_pointer(scratch),
        read_thread_block(scratch),
        store(source, scratch, field::thread_pointer),
        read_thread_pointer(scratch),
        write_thread_pointer(source),
        branch(word_of(stub, 5), behind(site)),
    };
}

}  // namespace kos::rewrite
