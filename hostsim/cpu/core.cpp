// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core.hpp"

#include "hostsim/cpu/core_callbacks.hpp"
#include "hostsim/cpu/interpreter.hpp"
#include "hostsim/kernel/time.hpp"

#include <dynarmic/interface/A64/a64.h>
#include <dynarmic/interface/exclusive_monitor.h>

#include <algorithm>
#include <utility>

namespace kos::sim {

namespace {

/// Compiled code of one VSpace. Busybox and Go programs use a tenth of it; when it is full,
/// dynarmic starts afresh.
constexpr std::size_t code_cache_bytes = std::size_t{32} << 20;

/// NZCV of PSTATE and SPSR.
constexpr Word condition_flags = 0xf000'0000;

constexpr std::uint64_t instruction_bytes = 4;

}  // namespace

/// The JIT, with what it calls and the variables whose addresses are part of its code.
struct Core::Engine {
    Engine(std::byte* arena, FaultingAccess faulting_access)
        : jit(configuration(arena, faulting_access)) {
        callbacks.set_jit(jit);
    }

    Dynarmic::A64::UserConfig configuration(std::byte* arena, FaultingAccess faulting_access) {
        Dynarmic::A64::UserConfig config{};
        config.callbacks = &callbacks;
        config.global_monitor = &monitor;
        config.optimizations &= ~Dynarmic::OptimizationFlag::FastDispatch;
        config.fastmem_pointer = arena;
        config.fastmem_address_space_bits = Arena::address_bits;
        config.silently_mirror_fastmem = false;
        config.recompile_on_fastmem_failure = faulting_access == FaultingAccess::Replaced;
        config.fastmem_exclusive_access = true;
        config.recompile_on_exclusive_fastmem_failure = config.recompile_on_fastmem_failure;
        config.check_halt_on_memory_access = true;
        config.tpidr_el0 = &tpidr_el0;
        config.tpidrro_el0 = &tpidrro_el0;
        config.cntfrq_el0 = counter_hz;
        config.code_cache_size = code_cache_bytes;
        return config;
    }

    CoreCallbacks callbacks;
    std::uint64_t tpidr_el0 = 0;
    std::uint64_t tpidrro_el0 = 0;
    /// One host thread runs all cores and a reservation does not outlive a run: nothing is shared.
    Dynarmic::ExclusiveMonitor monitor{1};
    Dynarmic::A64::Jit jit;
};

namespace {

/// Registers and memory of a core for an interpreted instruction.
class JitState final : public InterpreterState {
   public:
    JitState(Dynarmic::A64::Jit& jit, CoreMemory& memory, std::uint64_t counter)
        : jit_(jit), memory_(memory), counter_(counter) {}

    std::uint64_t x(unsigned number) const override { return jit_.GetRegister(number); }
    void set_x(unsigned number, std::uint64_t value) override { jit_.SetRegister(number, value); }
    std::uint64_t sp() const override { return jit_.GetSP(); }
    std::optional<std::uint64_t> read(VirtualAddress address, unsigned bytes) override {
        return memory_.read(address, bytes);
    }
    bool write(VirtualAddress address, unsigned bytes, std::uint64_t value) override {
        return memory_.write(address, bytes, value);
    }
    std::uint64_t counter() const override { return counter_; }

   private:
    Dynarmic::A64::Jit& jit_;
    CoreMemory& memory_;
    std::uint64_t counter_;
};

}  // namespace

Result<std::unique_ptr<Core>, ArenaError> Core::create(FaultingAccess faulting_access) {
    return std::unique_ptr<Core>(new Core(KOS_TRY(Arena::create()), faulting_access));
}

Core::Core(Arena arena, FaultingAccess faulting_access)
    : arena_(std::move(arena)),
      faulting_access_(faulting_access),
      engine_(std::make_unique<Engine>(arena_.base(), faulting_access)) {}

Core::~Core() = default;

Arena& Core::arena() { return arena_; }

void Core::attach(CoreEnvironment& environment) {
    engine_->callbacks.memory().attach(&environment);
}

void Core::reset() {
    arena_.unmap_all();
    engine_->callbacks.memory().attach(nullptr);
    engine_->jit.Reset();
}

void Core::load(const Registers& registers) {
    engine_->jit.SetRegisters(registers.x);
    engine_->jit.SetSP(registers.sp);
    engine_->jit.SetPC(registers.pc);
    engine_->jit.SetPstate(static_cast<std::uint32_t>(registers.spsr & condition_flags));
    engine_->tpidr_el0 = registers.tpidr_el0;
    engine_->tpidrro_el0 = registers.tpidrro_el0;
}

void Core::store(Registers& registers) const {
    registers.x = engine_->jit.GetRegisters();
    registers.sp = engine_->jit.GetSP();
    registers.pc = engine_->jit.GetPC();
    registers.spsr =
        (registers.spsr & ~condition_flags) | (engine_->jit.GetPstate() & condition_flags);
    registers.tpidr_el0 = engine_->tpidr_el0;
}

void Core::load(const FloatingPoint& registers) {
    std::array<Dynarmic::A64::Vector, 32> vectors;
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        vectors[i] = {registers.v[2 * i], registers.v[2 * i + 1]};
    }
    engine_->jit.SetVectors(vectors);
    engine_->jit.SetFpcr(registers.fpcr);
    engine_->jit.SetFpsr(registers.fpsr);
}

