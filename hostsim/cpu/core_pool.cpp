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

CorePool::CorePool(unsigned ahead) : being_made_(ahead) {
    for (unsigned i = 0; i < ahead; ++i) {
        makers_.emplace_back([this, is_first = i == 0] { make_core(is_first); });
    }
}

CorePool::~CorePool() {
    for (std::thread& maker : makers_) maker.join();
}

void CorePool::make_core(bool is_first) {
    auto core = Core::create();
    if (core && is_first) warm_up(**core);
    const std::lock_guard lock{mutex_};
    --being_made_;
    if (core) ready_.push_back(std::move(core).value());
    changed_.notify_all();
}

Result<std::unique_ptr<Core>, ArenaError> CorePool::take() {
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return !ready_.empty() || being_made_ == 0; });
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
