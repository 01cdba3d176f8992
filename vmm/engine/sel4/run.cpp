// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/run.hpp"

#include "lib/sel4/syscall.hpp"
#include "lib/vm/guest_panic.hpp"
#include "lib/vm/layout.hpp"
#include "vmm/engine/sel4/guest.hpp"

#include <algorithm>
#include <new>
#include <optional>

namespace kos::vmm {

namespace {

using sel4::Word;

alignas(Guest) constinit std::byte guest_storage[sizeof(Guest)];

/// A line about how often the guest was stopped, and for what.
void log_counts(const Manager& manager, const ExitCounts& counts) {
    constexpr std::array<std::string_view, exit_kind_count> names{
        " reads, ",  " writes, ", " waits, ",          " firmware, ",
        " system, ", " timer, ",  " interrupt ends, ", " refused"};
    std::array<char, 256> line{};
    std::size_t used = 0;
    const auto add = [&](std::string_view text) {
        used += text.copy(line.data() + used, line.size() - used);
    };
    add("exits: ");
    for (std::size_t kind = 0; kind < counts.size(); ++kind) {
        std::array<char, 20> digits{};
        std::size_t first = digits.size();
        std::uint64_t rest = counts[kind];
        do {
            digits[--first] = static_cast<char>('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        add({digits.data() + first, digits.size() - first});
        add(names[kind]);
    }
    manager.log({line.data(), used});
}

/// No fault message is longer.
constexpr std::size_t fault_words = sel4::unknown_syscall::length;

class Loop {
   public:
    Loop(Guest& guest, const Manager& manager, Counter counter)
        : guest_(guest), manager_(manager), counter_(counter) {}

    /// Until the guest ends, or cannot go on; false where that is a failure.
    bool run() {
        sel4::Message message = receive();
        for (;;) {
            if (message.badge == no_badge) {
                // The notification; or a timer that nobody waits for.
                take_news();
                if (!tend()) return false;
                message = receive();
                continue;
            }
            const auto next = handle(message);
            if (!next) {
                manager_.log("the kernel refused what the guest's processor needs");
                return false;
            }
            if (*next == Next::PowerOff) return true;
            if (*next == Next::Reset) {
                manager_.log("the guest asked for a reset");
                return true;
            }
            if (!tend()) return false;
            if (*next == Next::Wait && !wait()) return false;
            message = sel4::reply_recv(vm::slot::fault_endpoint, {}, reply);
        }
    }

   private:
    static constexpr Word no_badge = 0;
    static constexpr sel4::Cap<sel4::Reply> reply{vm::slot::reply(0)};

    static sel4::Message receive() { return sel4::recv(vm::slot::fault_endpoint, reply); }

    Result<Next, sel4::Failure> handle(const sel4::Message& message) {
        // A copy: reading the guest's registers overwrites the IPC buffer.
        std::array<Word, fault_words> words{};
        const std::size_t count = std::min<std::size_t>(message.info.length(), words.size());
        for (std::size_t i = 0; i < count; ++i) {
            words[i] =
                i < sel4::message_registers ? message.words[i] : sel4::ipc_buffer().message[i];
        }
        return guest_.handler().handle(static_cast<sel4::FaultKind>(message.info.label()),
                                       std::span{words}.first(count));
    }

    /// What the notification may be about: signals for the container, and what the host has.
    void take_news() {
        pass_signals(manager_, guest_.control());
        guest_.take_mail();
    }

    /// What the host's end and the devices have to do. False where the guest is not to be trusted.
    bool tend() {
        guest_.link().tend(counter_());
        while (guest_.machine().pending()) guest_.machine().resume();
        const bool is_done = guest_.bridge().tend();
        if (!guest_.tend_networks() || !is_done) {
            sel4::signal(sel4::Cap<sel4::Notification>{notification});
        }
        if (!guest_.link().is_broken()) return true;
        manager_.log("KOS-E-GUEST-INTERNAL: the guest's control service sends nonsense");
        return false;
    }

    /// Until there is an interrupt for the guest, or its timer is due: then the kernel raises it as
    /// soon as the guest goes on. False where the kernel refuses to say when.
    bool wait() {
        guest_.output().flush();
        while (!guest_.machine().interrupts().any_in_slots()) {
            const auto deadline = timer_deadline();
            if (!deadline) return false;
            if (*deadline != no_deadline && counter_() >= *deadline) return true;
            const Word due = std::min(*deadline, guest_.link().next_due().value_or(no_deadline));
            if (due != no_deadline) manager_.set_timer(due);
            (void)sel4::wait(notification);
            take_news();
            if (!tend()) return false;
        }
        return true;
    }

    static constexpr Word no_deadline = ~Word{0};
    static constexpr sel4::CPtr notification = native::app_slot::notification(0);

    /// When the guest's virtual timer fires, by the counter.
    std::optional<Word> timer_deadline() {
        constexpr Word enabled = 1, masked = 2;
        KernelCpu& cpu = guest_.cpu();
        const auto control = cpu.read(sel4::VcpuRegister::CntvCtl);
        const auto compare = cpu.read(sel4::VcpuRegister::CntvCval);
        const auto offset = cpu.read(sel4::VcpuRegister::CntvOff);
        if (!control || !compare || !offset) return std::nullopt;
        if ((*control & (enabled | masked)) != enabled) return no_deadline;
        return *compare + *offset;
    }

    Guest& guest_;
    const Manager& manager_;
    Counter counter_;
};

}  // namespace

void run_on_kernel(const vm::VmInfo& info, Counter counter) {
    const Manager manager{native::app_slot::manager(0)};
    Guest& guest = *new (guest_storage) Guest{info, manager};
    if (const auto started = guest.start(); !started) {
        manager.log(started.error());
        manager.exit(own_failure);
    }
    const bool went_well = Loop{guest, manager, counter}.run();
    const auto wait_status = guest.control().wait_status();
    if (went_well && wait_status) manager.end(*wait_status);
    log_counts(manager, guest.handler().counts());
    if (guest.log_console()) {
        manager.log(vm::panic_line);
    } else if (went_well) {
        manager.log("KOS-E-GUEST-INTERNAL: the guest ended before its container did");
    }
    manager.exit(own_failure);
}

}  // namespace kos::vmm
