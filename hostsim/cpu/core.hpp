// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One VSpace's execution of aarch64 instructions: an arena and a dynarmic JIT whose compiled code
// belongs to it. A core runs one thread at a time; registers are loaded before and stored after.
//
// dynarmic settings that matter: a check after each memory access, without which the PC of an abort
// is only its block's start; no fast dispatch, which follows indirect branches for ever without
// looking at the budget (and clears a table of 16 MiB whenever a core starts anew).
#pragma once

#include "hostsim/cpu/arena.hpp"
#include "hostsim/kernel/hooks.hpp"
#include "hostsim/kernel/registers.hpp"
#include "lib/base/address.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace kos::sim {

/// What a core asks of the outside while it runs.
class CoreEnvironment {
   public:
    virtual ~CoreEnvironment() = default;
    /// As Kernel::translate, in the VSpace that the core is for.
    virtual std::optional<Mapping> translate(VirtualAddress address) = 0;
    /// `bytes` (1, 2, 4, 8) at a physical address, which lie within a page; nothing or false where
    /// neither RAM nor a device is.
    virtual std::optional<std::uint64_t> read(PhysicalAddress address, unsigned bytes) = 0;
    virtual bool write(PhysicalAddress address, unsigned bytes, std::uint64_t value) = 0;
    /// The page of RAM at \p address, which is aligned; empty: there is none, or it does not last.
    virtual Bytes page(PhysicalAddress /*address*/) { return {}; }
    /// The counter after `instructions` of this run.
    virtual std::uint64_t counter(std::uint64_t instructions) = 0;
};

enum class TrapKind : std::uint8_t {
    Budget,            ///< the instructions allowed were run
    SystemCall,        ///< svc; pc is behind it
    DataAbort,         ///< at pc
    InstructionAbort,  ///< at pc
    Undefined,         ///< at pc; `instruction` is what is there
    Breakpoint,        ///< brk at pc
};

/// Why an access failed.
enum class AbortCause : std::uint8_t { Translation, Permission, External };

struct Trap {
    TrapKind kind = TrapKind::Budget;
    VirtualAddress address{};  ///< of an abort
    AbortCause cause = AbortCause::Translation;
    bool is_write = false;
    std::uint32_t instruction = 0;
};

/// What becomes of a compiled access that the arena did not serve.
enum class FaultingAccess : std::uint8_t {
    Kept,      ///< for demand paging: the page is there next time; each fault costs 2 µs
    Replaced,  ///< for device registers: a call from then on, 20 ns, also where there is memory
};

struct CoreStop;

class Core {
   public:
    /// Takes some 20 ms, nearly all of it dynarmic's.
    [[nodiscard]] static Result<std::unique_ptr<Core>, ArenaError> create(
        FaultingAccess faulting_access);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    [[nodiscard]] Arena& arena();
    [[nodiscard]] FaultingAccess faulting_access() const { return faulting_access_; }

    /// Whom to ask from now on; borrowed.
    void attach(CoreEnvironment& environment);
    /// Forgets mappings, code and environment: as new, and quickly.
    void reset();

    void load(const Registers& registers);
    void store(Registers& registers) const;
    void load(const FloatingPoint& registers);
    void store(FloatingPoint& registers) const;

    /// Runs until a trap, or until `budget` instructions are done or a few more (a block is not cut
    /// short). Exclusive reservations do not last from one run to the next, as on hardware, where
    /// an exception return clears them.
    Trap run(std::uint64_t budget);
    /// Instructions of the last run.
    [[nodiscard]] std::uint64_t executed() const;

    /// What [address, address + size) holds or allows is not what it was when it was last fetched.
    void forget_code(VirtualAddress address, std::uint64_t size);
    /// Likewise, wherever in this VSpace code of these physical pages was fetched.
    void forget_code(PhysicalAddress address, std::uint64_t size);

   private:
    struct Engine;
    Core(Arena arena, FaultingAccess faulting_access);
    std::optional<Trap> trap_of(const CoreStop& stop);
    Trap trap_at(VirtualAddress pc, Trap trap);
    std::uint32_t instruction_at(VirtualAddress pc);
    std::optional<Trap> interpret_at(VirtualAddress pc);

    Arena arena_;
    FaultingAccess faulting_access_;
    std::unique_ptr<Engine> engine_;
};

}  // namespace kos::sim
