// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/inprocess/runner.hpp"

#include "hostsim/inprocess/system_state.hpp"
#include "lib/base/panic.hpp"

namespace kos::inprocess {

namespace {
thread_local Runner* running_here = nullptr;
constexpr std::uint64_t svc_bytes = 4;
}  // namespace

Runner::Runner(SystemState& system, sim::Thread& thread) : system_(system), thread_(&thread) {
    running_here = this;
}

Runner::Runner(SystemState& system, sim::Thread& thread, const Runner& starter)
    : system_(system), thread_(&thread), next_holder_(&starter), host_thread_([this] { play(); }) {}

Runner::~Runner() {
    if (host_thread_.joinable()) {
        host_thread_.join();
    } else {
        running_here = nullptr;
    }
}

Runner& Runner::running() {
    if (running_here == nullptr) panic("in process: a system call without a System");
    return *running_here;
}

sim::Registers& Runner::registers() const { return sim::registers_of(*thread_); }

void Runner::system_call() {
    sim::Registers& r = registers();
    const std::uint64_t svc = r.pc;
    do {
        // A thread whose call was cancelled, or who had no budget, makes it again.
        r.pc = expected_pc_ = svc + svc_bytes;
        system_.kernel().system_call();
        wait_for_turn();
    } while (r.pc == svc);
}

void Runner::wait_for_turn() {
    sim::Kernel& kernel = system_.kernel();
    for (;;) {
        system_.reap(*this);
        if (abandoned_) throw Unwind{};
        sim::Thread* next = kernel.current();
        if (next == nullptr) {
            if (!kernel.skip_to_next_event()) throw Deadlock{};
        } else if (next == thread_) {
            if (was_moved()) throw Unwind{};
            return;
        } else {
            give_baton_to(system_.runner_of(*next, *this));
        }
    }
}

bool Runner::was_moved() const {
    const std::uint64_t pc = registers().pc;
    return host_thread_.joinable() && pc != expected_pc_ && system_.is_entry(VirtualAddress{pc});
}

void Runner::give_baton_to(Runner& other) {
    other.next_holder_ = this;
    system_.baton().pass(this, &other);
}

void Runner::end(const Runner& holder) {
    if (!ended_) {
        next_holder_ = &holder;
        system_.baton().pass(&holder, this);
    }
}

void Runner::play() {
    running_here = this;
    system_.baton().wait_for(this);
    while (!abandoned_) {
        try {
            run_programs();
        } catch (const Unwind&) {
            // Goes on at another entry, or ends.
        } catch (const Deadlock&) {
            // The initial thread is to find out.
            next_holder_ = &system_.initial_runner();
            break;
        }
    }
    ended_ = true;
    system_.baton().leave_to(next_holder_);
}

void Runner::run_programs() {
    const VirtualAddress entry{registers().pc};
    const Program* program = system_.program_at(entry);
    expected_pc_ = entry.value();
    if (program != nullptr) (*program)(*thread_);
    system_.kernel().stop_current();
    wait_for_turn();
}

}  // namespace kos::inprocess
