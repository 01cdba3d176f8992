// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What dynarmic asks while it runs: memory that the arena does not serve, code to compile, time.
// Each event that ends a run is remembered for Core::run, which acts on it outside the JIT.
#pragma once

#include "hostsim/cpu/core_memory.hpp"

#include <dynarmic/interface/A64/a64.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kos::sim {

enum class CoreEvent : std::uint8_t {
    None,
    SystemCall,
    Abort,      ///< a data access: CoreMemory has the particulars
    NoFetch,    ///< nothing executable at pc
    Interpret,  ///< an instruction at pc that the JIT does not know
    Undefined,
    Breakpoint,
};

/// What ended a run.
struct CoreStop {
    CoreEvent event = CoreEvent::None;
    std::uint64_t pc = 0;  ///< of NoFetch and those behind it
};

class CoreCallbacks final : public Dynarmic::A64::UserCallbacks {
   public:
    void set_jit(Dynarmic::A64::Jit& jit) { jit_ = &jit; }
    CoreMemory& memory() { return memory_; }

    /// A run of at most `budget` instructions begins.
    void begin(std::uint64_t budget);
    [[nodiscard]] std::uint64_t executed() const { return executed_; }
    [[nodiscard]] std::uint64_t remaining() const {
        return executed_ < budget_ ? budget_ - executed_ : 0;
    }
    /// What ended the last Jit::Run.
    CoreStop take_stop();
    [[nodiscard]] std::uint64_t counter() { return memory_.counter(executed_); }

    std::optional<std::uint32_t> MemoryReadCode(std::uint64_t address) override;
    std::uint8_t MemoryRead8(std::uint64_t address) override;
    std::uint16_t MemoryRead16(std::uint64_t address) override;
    std::uint32_t MemoryRead32(std::uint64_t address) override;
    std::uint64_t MemoryRead64(std::uint64_t address) override;
    Dynarmic::A64::Vector MemoryRead128(std::uint64_t address) override;
    void MemoryWrite8(std::uint64_t address, std::uint8_t value) override;
    void MemoryWrite16(std::uint64_t address, std::uint16_t value) override;
    void MemoryWrite32(std::uint64_t address, std::uint32_t value) override;
    void MemoryWrite64(std::uint64_t address, std::uint64_t value) override;
    void MemoryWrite128(std::uint64_t address, Dynarmic::A64::Vector value) override;
    bool MemoryWriteExclusive8(std::uint64_t address, std::uint8_t value,
                               std::uint8_t expected) override;
    bool MemoryWriteExclusive16(std::uint64_t address, std::uint16_t value,
                                std::uint16_t expected) override;
    bool MemoryWriteExclusive32(std::uint64_t address, std::uint32_t value,
                                std::uint32_t expected) override;
    bool MemoryWriteExclusive64(std::uint64_t address, std::uint64_t value,
                                std::uint64_t expected) override;
    bool MemoryWriteExclusive128(std::uint64_t address, Dynarmic::A64::Vector value,
                                 Dynarmic::A64::Vector expected) override;
    void InterpreterFallback(std::uint64_t pc, std::size_t count) override;
    void CallSVC(std::uint32_t immediate) override;
    void ExceptionRaised(std::uint64_t pc, Dynarmic::A64::Exception exception) override;
    void InstructionCacheOperationRaised(Dynarmic::A64::InstructionCacheOperation operation,
                                         std::uint64_t address) override;
    void AddTicks(std::uint64_t ticks) override;
    std::uint64_t GetTicksRemaining() override;
    std::uint64_t GetCNTPCT() override;

   private:
    std::uint64_t read(std::uint64_t address, unsigned bytes);
    void write(std::uint64_t address, unsigned bytes, std::uint64_t value);
    void stop(CoreEvent event, std::uint64_t pc = 0);

    CoreMemory memory_;
    Dynarmic::A64::Jit* jit_ = nullptr;
    CoreStop stop_;
    std::uint64_t budget_ = 0;
    std::uint64_t executed_ = 0;
};

}  // namespace kos::sim
