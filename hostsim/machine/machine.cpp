// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/machine.hpp"

#include "hostsim/machine/board.hpp"
#include "hostsim/machine/guest_runner.hpp"
#include "hostsim/machine/memory_map.hpp"
#include "lib/manifest/view.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace kos::sim {

namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t nanoseconds_per_tick = 1'000'000'000 / counter_hz;

/// The longest turn of a thread: how late a stop or a limit may come.
constexpr Ticks longest_turn = ticks_from_microseconds(1000);

/// Turns between two looks at the host's clock, which costs a tenth of a short turn.
constexpr unsigned turns_per_clock_check = 64;

Ticks ticks_from(nanoseconds time) {
    return static_cast<Ticks>(time.count()) / nanoseconds_per_tick;
}

Outcome<PhysicalMemory> make_memory(const MachineOptions& options) {
    const std::string where = "memory of " + std::to_string(options.memory_size) + " bytes";
    if (options.memory_size < large_page_size || options.memory_size > memory_map::largest_memory ||
        !is_aligned(options.memory_size, large_page_size)) {
        return fail(ErrorCode::Usage, where, "give a multiple of 2 MiB, at most 250 GiB");
    }
    auto memory = PhysicalMemory::create(memory_map::regions(options.memory_size));
    if (!memory) return fail(ErrorCode::Target, where, "the host does not provide it");
    return std::move(memory).value();
}

/// The root server's ELF file in a checked image.
Outcome<Bytes> find_root_server(Bytes image, std::string_view where) {
    const auto view = manifest::ImageView::create(image, image.size());
    if (!view) {
        const bool is_version = view.error() == manifest::ImageError::Version;
        return fail(is_version ? ErrorCode::ImageVersion : ErrorCode::ImageCorrupt,
                    std::string{where}, std::string{manifest::describe(view.error())});
    }
    const std::uint32_t number = view->header().root_server;
    if (number >= view->blob_count()) {
        return fail(ErrorCode::ImageCorrupt, std::string{where}, "it names no root server");
    }
    const manifest::Blob blob = view->blob(number);
    const auto elf = slice(image, blob.offset, blob.size);
    if (!elf) return fail(ErrorCode::ImageCorrupt, std::string{where}, "it ends too early");
    return *elf;
}

}  // namespace

std::shared_ptr<CorePool> prepare_cores() {
    // The initial thread's and the first app's.
    constexpr std::array ahead{FaultingAccess::Replaced, FaultingAccess::Kept};
    return std::make_shared<CorePool>(ahead);
}

std::string_view describe(StopReason reason) {
    switch (reason) {
        case StopReason::Finished:
            return "the system has finished";
        case StopReason::Stopped:
            return "it was stopped";
        case StopReason::Idle:
            return "no thread will ever run again";
        case StopReason::SimulatedTimeLimit:
            return "the limit of simulated time is reached";
        case StopReason::HostTimeLimit:
            return "the limit of time is reached";
    }
    return "unknown";
}

Outcome<std::unique_ptr<Machine>> Machine::create(const MachineOptions& options, Bytes system_image,
                                                  std::string_view where) {
    const Bytes root_server = KOS_TRY(find_root_server(system_image, where));
    auto board = std::make_unique<Board>(options, KOS_TRY(make_memory(options)));
    const PhysicalRange placed = KOS_TRY(board->place_system_image(system_image, where));
    KOS_TRY(board->boot(root_server, placed, where));
    return std::unique_ptr<Machine>(new Machine(std::move(board)));
}

Outcome<std::unique_ptr<Machine>> Machine::create_with_program(const MachineOptions& options,
                                                               Bytes elf, std::string_view where) {
    auto board = std::make_unique<Board>(options, KOS_TRY(make_memory(options)));
    KOS_TRY(board->boot(elf, std::nullopt, where));
    return std::unique_ptr<Machine>(new Machine(std::move(board)));
}

