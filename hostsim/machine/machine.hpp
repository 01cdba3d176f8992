// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A simulated board: QEMU's virt machine as far as kos uses it, with the simulated kernel booted on
// it and the system image in place.
//
//   0x0900'0000  PL011
//   0x0b00'0000  devices that run guests outside
//   0x4000'0000  RAM that the kernel does not manage; the system image at 0x4800'0000, where QEMU
//                puts -initrd
//   0x6000'0000  RAM: root server and its boot information, untypeds
//
// A run is reproduced by the same image and options: time is counted in instructions.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/sel4/abi.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace kos::sim {

class CorePool;
class GuestRunner;
class InvocationListener;
class Kernel;

/// Starts to make what a machine needs most time for, in the background. A caller that has other
/// work to do first, such as packing the image, calls this before it.
[[nodiscard]] std::shared_ptr<CorePool> prepare_cores();

struct MachineOptions {
    /// Bytes of normal RAM, a multiple of 2 MiB.
    std::uint64_t memory_size = 256u << 20;
    /// Given to the system as /chosen rng-seed.
    std::array<std::uint8_t, 32> seed{};
    /// Seconds since 1970 at boot.
    std::uint64_t boot_time = 0;
    /// What the kernel's numbers are; also given to the system.
    sel4::KernelAbi kernel_abi = sel4::default_abi();
    unsigned root_cnode_bits = 12;

    /// Bytes that the board sends on its serial line. Called from run(); may call stop().
    std::function<void(Bytes)> console;
    /// Called from run() now and then, and when no thread can run before something comes: looks
    /// after what the host has to do with the board, for as long as `patience` (none: until there
    /// is something), and may call send() and stop(). False: nothing will ever come.
    std::function<bool(std::optional<std::chrono::nanoseconds> patience)> attend;
    /// Runs the guests of microVMs outside, or null: there can be none then. `attend` is needed
    /// with it, and returns once it has something to deliver. Outlives the machine.
    GuestRunner* guests = nullptr;
    /// Whether somebody on the host waits for the system, so that simulated time may go by no
    /// faster than the host's. Needs `attend`.
    std::function<bool()> is_waited_for;
    /// Asks the root server for a trace of its invocations, as the boot data of a board does.
    bool trace_root_server = false;
    /// What the kernel sees, whoever invoked: one line per invocation and fault, in numbers and
    /// without its newline.
    std::function<void(std::string_view)> trace;
    /// Gets the invocations in place of `trace`.
    InvocationListener* invocations = nullptr;

    /// Of prepare_cores(); without them the machine makes its own.
    std::shared_ptr<CorePool> cores;

    /// The run ends when this much time has gone by, simulated or on the host's clock.
    std::optional<std::chrono::nanoseconds> simulated_time_limit;
    std::optional<std::chrono::nanoseconds> host_time_limit;
};

enum class StopReason : std::uint8_t {
    Finished,  ///< the root server said so (msg::FrameType::Finished)
    Stopped,   ///< stop() was called
    Idle,      ///< no thread will ever run again
    SimulatedTimeLimit,
    HostTimeLimit,
};
[[nodiscard]] std::string_view describe(StopReason reason);

struct RunSummary {
    StopReason reason;
    std::chrono::nanoseconds simulated_time;
    std::uint64_t instructions;
};

class Machine {
   public:
    /// Puts the system image into RAM and boots the kernel with the image's root server as the
    /// initial thread. `where` names the image in errors. The image is copied.
    [[nodiscard]] static Outcome<std::unique_ptr<Machine>> create(const MachineOptions& options,
                                                                  Bytes system_image,
                                                                  std::string_view where);
    /// Boots `elf` as the initial thread, without a system image: for tests.
    [[nodiscard]] static Outcome<std::unique_ptr<Machine>> create_with_program(
        const MachineOptions& options, Bytes elf, std::string_view where);

    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine();

    /// Runs until one of the reasons to stop; may be called again after Stopped. Limits count from
    /// the first call.
    RunSummary run();
    /// Ends run() when the current thread's turn ends, after 1 ms of simulated time at the latest.
    /// From callbacks only.
    void stop();
    /// Bytes for the board's serial line. Between runs and from `attend` only.
    void send(Bytes bytes);

    [[nodiscard]] Kernel& kernel();

   private:
    struct Board;
    explicit Machine(std::unique_ptr<Board> board);
    StopReason run_until_stopped();
    bool idle();
    void wait_as_the_host();
    [[nodiscard]] bool has_busy_guests() const;
    [[nodiscard]] bool is_waited_for() const;
    bool attend(std::optional<std::chrono::nanoseconds> patience);
    [[nodiscard]] std::optional<StopReason> limit_reached() const;

    std::unique_ptr<Board> board_;
    bool has_waited_ = false;  ///< so that time is to be looked at
};

}  // namespace kos::sim
