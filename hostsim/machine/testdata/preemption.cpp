// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Two threads of equal priority that never enter the kernel share the processor by their budgets;
// vector registers and thread pointers are each thread's own. Afterwards both report.
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/syscall.hpp"

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

constexpr sel4::Word thread_count = 2;
constexpr sel4::Word rounds = 2'000'000;

struct Report {
    volatile sel4::Word progress, errors, switches;
};
Report reports[thread_count];
volatile sel4::Word last_running = thread_count;
sel4::Word endpoint_of_main;

/// Counts in an integer and a vector register, and looks for the two to differ.
void spin(sel4::Word self) {
    Report& report = reports[self];
    double vector = static_cast<double>(self) * 1e9;
    const double start = vector;
    asm volatile("msr tpidr_el0, %0" ::"r"(self + 0x50));
    for (sel4::Word i = 1; i <= rounds; ++i) {
        vector += 1.0;
        asm volatile("" : "+w"(vector));
        sel4::Word pointer;
        asm volatile("mrs %0, tpidr_el0" : "=r"(pointer));
        if (vector != start + static_cast<double>(i) || pointer != self + 0x50) {
            report.errors = report.errors + 1;
        }
        if (last_running != self) {
            last_running = self;
            report.switches = report.switches + 1;
        }
        report.progress = i;
    }
    (void)sel4::call({endpoint_of_main}, {});
}

}  // namespace

void test_main() {
    const auto endpoint = test::make<sel4::Endpoint>(sel4::ObjectType::Endpoint);
    const auto reply = test::make<sel4::Reply>(sel4::ObjectType::Reply);
    endpoint_of_main = endpoint.cptr().value;
    for (sel4::Word i = 0; i < thread_count; ++i) {
        test::start_thread(
            {.entry = spin, .argument = i, .time = {.budget = 1000, .period = 1000}});
    }
    (void)sel4::recv(endpoint.cptr(), reply);
    const sel4::Word other_progress =
        reports[0].progress == rounds ? reports[1].progress : reports[0].progress;
    test::print(other_progress > rounds / 2 ? "shared\n" : "starved\n");
    (void)sel4::reply_recv(endpoint.cptr(), {}, reply);
    for (const Report& report : reports) {
        test::print(report.errors);
        test::print(report.switches > 5 ? "switched " : "stuck ");
    }
    test::print("\n");
}
