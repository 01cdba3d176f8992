// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/testing/fake_manager.hpp"

#include "lib/manifest/image.hpp"
#include "lib/message/layout.hpp"
#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/lock.hpp"
#include "libos/core/platform.hpp"
#include "libos/core/user.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <sys/mman.h>
#include <thread>

namespace kos::libos::testing {

namespace {

FakeManager* manager = nullptr;
thread_local native::ThreadBlock* own_block = nullptr;
thread_local sel4::IpcBuffer own_ipc_buffer;

std::byte* reserve(std::uint64_t size) {
    void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory for the fake app");
    return static_cast<std::byte*>(memory);
}

std::chrono::steady_clock::time_point time_of(std::uint64_t counter) {
    return std::chrono::steady_clock::time_point{std::chrono::nanoseconds{counter}};
}

}  // namespace

FakeManager::FakeManager()
    : window_memory_(reserve(window.size)), brk_memory_(reserve(brk_area.size)) {
    manager = this;
    has_threads = true;  // a test enters as any of them
    user_range = {.is_everything = true};
    for (std::uint64_t i = 0; i < blocks_.size(); ++i) {
        blocks_[i].index = i;
        blocks_[i].notification = native::app_slot::notification(i).value;
    }
    enter(0);
}

FakeManager::~FakeManager() {
    ::munmap(window_memory_, window.size);
    ::munmap(brk_memory_, brk_area.size);
    manager = nullptr;
}

void FakeManager::enter(std::uint64_t index) { own_block = &blocks_.at(index); }

std::optional<std::uint64_t> FakeManager::protection(std::uint64_t address) const {
    const auto page = pages_.find(align_down<std::uint64_t>(address, page_size));
    if (page == pages_.end()) return std::nullopt;
    return page->second;
}

std::byte* FakeManager::memory(std::uint64_t address) const {
    const VirtualAddress point{address};
    if (window.start <= point && point < window.end()) {
        return window_memory_ + (point - window.start);
    }
    if (brk_area.start <= point && point < brk_area.end()) {
        return brk_memory_ + (point - brk_area.start);
    }
    if (point >= native::thread_areas && point < native::stack_top) {
        const std::uint64_t offset = point - native::thread_areas;
        auto* const block =
            const_cast<native::ThreadBlock*>(&blocks_.at(offset / native::thread_area_stride));
        return reinterpret_cast<std::byte*>(block);
    }
    constexpr std::uint64_t areas_size = manifest::max_memberships * message::app_area_stride;
    if (message_servers != nullptr && point >= message::app_areas &&
        point - message::app_areas < areas_size) {
        const std::uint64_t offset = point - message::app_areas;
        return message_servers->area(offset / message::app_area_stride) +
               offset % message::app_area_stride;
    }
    constexpr std::uint64_t lanes_size = manifest::max_memberships * message::app_lanes_size;
    if (message_servers != nullptr && point >= message::app_lanes &&
        point - message::app_lanes < lanes_size) {
        const std::uint64_t offset = point - message::app_lanes;
        return message_servers->lane(offset / message::app_lanes_size,
                                     offset % message::app_lanes_size / message::lane_size);
    }
    return reinterpret_cast<std::byte*>(address);
}

FakeManager::Answer FakeManager::map(std::uint64_t address, std::uint64_t size,
                                     std::uint64_t protection) {
    if (refuse_with != 0) return {refuse_with};
    const bool reachable = window.contains({VirtualAddress{address}, size}) ||
                           brk_area.contains({VirtualAddress{address}, size});
    for (std::uint64_t page = address; page < address + size; page += page_size) {
        pages_[page] = protection;
    }
    if (reachable) ::madvise(memory(address), size, MADV_DONTNEED);
    return {};
}

FakeManager::Answer FakeManager::unmap(std::uint64_t address, std::uint64_t size) {
    pages_.erase(pages_.lower_bound(address), pages_.lower_bound(address + size));
    return {};
}

FakeManager::Answer FakeManager::protect(std::uint64_t address, std::uint64_t size,
                                         std::uint64_t protection) {
    if (refuse_executable_with != 0 && (protection & native::protect_execute) != 0) {
        return {refuse_executable_with, 0};
    }
    constexpr std::uint64_t einval = 22;
    for (std::uint64_t page = address; page < address + size; page += page_size) {
        if (!pages_.contains(page)) return {einval};
        pages_[page] = protection;
    }
    return {};
}

FakeManager::Answer FakeManager::serve(std::uint64_t thread, std::uint64_t label,
                                       const std::uint64_t* words) {
    const std::lock_guard lock(mutex_);
    ++requests;
    switch (static_cast<native::Request>(label)) {
        case native::Request::Exit:
            throw AppExited{words[0]};
        case native::Request::Write:
            written.at(words[0]).append(reinterpret_cast<const char*>(words + 2), words[1]);
            return {0, words[1]};
        case native::Request::Map:
            return map(words[0], words[1], words[2]);
        case native::Request::Unmap:
            return unmap(words[0], words[1]);
        case native::Request::Protect:
            return protect(words[0], words[1], words[2]);
        case native::Request::Commit:
            return {};
        case native::Request::ReserveThread:
            return {0, next_thread_++};
        case native::Request::StartThread:
            started.push_back(words[0]);
            return {};
        case native::Request::ExitThread:
            throw ThreadExited{};
        case native::Request::SetTimer:
            sleepers_.at(thread).timer = words[0];
            return {};
        case native::Request::Log:
            logged.emplace_back(reinterpret_cast<const char*>(words + 1), words[0]);
            return {};
        case native::Request::IgnoreSignals:
            ignored_signals = words[0];
            return {};
        case native::Request::AppProvides:
        case native::Request::GiveLane:
        case native::Request::TakeLane:
        case native::Request::TakeNews:     // of message servers; libos never asks
        case native::Request::TakeSignals:  // of VMMs; libos never asks
            return {0, 0};
    }
    throw std::runtime_error("unknown request");
}

void FakeManager::await_sleepers(std::uint64_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        const auto asleep = std::ranges::count_if(sleepers_, &Sleeper::is_asleep);
        return static_cast<std::uint64_t>(asleep) == count;
    });
}

