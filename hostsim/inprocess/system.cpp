// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/inprocess/system.hpp"

#include "hostsim/inprocess/system_state.hpp"

#include <algorithm>
#include <utility>

namespace kos::inprocess {

namespace {
constexpr VirtualAddress image_address{0x40'0000};
}

Result<std::unique_ptr<System>, SystemError> System::create(const Options& options) {
    auto memory = sim::PhysicalMemory::create(options.memory);
    if (!memory) return Err{SystemError::Memory};
    auto system = std::make_unique<SystemState>(std::move(memory).value(), options);
    KOS_TRY(system->boot());
    return std::unique_ptr<System>{std::move(system)};
}

SystemState::SystemState(sim::PhysicalMemory memory, Options options)
    : options_(std::move(options)), memory_(std::move(memory)), kernel_(memory_) {
    set_hooks({});
}

SystemState::~SystemState() {
    for (auto& [thread, runner] : runners_) {
        runner->abandon();
        abandoned_.push_back(std::move(runner));
    }
    if (initial_ != nullptr) reap(*initial_);
}

Result<void, SystemError> SystemState::boot() {
    const auto normal =
        std::find_if(options_.memory.begin(), options_.memory.end(),
                     [](const auto& region) { return region.kind == sim::MemoryKind::Normal; });
    if (normal == options_.memory.end()) return Err{SystemError::Memory};
    auto task =
        kernel_.boot({.kernel = {},
                      .user_image = {normal->base, normal->base + options_.image_pages * page_size},
                      .user_image_address = image_address,
                      .entry = image_address,
                      .device_tree = options_.device_tree,
                      .root_cnode_bits = options_.root_cnode_bits});
    if (!task) return Err{SystemError::Boot};
    task_ = *task;
    initial_ = std::make_unique<Runner>(*this, *kernel_.current());
    return {};
}

const sel4::BootInfo& SystemState::boot_info() {
    return *reinterpret_cast<const sel4::BootInfo*>(
        arena_of(*sim::vspace_of(initial_thread())).at(task_.boot_info));
}

Bytes SystemState::extra_boot_info() {
    const std::byte* start =
        arena_of(*sim::vspace_of(initial_thread())).at(task_.boot_info + page_size);
    return {start, boot_info().extra_length};
}

void SystemState::set_hooks(const sim::Hooks& hooks) {
    sim::Hooks ours = hooks;
    ours.vspaces = this;
    ours.threads = this;
    kernel_.set_hooks(ours);
}

void SystemState::set_program(VirtualAddress entry, Program program) {
    programs_[entry] = std::move(program);
}

void SystemState::set_default_program(Program program) { default_program_ = std::move(program); }

const Program* SystemState::program_at(VirtualAddress entry) const {
    const auto found = programs_.find(entry);
    if (found != programs_.end()) return &found->second;
    return default_program_ ? &default_program_ : nullptr;
}

Runner& SystemState::runner_of(sim::Thread& thread, const Runner& starter) {
    if (&thread == &initial_->thread()) return *initial_;
    std::unique_ptr<Runner>& runner = runners_[&thread];
    if (runner == nullptr) runner = std::make_unique<Runner>(*this, thread, starter);
    return *runner;
}

void SystemState::reap(const Runner& holder) {
    const auto is_other = [&](const auto& runner) { return runner.get() != &holder; };
    while (true) {
        const auto found = std::find_if(abandoned_.begin(), abandoned_.end(), is_other);
        if (found == abandoned_.end()) return;
        const std::unique_ptr<Runner> runner = std::move(*found);
        abandoned_.erase(found);
        runner->end(holder);
    }
}

Arena& SystemState::arena_of(sim::VSpace& vspace) {
    std::unique_ptr<Arena>& arena = arenas_[&vspace];
    if (arena == nullptr) {
        arena = std::make_unique<Arena>(memory_);
        kernel_.for_each_mapping(vspace, [&](VirtualAddress address, const sim::Mapping& mapping) {
            arena->map(address, mapping);
        });
    }
    return *arena;
}

void SystemState::mapped(sim::VSpace& vspace, VirtualAddress address, const sim::Mapping& mapping) {
    const auto arena = arenas_.find(&vspace);
    if (arena != arenas_.end()) arena->second->map(address, mapping);
}

void SystemState::unmapped(sim::VSpace& vspace, VirtualAddress address, std::uint64_t size) {
    const auto arena = arenas_.find(&vspace);
    if (arena != arenas_.end()) arena->second->unmap(address, size);
}

void SystemState::destroyed(sim::VSpace& vspace) { arenas_.erase(&vspace); }

void SystemState::destroyed(sim::Thread& thread) {
    const auto found = runners_.find(&thread);
    if (found == runners_.end()) return;
    found->second->abandon();
    abandoned_.push_back(std::move(found->second));
    runners_.erase(found);
}

}  // namespace kos::inprocess
