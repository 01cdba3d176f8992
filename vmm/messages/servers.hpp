// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The message servers of a VMM: memory shared with each, and Calls to it (lib/message/area.hpp).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/message/area.hpp"

#include <array>
#include <cstdint>

namespace kos::vmm {

class MessageServers {
   public:
    struct Answer {
        std::uint64_t error = 0;  ///< a Linux errno
        std::array<std::uint64_t, 4> words{};

        [[nodiscard]] bool ok() const { return error == 0; }
    };

    [[nodiscard]] virtual std::uint32_t count() const = 0;
    /// Of message::area_size bytes.
    [[nodiscard]] virtual std::byte* area(std::uint32_t server) const = 0;
    [[nodiscard]] virtual Answer call(std::uint32_t server, message::Call call,
                                      const std::array<std::uint64_t, 4>& words) = 0;

   protected:
    ~MessageServers() = default;
};

/// Those of the VMM's own address space and CSpace (lib/message/layout.hpp).
class KernelMessageServers final : public MessageServers {
   public:
    explicit KernelMessageServers(std::uint32_t count) : count_(count) {}

    [[nodiscard]] std::uint32_t count() const override { return count_; }
    [[nodiscard]] std::byte* area(std::uint32_t server) const override;
    [[nodiscard]] Answer call(std::uint32_t server, message::Call call,
                              const std::array<std::uint64_t, 4>& words) override;

   private:
    std::uint32_t count_;
};

}  // namespace kos::vmm
