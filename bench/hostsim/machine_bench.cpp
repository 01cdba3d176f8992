// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Programs of hostsim/machine/testdata on the whole machine.
#include "hostsim/machine/machine.hpp"

#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace kos::sim {

namespace {

std::vector<char> read_program(const std::string& name) {
    std::ifstream file{KOS_TARGET_DIR "/machine_test_" + name + ".elf", std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::unique_ptr<Machine> make_machine(const std::vector<char>& elf) {
    static const auto cores = prepare_cores();
    MachineOptions options;
    options.memory_size = 32u << 20;
    options.cores = cores;
    return must(Machine::create_with_program(options, std::as_bytes(std::span{elf}), "benchmark"),
                "the test program does not boot");
}

/// Boot to the end of a program that prints a line; cores are ready.
void console(benchmark::State& state) {
    const auto elf = read_program("console");
    for (auto _ : state) make_machine(elf)->run();
}
BENCHMARK(console)->Unit(benchmark::kMillisecond);

/// 200,000 times Call and ReplyRecv between two VSpaces: items are pairs.
void call_and_reply(benchmark::State& state) {
    constexpr std::int64_t rounds = 200'000;
    const auto elf = read_program("ping");
    for (auto _ : state) make_machine(elf)->run();
    state.SetItemsProcessed(state.iterations() * rounds);
    state.counters["ns_per_call"] =
        benchmark::Counter(static_cast<double>(state.iterations() * rounds) / 1e9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(call_and_reply)->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace kos::sim