void Core::store(FloatingPoint& registers) const {
    const std::array<Dynarmic::A64::Vector, 32> vectors = engine_->jit.GetVectors();
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        registers.v[2 * i] = vectors[i][0];
        registers.v[2 * i + 1] = vectors[i][1];
    }
    registers.fpcr = engine_->jit.GetFpcr();
    registers.fpsr = engine_->jit.GetFpsr();
}

Trap Core::run(std::uint64_t budget) {
    CoreCallbacks& callbacks = engine_->callbacks;
    callbacks.begin(budget);
    if (callbacks.memory().has_doubts()) {
        while (const auto stale = callbacks.memory().take_stale_page()) {
            engine_->jit.InvalidateCacheRange(stale->value(), page_size);
        }
    }
    engine_->jit.ClearExclusiveState();
    for (;;) {
        engine_->jit.Run();
        if (const auto trap = trap_of(callbacks.take_stop())) return *trap;
        if (callbacks.remaining() == 0) return Trap{};
    }
}

std::optional<Trap> Core::trap_of(const CoreStop& stop) {
    const VirtualAddress pc{stop.pc};
    switch (stop.event) {
        case CoreEvent::None:
            return std::nullopt;
        case CoreEvent::SystemCall:
            return Trap{.kind = TrapKind::SystemCall};
        case CoreEvent::Abort:
            return engine_->callbacks.memory().take_abort();
        case CoreEvent::Interpret:
            return interpret_at(pc);
        case CoreEvent::NoFetch:
            return trap_at(pc, engine_->callbacks.memory().fetch_abort(pc));
        case CoreEvent::Undefined:
            return trap_at(pc, {.kind = TrapKind::Undefined, .instruction = instruction_at(pc)});
        case CoreEvent::Breakpoint:
            return trap_at(pc, {.kind = TrapKind::Breakpoint, .instruction = instruction_at(pc)});
    }
    return std::nullopt;
}

/// dynarmic leaves the PC behind an instruction that raises an exception.
Trap Core::trap_at(VirtualAddress pc, Trap trap) {
    engine_->jit.SetPC(pc.value());
    return trap;
}

std::uint32_t Core::instruction_at(VirtualAddress pc) {
    return engine_->callbacks.memory().fetch(pc).value_or(0);
}

std::optional<Trap> Core::interpret_at(VirtualAddress pc) {
    CoreMemory& memory = engine_->callbacks.memory();
    JitState state{engine_->jit, memory, engine_->callbacks.counter()};
    const std::uint32_t instruction = instruction_at(pc);
    switch (interpret(instruction, state)) {
        case Interpreted::Done:
            engine_->jit.SetPC(pc.value() + instruction_bytes);
            return std::nullopt;
        case Interpreted::Abort:
            engine_->jit.SetPC(pc.value());
            return memory.take_abort();
        case Interpreted::Undefined:
            return trap_at(pc, {.kind = TrapKind::Undefined, .instruction = instruction});
    }
    return std::nullopt;
}

std::uint64_t Core::executed() const { return engine_->callbacks.executed(); }

void Core::forget_code(VirtualAddress address, std::uint64_t size) {
    engine_->callbacks.memory().doubt(address, size);
}

void Core::forget_code(PhysicalAddress address, std::uint64_t size) {
    std::erase_if(engine_->callbacks.memory().code_pages(), [&](const auto& entry) {
        const auto& [page, code] = entry;
        if (!ranges_overlap(code.frame.value(), page_size, address.value(), size)) return false;
        engine_->jit.InvalidateCacheRange(page.value(), page_size);
        return true;
    });
}

}  // namespace kos::sim
