// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The system behind the seam: machine, kernel, arenas, and who plays which thread.
#pragma once

#include "hostsim/inprocess/arena.hpp"
#include "hostsim/inprocess/baton.hpp"
#include "hostsim/inprocess/runner.hpp"
#include "hostsim/inprocess/system.hpp"

#include <map>
#include <memory>

namespace kos::inprocess {

class SystemState final : public System, sim::VSpaceListener, sim::ThreadListener {
   public:
    SystemState(sim::PhysicalMemory memory, Options options);
    ~SystemState() override;

    /// Boots the kernel; the calling host thread plays the initial thread from then on.
    [[nodiscard]] Result<void, SystemError> boot();

    sim::Kernel& kernel() override { return kernel_; }
    sim::Thread& initial_thread() override { return initial_->thread(); }
    const sel4::BootInfo& boot_info() override;
    Bytes extra_boot_info() override;
    void set_hooks(const sim::Hooks& hooks) override;
    void set_program(VirtualAddress entry, Program program) override;
    void set_default_program(Program program) override;

    [[nodiscard]] Baton& baton() { return baton_; }
    [[nodiscard]] const Runner& initial_runner() const { return *initial_; }
    /// The program of threads that start at `entry`, nullptr for none.
    [[nodiscard]] const Program* program_at(VirtualAddress entry) const;
    [[nodiscard]] bool is_entry(VirtualAddress address) const {
        return programs_.contains(address);
    }
    Runner& runner_of(sim::Thread& thread, const Runner& starter);
    /// Ends what plays threads that are gone.
    void reap(const Runner& holder);
    [[nodiscard]] Arena& arena_of(sim::VSpace& vspace);

   private:
    void mapped(sim::VSpace& vspace, VirtualAddress address, const sim::Mapping& mapping) override;
    void unmapped(sim::VSpace& vspace, VirtualAddress address, std::uint64_t size) override;
    void unified(sim::VSpace&, VirtualAddress, std::uint64_t) override {}
    void destroyed(sim::VSpace& vspace) override;
    void destroyed(sim::Thread& thread) override;

    Options options_;
    sim::PhysicalMemory memory_;
    sim::Kernel kernel_;
    sim::BootedTask task_{};
    Baton baton_;
    std::map<sim::VSpace*, std::unique_ptr<Arena>> arenas_;
    std::map<sim::Thread*, std::unique_ptr<Runner>> runners_;  // all but the initial thread's
    std::vector<std::unique_ptr<Runner>> abandoned_;
    std::unique_ptr<Runner> initial_;
    std::map<VirtualAddress, Program> programs_;
    Program default_program_;
};

}  // namespace kos::inprocess
