// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/exit/exception.hpp"

#include "vmm/vcpu/registers.hpp"

namespace kos::vmm {

namespace {

using sel4::Word;

// SPSR_EL1.
constexpr Word aarch32_bit = 1 << 4, level_mask = 3 << 2, stack_bit = 1;
// ESR_EL1.
constexpr Word instruction_length = 1 << 25, not_valid_address = 1 << 10, write_bit = 1 << 6,
               external_abort = 0x10;
constexpr unsigned class_shift = 26;

bool from_user(Word spsr) { return (spsr & aarch32_bit) != 0 || (spsr & level_mask) == 0; }

Word vector_offset(Word spsr) {
    if ((spsr & aarch32_bit) != 0) return 0x600;
    if (from_user(spsr)) return 0x400;
    return (spsr & stack_bit) != 0 ? 0x200 : 0;
}

Word syndrome_of(GuestException exception, Word spsr, bool write) {
    // An abort's class says whether it came from the level that takes it.
    const Word same_level = from_user(spsr) ? 0 : 1;
    const Word abort = instruction_length | not_valid_address | external_abort;
    switch (exception) {
        case GuestException::Undefined:
            return instruction_length;
        case GuestException::DataAbort:
            return (0x24 + same_level) << class_shift | abort | (write ? write_bit : 0);
        case GuestException::InstructionAbort:
            return (0x20 + same_level) << class_shift | abort;
    }
    return instruction_length;
}

}  // namespace

sel4::Invoked raise(VirtualCpu& cpu, const sel4::UserContext& context, GuestException exception,
                    bool write) {
    using Register = sel4::VcpuRegister;
    const Word vectors = KOS_TRY(cpu.read(Register::Vbar));
    KOS_TRY(cpu.write(Register::ElrEl1, context.pc));
    KOS_TRY(cpu.write(Register::SpsrEl1, context.spsr));
    KOS_TRY(cpu.write(Register::Esr, syndrome_of(exception, context.spsr, write)));
    sel4::UserContext taken = context;
    taken.pc = vectors + vector_offset(context.spsr);
    taken.spsr = start_spsr;
    return cpu.set_registers(taken);
}

}  // namespace kos::vmm