Machine::Machine(std::unique_ptr<Board> board) : board_(std::move(board)) {}
Machine::~Machine() = default;

Kernel& Machine::kernel() { return board_->kernel; }

void Machine::send(Bytes bytes) { board_->uart.receive(bytes); }

void Machine::stop() { board_->stop_requested = true; }

RunSummary Machine::run() {
    if (!board_->started) board_->started = steady_clock::now();
    board_->stop_requested = false;
    const StopReason reason = run_until_stopped();
    board_->console.flush();
    return {reason,
            nanoseconds{static_cast<std::int64_t>(board_->kernel.now() * nanoseconds_per_tick)},
            board_->cpu.instructions()};
}

StopReason Machine::run_until_stopped() {
    for (unsigned turns = 0;; ++turns) {
        if (board_->console.finished()) return StopReason::Finished;
        if (board_->stop_requested) return StopReason::Stopped;
        const bool has_waited = std::exchange(has_waited_, false);
        if (turns % turns_per_clock_check == 0 || has_waited || has_busy_guests()) {
            if (const auto limit = limit_reached()) return *limit;
            attend(nanoseconds{0});
        }
        board_->deliver_interrupts();
        if (board_->kernel.current() == nullptr) {
            if (!idle()) return StopReason::Idle;
        } else if (board_->cpu.run_current(longest_turn) == TurnEnd::Time) {
            board_->console.flush();
        }
    }
}

/// Skips to what happens next, or waits for what the host sends; false where nothing will come.
bool Machine::idle() {
    board_->console.flush();
    if (board_->console.take_handed_on()) {
        // What the host makes of it comes before time goes on.
        attend(nanoseconds{0});
        if (board_->stop_requested || board_->has_uart_line_risen) return true;
    }
    if (has_busy_guests() || is_waited_for()) {
        wait_as_the_host();
        return true;
    }
    if (board_->kernel.skip_to_next_event()) return true;
    std::optional<nanoseconds> patience;
    if (board_->options.host_time_limit) {
        const auto left = *board_->started + *board_->options.host_time_limit - steady_clock::now();
        patience = std::max(nanoseconds{left}, nanoseconds{0});
    }
    return attend(patience) || limit_reached().has_value();
}

bool Machine::has_busy_guests() const {
    return board_->options.guests != nullptr && board_->options.guests->is_busy();
}

bool Machine::is_waited_for() const {
    const MachineOptions& options = board_->options;
    return options.attend && options.is_waited_for && options.is_waited_for();
}

/// Guests and whoever waits have the host's clock: simulated time goes by as fast as it does there,
/// not faster.
void Machine::wait_as_the_host() {
    has_waited_ = true;
    constexpr nanoseconds longest = std::chrono::milliseconds{100};
    const Ticks left = std::min(board_->kernel.ticks_until_event(), ticks_from(longest));
    const auto begin = steady_clock::now();
    attend(nanoseconds{static_cast<std::int64_t>(left * nanoseconds_per_tick)});
    const nanoseconds waited = steady_clock::now() - begin;
    board_->kernel.skip_to_next_event(board_->kernel.now() + ticks_from(waited));
}

bool Machine::attend(std::optional<nanoseconds> patience) {
    GuestRunner* const guests = board_->options.guests;
    bool any = guests != nullptr && guests->deliver(board_->guests);
    if (any) patience = nanoseconds{0};
    any = (board_->options.attend && board_->options.attend(patience)) || any;
    return (guests != nullptr && guests->deliver(board_->guests)) || any;
}

std::optional<StopReason> Machine::limit_reached() const {
    const MachineOptions& options = board_->options;
    if (options.simulated_time_limit &&
        board_->kernel.now() >= ticks_from(*options.simulated_time_limit)) {
        return StopReason::SimulatedTimeLimit;
    }
    if (options.host_time_limit &&
        steady_clock::now() - *board_->started >= *options.host_time_limit) {
        return StopReason::HostTimeLimit;
    }
    return std::nullopt;
}

}  // namespace kos::sim
