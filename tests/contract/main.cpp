// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Plays traces by hand.
//   contract sim|sel4|compare FIRST-SEED TRACES STEPS [list]
// `compare` says where the simulated kernel and the one of SEL4_PREFIX first differ, step by step;
// exits with 1 where they do.
#include "tests/contract/run.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace kos;            // NOLINT(google-build-using-namespace): a program's own file
using namespace kos::contract;  // NOLINT(google-build-using-namespace)

constexpr std::chrono::seconds limit{600};

Outcome<kernel::Install> find_kernel() {
    return kernel::find_install("qemu_virt_aarch64", kernel::process_environment());
}

Outcome<Transcript> simulate(const Parameters& parameters, const SimulatorSettings& settings) {
    const auto image = KOS_TRY(make_image(KOS_TARGET_DIR, parameters));
    return run_in_simulator(image, settings);
}

Outcome<Transcript> run_real(const Parameters& parameters, const kernel::Install& kernel) {
    const auto image = KOS_TRY(make_image(KOS_TARGET_DIR, parameters));
    return run_on_sel4(image, kernel, KOS_TARGET_DIR, limit);
}

void print(const Transcript& transcript) {
    for (const std::string& line : transcript.lines()) std::cout << line << '\n';
}

/// The listings of both around the first differing step of the trace \p seed.
Outcome<void> explain(Parameters parameters, std::uint64_t seed, const kernel::Install& kernel,
                      const SimulatorSettings& settings) {
    constexpr std::size_t lines_before = 12;
    parameters.first_seed = seed;
    parameters.traces = 1;
    parameters.listing = 1;
    const auto simulated = KOS_TRY(simulate(parameters, settings));
    const auto real = KOS_TRY(run_real(parameters, kernel));
    const auto difference = first_difference(simulated.lines(), real.lines());
    if (!difference) {
        std::cout << "alone, the trace is the same on both\n";
        return {};
    }
    const std::size_t from = difference->line - std::min(difference->line, lines_before);
    for (std::size_t i = from; i < difference->line; ++i) {
        std::cout << "  " << simulated.lines()[i] << '\n';
    }
    std::cout << "simulated: " << difference->simulated << "\nreal:      " << difference->real
              << '\n';
    return {};
}

Outcome<int> compare(Parameters parameters) {
    const auto kernel = KOS_TRY(find_kernel());
    const SimulatorSettings settings = settings_like(kernel);
    parameters.ignores_serror = masks_serror(kernel) ? 1 : 0;
    const auto simulated = KOS_TRY(simulate(parameters, settings));
    const auto real = KOS_TRY(run_real(parameters, kernel));
    const auto left = simulated.lines_of("trace"), right = real.lines_of("trace");
    std::size_t differing = 0;
    std::optional<std::uint64_t> first;
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (left[i] == right[i]) continue;
        ++differing;
        std::cout << "differs: " << left[i] << " / " << right[i] << '\n';
        if (!first) first = seed_of(left[i]);
    }
    std::cout << left.size() << " traces simulated, " << right.size() << " real, " << differing
              << " differ\n";
    if (first) {
        KOS_TRY(explain(parameters, *first, kernel, settings));
        return 1;
    }
    if (const auto difference = first_difference(simulated.lines(), real.lines())) {
        std::cout << "simulated: " << difference->simulated << "\nreal:      " << difference->real
                  << '\n';
        return 1;
    }
    for (const std::string& line : simulated.lines_of("cover")) std::cout << line << '\n';
    return 0;
}

Outcome<int> run(const std::string& what, const Parameters& parameters) {
    if (what == "compare") return compare(parameters);
    if (what == "sel4") {
        const auto kernel = KOS_TRY(find_kernel());
        print(KOS_TRY(run_real(parameters, kernel)));
    } else {
        print(KOS_TRY(simulate(parameters, {})));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        std::cerr << "usage: contract sim|sel4|compare FIRST-SEED TRACES STEPS [list]\n";
        return 2;
    }
    kos::contract::Parameters parameters;
    parameters.first_seed = std::strtoull(argv[2], nullptr, 0);
    parameters.traces = std::strtoull(argv[3], nullptr, 0);
    parameters.steps = std::strtoull(argv[4], nullptr, 0);
    parameters.listing = argc > 5 ? 1 : 0;
    const auto status = run(argv[1], parameters);
    if (!status) {
        std::cerr << to_string(status.error()) << '\n';
        return 2;
    }
    return *status;
}
