// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core_pool.hpp"

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

CorePool::CorePool(unsigned ahead) : maker_([this, ahead] { make_cores(ahead); }) {}

CorePool::~CorePool() { maker_.join(); }

void CorePool::make_cores(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        auto core = Core::create();
        if (!core) break;
        if (i == 0) warm_up(**core);
        const std::lock_guard lock{mutex_};
        ready_.push_back(std::move(core).value());
        changed_.notify_all();
    }
    const std::lock_guard lock{mutex_};
    making_ = false;
    changed_.notify_all();
}

Result<std::unique_ptr<Core>, ArenaError> CorePool::take() {
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return !ready_.empty() || !making_; });
        if (!ready_.empty()) {
            std::unique_ptr<Core> core = std::move(ready_.back());
            ready_.pop_back();
            return core;
        }
    }
    return Core::create();
}

void CorePool::give_back(std::unique_ptr<Core> core) {
    core->reset();
    const std::lock_guard lock{mutex_};
    ready_.push_back(std::move(core));
}

}  // namespace kos::sim
