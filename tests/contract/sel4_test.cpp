// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The simulated kernel held to the real one: the same program, bytes and traces on both.
#include "tests/contract/run.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

namespace kos::contract {
namespace {

constexpr std::chrono::seconds limit{240};

class ContractSel4Test : public ::testing::Test {
   protected:
    void SetUp() override {
        const auto environment = kernel::process_environment();
        if (!kernel::find_folder(board, environment)) {
            GTEST_SKIP() << "no seL4 kernel: set SEL4_PREFIX or MICROKIT_SDK";
        }
        auto found = kernel::find_install(board, environment);
        ASSERT_TRUE(found.ok()) << to_string(found.error());
        kernel_.emplace(std::move(found).value());
    }

    /// Plays them on both; the first difference fails the test, told step by step.
    void expect_agreement(Parameters parameters) {
        parameters.ignores_serror = masks_serror(*kernel_) ? 1 : 0;
        const auto image = make_image(KOS_TARGET_DIR, parameters);
        ASSERT_TRUE(image.ok()) << to_string(image.error());
        const auto simulated = run_in_simulator(*image, settings_like(*kernel_));
        ASSERT_TRUE(simulated.ok()) << to_string(simulated.error());
        const auto real = run_on_sel4(*image, *kernel_, KOS_TARGET_DIR, limit);
        ASSERT_TRUE(real.ok()) << to_string(real.error());
        const auto difference = first_difference(simulated->lines(), real->lines());
        if (!difference) return print_coverage(*simulated);
        const auto seed = seed_of(difference->simulated);
        if (seed && parameters.listing == 0) {
            return expect_agreement(
                {.first_seed = *seed, .traces = 1, .steps = parameters.steps, .listing = 1});
        }
        ADD_FAILURE() << "seed " << parameters.first_seed << ", " << parameters.steps << " steps"
                      << "\nafter:     "
                      << (difference->line > 0 ? simulated->lines()[difference->line - 1] : "")
                      << "\nsimulated: " << difference->simulated
                      << "\nreal:      " << difference->real;
    }

   private:
    static constexpr const char* board = "qemu_virt_aarch64";

    static void print_coverage(const Transcript& transcript) {
        for (const std::string& line : transcript.lines_of("cover")) std::cout << line << '\n';
    }

    std::optional<kernel::Install> kernel_;
};

TEST_F(ContractSel4Test, RandomTracesAgree) {
    expect_agreement({.first_seed = 1, .traces = 300, .steps = 200});
}

TEST_F(ContractSel4Test, TracesMadeByHandAgree) { expect_agreement({.traces = 0}); }

TEST_F(ContractSel4Test, SeedsThatOnceDisagreedAgree) {
    std::ifstream file{KOS_REGRESSIONS};
    std::string line;
    unsigned played = 0;
    while (std::getline(file, line)) {
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words{line};
        Parameters parameters;
        ASSERT_TRUE(words >> parameters.first_seed >> parameters.steps) << line;
        expect_agreement(parameters);
        ++played;
    }
    EXPECT_GT(played, 0u);
}

}  // namespace
}  // namespace kos::contract
