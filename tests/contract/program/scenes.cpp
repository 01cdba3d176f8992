// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/scenes.hpp"

#include "lib/sel4/fault.hpp"
#include "tests/contract/program/actor.hpp"

namespace kos::contract {

namespace {

using sel4::Word;

/// Microseconds: a budget that an emulator's pauses don't use up before the actor's first
/// instructions, and a period so long that no second one begins within a scene.
constexpr Word short_budget = 100'000, long_period = 10'000'000;
/// A period that is waited for.
constexpr Word short_period = 300'000;
constexpr Word context_badge = 0x77;

SystemCall system_call(sel4::Syscall which, Word target = 0, Word reply = 0) {
    SystemCall call;
    call.number = static_cast<Word>(which);
    call.target = target;
    call.reply = reply;
    return call;
}

class Scene {
   public:
    Scene(Stage& stage, Recorder& recorder) : stage_(stage), recorder_(recorder) {}

    Attempt<> budget_ends_in_fault();
    Attempt<> budget_ends_unhandled();
    Attempt<> budget_is_refilled();
    Attempt<> yield_gives_up_budget();
    Attempt<> yield_of_round_robin();
    Attempt<> lent_budget_ends();
    Attempt<> lent_budget_comes_back();

   private:
    Attempt<> let_run();
    Attempt<> wait_for_fault();
    void tell(const ActorFault& fault);

    Stage& stage_;
    Recorder& recorder_;
    Playground playground_;
    friend Attempt<> play(Stage& stage, Recorder& recorder, std::string_view name,
                          Attempt<> (Scene::*scene)());
};

void Scene::tell(const ActorFault& fault) {
    Line line = Line{}.text("saw actor ").decimal(fault.actor).text(" fault ").hex(fault.label);
    if (fault.label == static_cast<Word>(sel4::FaultKind::Timeout)) {
        // The second word is the time consumed.
        line.text(" context ").hex(fault.words[0]).text(" words ").decimal(fault.length);
    } else if (fault.label == static_cast<Word>(sel4::FaultKind::UserException)) {
        line.text(" at ").hex(fault.words[sel4::user_exception::fault_ip] - actor_entry());
        line.text(" info ").hex(fault.registers.x1).text(" x0 ").hex(fault.registers.x0);
    }
    recorder_.print(line);
}

/// Until no actor can run.
Attempt<> Scene::let_run() {
    while (const auto fault = KOS_TRY(stage_.next_fault())) tell(*fault);
    recorder_.print(Line{}.text("saw that all wait"));
    return {};
}

/// However often nobody can run before.
Attempt<> Scene::wait_for_fault() {
    for (;;) {
        const auto fault = KOS_TRY(stage_.next_fault());
        if (!fault) continue;
        tell(*fault);
        return {};
    }
}

Attempt<> Scene::budget_ends_in_fault() {
    KOS_TRY(stage_.limit(0, {short_budget, long_period, 0, context_badge}));
    KOS_TRY(stage_.handle_timeouts(0));
    KOS_TRY(stage_.start(0, {}, spinner_entry()));
    return let_run();
}

/// The lower actor runs only because the higher one has spent its time.
Attempt<> Scene::budget_ends_unhandled() {
    KOS_TRY(stage_.limit(1, {short_budget, long_period, 0, context_badge}));
    KOS_TRY(stage_.start(1, {}, spinner_entry()));
    KOS_TRY(stage_.start(0, system_call(sel4::Syscall::NbSend, prop::notification), actor_entry()));
    return let_run();
}

/// The handler's answer lets the thread go on once its next period begins: two faults.
Attempt<> Scene::budget_is_refilled() {
    KOS_TRY(stage_.limit(0, {short_budget, short_period, 0, context_badge}));
    KOS_TRY(stage_.handle_timeouts(0));
    KOS_TRY(stage_.start(0, {}, spinner_entry()));
    KOS_TRY(wait_for_fault());
    KOS_TRY(stage_.start(0, {}, spinner_entry()));
    KOS_TRY(wait_for_fault());
    return let_run();
}

Attempt<> Scene::yield_gives_up_budget() {
    KOS_TRY(stage_.limit(0, {short_budget, short_period}));
    KOS_TRY(stage_.start(0, system_call(sel4::Syscall::Yield), actor_entry()));
    KOS_TRY(let_run());
    return wait_for_fault();
}

Attempt<> Scene::yield_of_round_robin() {
    KOS_TRY(stage_.start(0, system_call(sel4::Syscall::Yield), actor_entry()));
    return let_run();
}

/// A server without time of its own spends its caller's: the fault names the caller's context.
Attempt<> Scene::lent_budget_ends() {
    KOS_TRY(stage_.handle_timeouts(1));
    KOS_TRY(stage_.start(1, system_call(sel4::Syscall::Recv, prop::endpoint, prop::reply),
                         worker_entry()));
    KOS_TRY(let_run());
    KOS_TRY(stage_.make_passive(1));
    KOS_TRY(stage_.limit(0, {short_budget, long_period, 0, context_badge}));
    KOS_TRY(stage_.start(0, system_call(sel4::Syscall::Call, prop::endpoint), actor_entry()));
    return let_run();
}

/// The reply takes the time back to the caller, and the server can't run any more.
Attempt<> Scene::lent_budget_comes_back() {
    KOS_TRY(stage_.start(1, system_call(sel4::Syscall::Recv, prop::endpoint, prop::reply),
                         actor_entry()));
    KOS_TRY(let_run());
    KOS_TRY(stage_.make_passive(1));
    KOS_TRY(stage_.start(0, system_call(sel4::Syscall::Call, prop::endpoint), actor_entry()));
    KOS_TRY(let_run());
    KOS_TRY(stage_.start(1, system_call(sel4::Syscall::ReplyRecv, prop::endpoint, prop::reply),
                         actor_entry()));
    return let_run();
}

Attempt<> play(Stage& stage, Recorder& recorder, std::string_view name,
               Attempt<> (Scene::*scene)()) {
    recorder.print(Line{}.text("scene ").text(name));
    Scene played{stage, recorder};
    KOS_TRY(stage.set_up(played.playground_));
    KOS_TRY((played.*scene)());
    return stage.tear_down();
}

/// A UART that has sent a byte, as PL011 has it: level-triggered, until it is cleared.
class TransmitInterrupt {
   public:
    explicit TransmitInterrupt(Word registers) : registers_(registers) {}

