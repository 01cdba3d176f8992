// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the simulated machine's test programs share: the start of an initial thread, a console on
// the PL011, objects from the largest untyped, threads and VSpaces that run this same program.
//
// A program defines `void test_main()`; when it returns, the initial thread suspends itself. An
// invocation that fails prints its name and error, and suspends too.
#pragma once

#include "lib/sel4/bootinfo.hpp"
#include "lib/sel4/invoke.hpp"

#include <cstdint>
#include <string_view>

namespace kos::test {

const sel4::BootInfo& boot_info();

void print(std::string_view text);
/// Hexadecimal, without prefix, and a space.
void print(std::uint64_t number);

void require(const sel4::Invoked& outcome);

/// A new object in a slot of its own.
sel4::CPtr make(sel4::ObjectType type, unsigned size_bits = 0);
template <class Object>
sel4::Cap<Object> make(sel4::ObjectType type, unsigned size_bits = 0) {
    return sel4::Cap<Object>{make(type, size_bits)};
}

/// A slot that holds nothing yet.
sel4::CPtr empty_slot();

/// A register of the PL011.
volatile std::uint32_t& uart(unsigned offset);

/// A second capability to the same object, so that a frame can be mapped twice.
sel4::CPtr copy(sel4::CPtr original, sel4::Word badge = 0);

inline constexpr sel4::Cap<sel4::VSpace> own_vspace{sel4::root_slot::vspace};

/// Free addresses in the program's own 2 MiB, for frames of its own.
inline constexpr sel4::Word free_address = 0x50'0000;

/// Maps a new frame at `address`, with every right, and returns it.
sel4::Cap<sel4::Frame> map_frame(sel4::Cap<sel4::VSpace> vspace, sel4::Word address);
void map(sel4::Cap<sel4::Frame> frame, sel4::Cap<sel4::VSpace> vspace, sel4::Word address,
         sel4::Rights rights = sel4::read_write, bool executable = false);

/// A VSpace that holds this program, its data shared with the initial thread.
sel4::Cap<sel4::VSpace> make_vspace();

struct ThreadOptions {
    void (*entry)(sel4::Word);
    sel4::Word argument = 0;
    sel4::Cap<sel4::VSpace> vspace = own_vspace;
    sel4::Word priority = 100;
    sel4::SchedParameters time{.budget = 10'000, .period = 10'000};
    sel4::Cap<sel4::Endpoint> fault_endpoint{};
};
/// Starts it; it has an IPC buffer and a stack of 4 KiB of its own. A thread must not return.
sel4::Cap<sel4::Tcb> start_thread(const ThreadOptions& options);

/// Does not come back.
[[noreturn]] void suspend_self();

}  // namespace kos::test

void test_main();
/// Called before all else. A program that runs on other kernels than the simulated one sets the
/// ABI.
void test_prepare(const kos::sel4::BootInfo& boot_info);
