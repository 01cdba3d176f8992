// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Draws the next system call of a trace: mostly what a careful program would ask for, with
// arguments that the object expects, and now and then something that it must refuse.
#pragma once

#include "lib/sel4/types.hpp"
#include "tests/contract/program/playground.hpp"
#include "tests/contract/program/random.hpp"
#include "tests/contract/program/system_call.hpp"

#include <initializer_list>
#include <span>

namespace kos::contract {

/// What it never asks for: an instruction of the program executed by a thread without a VSpace.
/// Such a thread runs under VMID 0, which the initial thread has as well, so that it depends on the
/// TLB whether the instruction is found. The props keep the initial thread's VSpace, and only they
/// get pcs in the program.
class Generator {
   public:
    Generator(Random& random, Playground& playground, sel4::Word actor_entry)
        : random_(random), playground_(playground), actor_entry_(actor_entry) {}

    [[nodiscard]] SystemCall draw();
    /// The kernel granted the last invocation: brings the belief up to date.
    void succeeded();

   private:
    using Word = sel4::Word;
    using Draw = void (Generator::*)();
    struct Choice {
        unsigned weight;
        Draw draw;
    };
    /// A slot as a CNode invocation names it; `slot` is its number in the playground, 0 where it
    /// lies elsewhere or is spoilt.
    struct Place {
        Word root, index, depth, slot;
    };
    /// What the last invocation changes where it succeeds.
    struct Effect {
        enum class What : std::uint8_t { Nothing, Copy, Move, Rotate, Delete, Revoke, Make } what;
        Word destination, source, pivot, count;
        Kind kind;
    };

    static std::span<const Choice> choices();

    // generate_memory.cpp
    void retype();
    void page_table_map();
    void page_map();
    void page_others();
    void vspace_flush();
    void asid();
    // generate_device.cpp
    void retype_device();
    void device_page_map();
    void irq_handler();
    void irq_control();
    void vcpu();
    void guest_registers();
    // generate_cnode.cpp
    void copy_or_mint();
    void move_or_mutate();
    void rotate();
    void delete_or_revoke();
    // generate_thread.cpp
    void configure();
    void set_space();
    void set_priorities();
    void set_sched_params();
    void set_ipc_buffer();
    void registers();
    void thread_others();
    void sched_control();
    void sched_context();
    // generate_ipc.cpp
    void send();
    void receive();
    void send_and_receive();
    void no_system_call();

    void invoke(sel4::Invocation invocation, Word target, std::span<const Word> words,
                std::initializer_list<Word> caps);
    void invoke(sel4::Invocation invocation, Word target, std::initializer_list<Word> words,
                std::initializer_list<Word> caps) {
        invoke(invocation, target, std::span{words.begin(), words.size()}, caps);
    }
    /// Changes what makes the call well formed.
    void spoil();
    void shorten();

    /// A capability to invoke or pass: usually to a \p kind.
    Word cap(Kind kind);
    /// As cap(), or the null capability.
    Word cap_or_null(Kind kind, unsigned percent_null);
    Word empty_slot();
    Place place(Word slot);
    Place spoilt(Place place);
    Word address();
    /// Where no thread begins: device pages hold no instructions.
    Word nonzero_address();
    Word guard();
    /// Whether the thread in \p slot has the initial thread's VSpace.
    [[nodiscard]] bool has_root_vspace(Word slot) const { return playground_.at(slot).is_prop(); }
    Word vspace_for(Word thread);
    Word any_badge();
    Word choose(std::initializer_list<Word> words) {
        return random_.of(std::span{words.begin(), words.size()});
    }
    void draw_message();

    Random& random_;
    Playground& playground_;
    Word actor_entry_;
    SystemCall call_;
    Effect effect_{};
};

}  // namespace kos::contract
