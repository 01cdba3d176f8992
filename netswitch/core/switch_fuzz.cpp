// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Ports that send, stall, leave and come back as the input says. Nobody gets what he sent himself,
// what was sent in another's name, or a unicast to somebody else; packets of a sender keep their
// order; every packet is taken, refused, dropped or still waits.
//
// Input: operations of one byte (modulo 4) and their operands:
//   0  send: port, destination, source, size
//   1  what a port answers from now on: port, answer
//   2  ready: port
//   3  a port leaves, or joins: port

#include "lib/base/panic.hpp"
#include "netswitch/core/testing.hpp"

#include <algorithm>
#include <array>

namespace {

using namespace kos;
using namespace kos::netswitch;

constexpr unsigned members = 4, ports = 6;  // trunks behind the members

void require(bool held, const char* what) {
    if (!held) panic(what);
}

/// Checks what it is given.
class CheckingPort final : public Port {
   public:
    CheckingPort() : Port(storage_) {}

    unsigned number = 0;
    Taking answer = Taking::Done;

   private:
    static bool is_member(std::byte mark) { return mark != std::byte{0}; }

    Taking take(Bytes packet) override {
        const auto header = read_at<FrameHeader>(packet, packet_head);
        require(header.has_value(), "a packet without a header");
        const unsigned sender = std::to_integer<unsigned>(packet[0]);
        require(sender != number, "a packet came back");
        const unsigned source = header->source[5], to = header->destination[5];
        require(sender >= members || source == sender, "sent in another's name");
        require(sender < members || !is_member(packet[1]), "a member's address behind a trunk");
        if (!is_group(header->destination)) {
            require(number >= members || to == number, "a unicast to somebody else");
            require(!is_member(packet[2]) || number == to, "a member's unicast on a trunk");
        }
        if (answer == Taking::Later) return answer;
        const auto stamp = read_at<std::uint32_t>(packet, 4).value_or(0);
        require(stamp > last_[sender], "out of order");
        last_[sender] = stamp;
        return answer;
    }

    std::array<std::byte, 600> storage_{};
    std::array<std::uint32_t, ports> last_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::uint8_t* const end = data + size;
    const auto take = [&data, end] { return data == end ? std::uint8_t{0} : *data++; };
    Switch net;
    std::array<CheckingPort, ports> all;
    std::array<bool, ports> has_joined{};
    const auto toggle = [&](unsigned port) {
        if (has_joined[port]) {
            net.leave(all[port]);
        } else {
            const auto own =
                port < members ? std::optional{netswitch::testing::address(port)} : std::nullopt;
            require(net.join(all[port], own), "it can join");
        }
        has_joined[port] = !has_joined[port];
    };
    for (unsigned port = 0; port < ports; ++port) all[port].number = port;
    // In their order, so that ports have their own numbers at first.
    for (unsigned port = 0; port < ports; ++port) toggle(port);
    std::uint32_t stamp = 0;
    while (data != end) {
        ++stamp;
        const std::uint8_t operation = take() % 4;
        const unsigned port = take() % ports;
        if (operation == 0) {
            MacAddress to = netswitch::testing::address(take() % 8);
            if ((to[5] & 7) == 7) to = netswitch::testing::broadcast;
            const MacAddress source = netswitch::testing::address(take() % 8);
            auto packet = netswitch::testing::packet(to, source,
                                                     std::string(take(), static_cast<char>(stamp)));
            // Whose addresses they were when it was sent.
            const auto mark = [&](const MacAddress& address) {
                return std::byte{address[5] < members && has_joined[address[5]]};
            };
            packet[0] = static_cast<std::byte>(port);
            packet[1] = mark(source);
            packet[2] = mark(to);
            std::memcpy(packet.data() + 4, &stamp, sizeof(stamp));
            if ((source[5] & 1) != 0 && packet.size() % 7 == 0) packet.resize(packet.size() % 30);
            net.receive(all[port], packet, stamp * 1000);
        } else if (operation == 1) {
            all[port].answer = static_cast<Taking>(take() % 3);
        } else if (operation == 2) {
            net.ready(all[port]);
        } else {
            toggle(port);
        }
    }
    return 0;
}
