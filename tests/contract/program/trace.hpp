// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One trace: its steps, drawn from its seed, carried out by the actors and recorded.
#pragma once

#include "tests/contract/program/generator.hpp"
#include "tests/contract/program/recorder.hpp"
#include "tests/contract/program/stage.hpp"

#include <array>
#include <cstdint>

namespace kos::contract {

class Trace {
   public:
    /// \p ignores_serror: bit 8 of an SPSR is not compared.
    Trace(Stage& stage, Recorder& recorder, std::uint64_t seed, bool ignores_serror);
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    /// Sets the stage, plays \p steps steps, clears the stage.
    Attempt<> run(std::uint64_t steps);

   private:
    using Word = sel4::Word;

    Attempt<> step(std::uint64_t number);
    /// The call is the initial thread's own.
    void step_of_initial_thread(std::uint64_t number, const SystemCall& call);
    unsigned choose_actor(std::uint64_t step);
    void cancel(std::uint64_t step, unsigned actor);
    /// Lets everything run until nothing can; whether the chosen actor came back.
    Attempt<bool> let_run(std::uint64_t step, unsigned chosen, const SystemCall& call);
    void record_call(Line line, const SystemCall& call);
    /// \p call: what \p fault ends, where it was made in this step.
    void record_fault(std::uint64_t step, const ActorFault& fault, const SystemCall* call);
    /// Replaces what differs from machine to machine in the answer to \p call.
    Attempt<> make_comparable(const SystemCall& call, ActorFault& fault);
    [[nodiscard]] Word comparable(Word word) const;
    [[nodiscard]] Word digest_of(const sel4::IpcBuffer& buffer) const;
    void note_outcome(const SystemCall& call, const ActorFault& fault);

    Stage& stage_;
    Recorder& recorder_;
    Random random_;
    Playground playground_;
    Generator generator_;
    std::array<bool, actor_count> waits_{};
    std::uint64_t seed_;
    bool ignores_serror_;
};

}  // namespace kos::contract