    void raise() {
        at(mask) = at(mask) | transmit;
        at(data) = '\n';
    }
    void clear() {
        at(mask) = at(mask) & ~transmit;
        at(interrupt_clear) = transmit;
    }

   private:
    static constexpr Word data = 0x00, mask = 0x38, interrupt_clear = 0x44;
    static constexpr std::uint32_t transmit = 1u << 5;

    volatile std::uint32_t& at(Word offset) const {
        return *reinterpret_cast<volatile std::uint32_t*>(
            sel4::vspace_pointer(registers_ + offset));
    }
    Word registers_;
};

Attempt<> interrupt_arrives(Stage& stage, Recorder& recorder, const InterruptingUart& uart) {
    recorder.print(Line{}.text("scene an interrupt arrives"));
    Playground playground;
    KOS_TRY(stage.set_up(playground));
    const Stage::Interrupt interrupt = KOS_TRY(stage.receive_interrupt(uart.interrupt));
    TransmitInterrupt device{uart.registers};
    const auto poll = [&](std::string_view when) {
        const Word badge = sel4::nb_wait(interrupt.notification.cptr()).badge;
        recorder.print(Line{}.text("saw ").hex(badge).text(" ").text(when));
    };
    const auto wait = [&](std::string_view when) {
        const Word badge = sel4::wait(interrupt.notification.cptr()).badge;
        recorder.print(Line{}.text("saw ").hex(badge).text(" ").text(when));
    };
    const auto acknowledge = [&] {
        return rootserver::about({"the interrupt"}, sel4::irq_handler_ack(interrupt.handler));
    };
    poll("before");
    device.raise();
    wait("when it was raised");
    poll("while it is not acknowledged");
    KOS_TRY(acknowledge());
    wait("as the device still asks for it");
    device.clear();
    KOS_TRY(acknowledge());
    poll("once the device was content");
    device.raise();
    wait("when it was raised again");
    device.clear();
    return stage.tear_down();
}

}  // namespace

Attempt<> play_scenes(Stage& stage, Recorder& recorder, const InterruptingUart& uart) {
    struct Named {
        std::string_view name;
        Attempt<> (Scene::*scene)();
    };
    constexpr Named scenes[] = {
        {"a budget ends in a timeout fault", &Scene::budget_ends_in_fault},
        {"a budget ends without a handler", &Scene::budget_ends_unhandled},
        {"a budget is refilled", &Scene::budget_is_refilled},
        {"a yield gives up the budget", &Scene::yield_gives_up_budget},
        {"a yield of round robin", &Scene::yield_of_round_robin},
        {"a lent budget ends", &Scene::lent_budget_ends},
        {"a lent budget comes back", &Scene::lent_budget_comes_back},
    };
    for (const Named& each : scenes) KOS_TRY(play(stage, recorder, each.name, each.scene));
    return interrupt_arrives(stage, recorder, uart);
}

}  // namespace kos::contract
