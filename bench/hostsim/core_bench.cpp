// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a core costs: to make, to use again, to enter and leave, and for each kind of access that
// compiled code does not make itself.
#include "hostsim/cpu/test_instructions.hpp"
#include "hostsim/cpu/test_space.hpp"

#include <benchmark/benchmark.h>

namespace kos::sim {

namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): a test's vocabulary

void make_core(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(Core::create(FaultingAccess::Kept));
}
BENCHMARK(make_core)->Unit(benchmark::kMillisecond);

void reset_core(benchmark::State& state) {
    PhysicalMemory memory = make_memory();
    TestSpace space{memory};
    for (auto _ : state) {
        space.core().reset();
        space.core().attach(space);
    }
}
BENCHMARK(reset_core)->Unit(benchmark::kMicrosecond);

/// Runs `words`, of which the last traps, with x1 = `address`.
void run_words(benchmark::State& state, std::initializer_list<std::uint32_t> words,
               VirtualAddress address, FaultingAccess faulting_access = FaultingAccess::Kept) {
    PhysicalMemory memory = make_memory();
    TestSpace space{memory, faulting_access};
    space.write_code(words);
    Registers registers;
    for (auto _ : state) {
        registers.pc = code.value();
        registers.x[1] = address.value();
        benchmark::DoNotOptimize(space.run(registers));
    }
}
BENCHMARK_CAPTURE(run_words, system_call, {instruction::svc}, data);
BENCHMARK_CAPTURE(run_words, load, {instruction::load_x0, instruction::svc}, data);
BENCHMARK_CAPTURE(run_words, atomic, {instruction::atomic_add, instruction::svc}, data);
BENCHMARK_CAPTURE(run_words, exclusive,
                  {instruction::load_exclusive, instruction::store_exclusive, instruction::svc},
                  data);
BENCHMARK_CAPTURE(run_words, device_load, {instruction::load_w0, instruction::svc}, device + 8);
BENCHMARK_CAPTURE(run_words, device_load_replaced, {instruction::load_w0, instruction::svc},
                  device + 8, FaultingAccess::Replaced);
BENCHMARK_CAPTURE(run_words, data_abort, {instruction::load_x0}, nowhere);

}  // namespace

}  // namespace kos::sim
