// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Ports that remember, and packets to send, for the tests of this folder.
#pragma once

#include "netswitch/core/switch.hpp"

#include <string>
#include <vector>

namespace kos::netswitch::testing {

/// Of member number \p number.
constexpr MacAddress address(unsigned number) {
    return {0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(number)};
}
inline constexpr MacAddress broadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

inline std::vector<std::byte> packet(const MacAddress& to, const MacAddress& from,
                                     std::string_view content) {
    std::vector<std::byte> bytes(packet_head);
    const FrameHeader header{to, from, {0x88, 0xb5}};
    const auto add = [&](Bytes more) { bytes.insert(bytes.end(), more.begin(), more.end()); };
    add(bytes_of(header));
    add(as_bytes(content));
    return bytes;
}

/// Keeps what it takes; `answer` is what it says to the next packets.
class KeepingPort final : public Port {
   public:
    explicit KeepingPort(std::size_t queue_size = 4096) : KeepingPort(Storage(queue_size)) {}

    [[nodiscard]] std::vector<std::string> contents() const {
        std::vector<std::string> all;
        for (const auto& bytes : taken) {
            const Bytes frame{bytes};
            all.emplace_back(as_text(frame.subspan(packet_head + sizeof(FrameHeader))));
        }
        return all;
    }

    Taking answer = Taking::Done;
    std::vector<std::vector<std::byte>> taken;

   private:
    using Storage = std::vector<std::byte>;
    explicit KeepingPort(Storage storage) : Port(storage), storage_(std::move(storage)) {}

    Taking take(Bytes bytes) override {
        if (answer == Taking::Done) taken.emplace_back(bytes.begin(), bytes.end());
        return answer;
    }

    Storage storage_;  ///< moving a vector keeps its bytes in place
};

}  // namespace kos::netswitch::testing
