// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core_pool.hpp"

#include <algorithm>
#include <utility>

namespace kos::sim {

namespace {

/// A VSpace that holds `b .` everywhere. Running it makes dynarmic fill the tables that it needs to
/// compile anything.
class EndlessLoop final : public CoreEnvironment {
   public:
    std::optional<Mapping> translate(VirtualAddress) override {
        return Mapping{
            .physical = {}, .size_bits = page_bits, .readable = true, .executable = true};
    }
    std::optional<std::uint64_t> read(PhysicalAddress, unsigned) override {
        constexpr std::uint32_t branch_to_itself = 0x1400'0000;
        return branch_to_itself;
    }
    bool write(PhysicalAddress, unsigned, std::uint64_t) override { return false; }
    std::uint64_t counter(std::uint64_t) override { return 0; }
};

void warm_up(Core& core) {
    EndlessLoop loop;
    core.attach(loop);
    (void)core.run(1);
    core.reset();
}

}  // namespace

CorePool::CorePool(std::span<const FaultingAccess> ahead) : being_made_(ahead.size()) {
    for (const FaultingAccess faulting_access : ahead) {
        const bool is_first = makers_.empty();
        makers_.emplace_back([=, this] { make_core(faulting_access, is_first); });
    }
}

CorePool::~CorePool() {
    for (std::thread& maker : makers_) maker.join();
}

void CorePool::make_core(FaultingAccess faulting_access, bool is_first) {
    auto core = Core::create(faulting_access);
    if (core && is_first) warm_up(**core);
    const std::lock_guard lock{mutex_};
    --being_made_;
    if (core) ready_.push_back(std::move(core).value());
    changed_.notify_all();
}

/// With the mutex held; null where none is ready.
std::unique_ptr<Core> CorePool::take_ready(FaultingAccess faulting_access) {
    // The one that was given back last has compiled what is likely to run again.
    const auto found = std::find_if(ready_.rbegin(), ready_.rend(), [=](const auto& core) {
        return core->faulting_access() == faulting_access;
    });
    if (found == ready_.rend()) return nullptr;
    std::unique_ptr<Core> core = std::move(*found);
    ready_.erase(std::next(found).base());
    return core;
}

Result<std::unique_ptr<Core>, ArenaError> CorePool::take(FaultingAccess faulting_access) {
    std::unique_ptr<Core> core;
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] {
            core = take_ready(faulting_access);
            return core != nullptr || being_made_ == 0;
        });
    }
    if (core != nullptr) return core;
    return Core::create(faulting_access);
}

void CorePool::give_back(std::unique_ptr<Core> core) {
    core->reset();
    const std::lock_guard lock{mutex_};
    ready_.push_back(std::move(core));
}

}  // namespace kos::sim
