// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core_callbacks.hpp"

#include <utility>

namespace kos::sim {

using Dynarmic::HaltReason;
using Dynarmic::A64::Exception;
using Dynarmic::A64::Vector;

void CoreCallbacks::begin(std::uint64_t budget) {
    budget_ = budget;
    executed_ = 0;
    stop_ = {};
}

CoreStop CoreCallbacks::take_stop() { return std::exchange(stop_, CoreStop{}); }

void CoreCallbacks::stop(CoreEvent event, std::uint64_t pc) {
    if (stop_.event == CoreEvent::None) stop_ = {event, pc};
    // Compiled code looks for this reason behind each memory access, for the others behind a block.
    jit_->HaltExecution(event == CoreEvent::Abort ? HaltReason::MemoryAbort
                                                  : HaltReason::UserDefined1);
}

// --- Memory -----------------------------------------------------------------------------------

std::uint64_t CoreCallbacks::read(std::uint64_t address, unsigned bytes) {
    const auto value = memory_.read(VirtualAddress{address}, bytes);
    if (!value) stop(CoreEvent::Abort);
    return value.value_or(0);
}

void CoreCallbacks::write(std::uint64_t address, unsigned bytes, std::uint64_t value) {
    if (!memory_.write(VirtualAddress{address}, bytes, value)) stop(CoreEvent::Abort);
}

std::optional<std::uint32_t> CoreCallbacks::MemoryReadCode(std::uint64_t address) {
    return memory_.fetch(VirtualAddress{address});
}

std::uint8_t CoreCallbacks::MemoryRead8(std::uint64_t address) {
    return static_cast<std::uint8_t>(read(address, 1));
}
std::uint16_t CoreCallbacks::MemoryRead16(std::uint64_t address) {
    return static_cast<std::uint16_t>(read(address, 2));
}
std::uint32_t CoreCallbacks::MemoryRead32(std::uint64_t address) {
    return static_cast<std::uint32_t>(read(address, 4));
}
std::uint64_t CoreCallbacks::MemoryRead64(std::uint64_t address) { return read(address, 8); }
Vector CoreCallbacks::MemoryRead128(std::uint64_t address) {
    const std::uint64_t low = read(address, 8);
    return {low, read(address + 8, 8)};
}

void CoreCallbacks::MemoryWrite8(std::uint64_t address, std::uint8_t value) {
    write(address, 1, value);
}
void CoreCallbacks::MemoryWrite16(std::uint64_t address, std::uint16_t value) {
    write(address, 2, value);
}
void CoreCallbacks::MemoryWrite32(std::uint64_t address, std::uint32_t value) {
    write(address, 4, value);
}
void CoreCallbacks::MemoryWrite64(std::uint64_t address, std::uint64_t value) {
    write(address, 8, value);
}
void CoreCallbacks::MemoryWrite128(std::uint64_t address, Vector value) {
    write(address, 8, value[0]);
    write(address + 8, 8, value[1]);
}

// The reservation holds when these are called, and no other thread runs meanwhile: what is in
// memory is what was read, unless the program wrote there itself, after which a store may succeed.

bool CoreCallbacks::MemoryWriteExclusive8(std::uint64_t address, std::uint8_t value, std::uint8_t) {
    write(address, 1, value);
    return true;
}
bool CoreCallbacks::MemoryWriteExclusive16(std::uint64_t address, std::uint16_t value,
                                           std::uint16_t) {
    write(address, 2, value);
    return true;
}
bool CoreCallbacks::MemoryWriteExclusive32(std::uint64_t address, std::uint32_t value,
                                           std::uint32_t) {
    write(address, 4, value);
    return true;
}
bool CoreCallbacks::MemoryWriteExclusive64(std::uint64_t address, std::uint64_t value,
                                           std::uint64_t) {
    write(address, 8, value);
    return true;
}
bool CoreCallbacks::MemoryWriteExclusive128(std::uint64_t address, Vector value, Vector) {
    MemoryWrite128(address, value);
    return true;
}

// --- Instructions -----------------------------------------------------------------------------

void CoreCallbacks::InterpreterFallback(std::uint64_t pc, std::size_t) {
    stop(CoreEvent::Interpret, pc);
}

void CoreCallbacks::CallSVC(std::uint32_t) { stop(CoreEvent::SystemCall); }

void CoreCallbacks::ExceptionRaised(std::uint64_t pc, Exception exception) {
    switch (exception) {
        case Exception::NoExecuteFault:
            return stop(CoreEvent::NoFetch, pc);
        case Exception::Breakpoint:
            return stop(CoreEvent::Breakpoint, pc);
        case Exception::UnallocatedEncoding:
        case Exception::ReservedValue:
        case Exception::UnpredictableInstruction:
            return stop(CoreEvent::Undefined, pc);
        case Exception::WaitForInterrupt:
        case Exception::WaitForEvent:
        case Exception::SendEvent:
        case Exception::SendEventLocal:
        case Exception::Yield:
            return;  // hints: no operation
    }
}

void CoreCallbacks::InstructionCacheOperationRaised(Dynarmic::A64::InstructionCacheOperation,
                                                    std::uint64_t address) {
    const VirtualAddress page = VirtualAddress{address}.aligned_down(page_size);
    // With what it was compiled of: the page may hold that again in another VSpace.
    memory().code_pages().erase(page);
    jit_->InvalidateCacheRange(page.value(), page_size);
}

// --- Time -------------------------------------------------------------------------------------

void CoreCallbacks::AddTicks(std::uint64_t ticks) { executed_ += ticks; }
std::uint64_t CoreCallbacks::GetTicksRemaining() { return remaining(); }
std::uint64_t CoreCallbacks::GetCNTPCT() { return counter(); }

}  // namespace kos::sim