void FakeManager::sleep(std::uint64_t thread) {
    std::unique_lock lock(mutex_);
    Sleeper& sleeper = sleepers_.at(thread);
    sleeper.is_asleep = true;
    changed_.notify_all();
    const auto woken = [&] { return sleeper.signalled; };
    if (sleeper.timer == 0) {
        changed_.wait(lock, woken);
    } else if (!changed_.wait_until(lock, time_of(sleeper.timer), woken)) {
        sleeper.timer = 0;
    }
    sleeper.is_asleep = sleeper.signalled = false;
}

void FakeManager::signal(std::uint64_t thread) {
    const std::lock_guard lock(mutex_);
    sleepers_.at(thread).signalled = true;
    changed_.notify_all();
}

}  // namespace kos::libos::testing

namespace kos::libos {

native::ThreadBlock& current_block() { return *testing::own_block; }

std::uint64_t read_counter() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace kos::libos

namespace kos::sel4 {

namespace {

std::uint64_t thread_of(CPtr slot) { return (slot.value - native::app_slot::first_of_threads) / 2; }

}  // namespace

Message call(CPtr destination, const Message& message) {
    if (destination.value < native::app_slot::first_of_threads) {
        const auto [error, words] = libos::testing::manager->message_servers->call(
            destination.value - message::server_endpoint(0).value, message.info.label(),
            message.words);
        return {MessageInfo{error, 0, message_registers}, words};
    }
    auto& words = libos::testing::own_ipc_buffer.message;
    std::memcpy(words, message.words.data(), sizeof message.words);
    const auto answer =
        libos::testing::manager->serve(thread_of(destination), message.info.label(), words);
    return {MessageInfo{answer.error, 0, 1}, {answer.value}};
}
Message wait(CPtr source) {
    libos::testing::manager->sleep(thread_of(source));
    return {};
}
void send(CPtr destination, const Message& /*message*/) {
    const auto first = message::lane_notification(0, 0, 0).value;
    if (destination.value >= first) {
        const std::uint64_t number = destination.value - first;
        const std::uint64_t channel = number / message::lane_threads;
        libos::testing::manager->message_servers->signal(channel / message::channels_of_an_app,
                                                         channel % message::channels_of_an_app,
                                                         number % message::lane_threads);
        return;
    }
    libos::testing::manager->signal(thread_of(destination));
}
void yield() { std::this_thread::yield(); }
IpcBuffer& ipc_buffer() { return libos::testing::own_ipc_buffer; }
std::byte* vspace_pointer(Word address) { return libos::testing::manager->memory(address); }

}  // namespace kos::sel4
