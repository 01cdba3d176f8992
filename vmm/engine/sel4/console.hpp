// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a guest prints, by either console, in one piece a line: each costs a call of the root
// server.
#pragma once

#include "vmm/machine/early_console.hpp"
#include "vmm/virtio/console/host.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace kos::vmm {

class GuestOutput final : public ConsoleOutput, public virtio::ConsoleHost {
   public:
    /// \p sink outlives it.
    explicit GuestOutput(ConsoleOutput& sink) : sink_(sink) {}

    void write(Bytes bytes) override;
    void output(unsigned port, Bytes bytes) override;
    /// Hands on what is not a line yet.
    void flush();

   private:
    ConsoleOutput& sink_;
    std::array<std::byte, 512> line_{};
    std::size_t used_ = 0;
};

/// The last lines of a guest's console.
class ConsoleTail final : public ConsoleOutput {
   public:
    void write(Bytes bytes) override;
    /// Calls \p use with each line, oldest first, without its end; the first may lack its
    /// beginning.
    template <class Use>
    void lines(Use use);

   private:
    std::array<std::byte, 8192> ring_{};
    std::size_t used_ = 0;
};

template <class Use>
void ConsoleTail::lines(Use use) {
    std::string_view rest = as_text(Bytes{ring_}.first(used_));
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) use(line);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

}  // namespace kos::vmm
