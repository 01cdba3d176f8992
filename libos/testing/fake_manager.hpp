// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A manager and a platform for libos's tests: answers requests from a list of regions, keeps what
// is written and logged, and lets several threads of the test be threads of one app.
#pragma once

#include "lib/native/thread_block.hpp"
#include "libos/core/range.hpp"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kos::libos::testing {

/// What Request::Exit and Request::ExitThread do to the calling thread of a test.
struct AppExited {
    std::uint64_t wait_status;
};
struct ThreadExited {};

/// What a test has in place of the app's message servers: memory shared with each, and Calls.
class FakeMessageServers {
   public:
    virtual std::byte* area(std::uint64_t server) = 0;
    /// Of a channel that has one.
    virtual std::byte* lane(std::uint64_t server, std::uint64_t channel) = 0;
    /// The app signals a thread of the lane's other end.
    virtual void signal(std::uint64_t server, std::uint64_t channel, std::uint64_t thread) = 0;
    struct Answer {
        std::uint64_t error;
        std::array<std::uint64_t, 4> words;
    };
    virtual Answer call(std::uint64_t server, std::uint64_t label,
                        const std::array<std::uint64_t, 4>& words) = 0;

   protected:
    ~FakeMessageServers() = default;
};

class FakeManager {
   public:
    /// The app's memory behind the lowest addresses of the mmap window and of the brk area.
    static constexpr Range window{VirtualAddress{0x10'0000'0000}, 256u << 20};
    static constexpr Range brk_area{VirtualAddress{0x2000'0000}, 16u << 20};

    FakeManager();
    ~FakeManager();
    FakeManager(const FakeManager&) = delete;
    FakeManager& operator=(const FakeManager&) = delete;

    /// Makes the calling thread of the test thread `index` of the app.
    void enter(std::uint64_t index);
    /// Returns once that many threads of the app sleep.
    void await_sleepers(std::uint64_t count);
    native::ThreadBlock& block(std::uint64_t index) { return blocks_.at(index); }

    /// Protection of the page at `address`; nothing where no region is.
    [[nodiscard]] std::optional<std::uint64_t> protection(std::uint64_t address) const;

    std::array<std::string, 3> written;  ///< by stream
    std::vector<std::string> logged;
    std::uint64_t ignored_signals = 0;
    std::vector<std::uint64_t> started;  ///< threads
    std::uint64_t requests = 0;
    FakeMessageServers* message_servers = nullptr;  ///< outlives the calls of the app
    std::uint64_t refuse_with = 0;                  ///< an errno that Map answers with
    std::uint64_t refuse_executable_with = 0;  ///< likewise Protect, where it is to be executable

    // The seam's functions.
    struct Answer {
        std::uint64_t error = 0;
        std::uint64_t value = 0;
    };
    Answer serve(std::uint64_t thread, std::uint64_t label, const std::uint64_t* words);
    void sleep(std::uint64_t thread);
    void signal(std::uint64_t thread);
    [[nodiscard]] std::byte* memory(std::uint64_t address) const;

   private:
    struct Sleeper {
        bool is_asleep = false;
        bool signalled = false;
        std::uint64_t timer = 0;
    };
    Answer map(std::uint64_t address, std::uint64_t size, std::uint64_t protection);
    Answer unmap(std::uint64_t address, std::uint64_t size);
    Answer protect(std::uint64_t address, std::uint64_t size, std::uint64_t protection);

    std::array<native::ThreadBlock, 64> blocks_{};
    std::array<Sleeper, 64> sleepers_{};
    std::map<std::uint64_t, std::uint64_t> pages_;  ///< address of a page → protection
    std::byte* window_memory_;
    std::byte* brk_memory_;
    std::uint64_t next_thread_ = 1;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
};

}  // namespace kos::libos::testing
