// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Three VMMs, of which the first does to its area what the input says, and the others keep to the
// rules. Those two never lose a packet that they take at once, whatever the first does.
//
// Input: operations of one byte (modulo 6) and their operands:
//   0  the first puts a packet by the rules: destination, source, size (two bytes)
//   1  it writes a word of its area: offset (three bytes), value (four)
//   2  it kicks
//   3  it attaches
//   4  it ends
//   5  the others send to each other and take what came

#include "lib/base/panic.hpp"
#include "netswitch/ports/testing.hpp"

#include <algorithm>

namespace {

using namespace kos;
using namespace kos::netswitch;
using netswitch::testing::TestMember;
using netswitch::testing::TestNetwork;

class Input {
   public:
    Input(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
    [[nodiscard]] bool done() const { return at_ == end_; }
    std::uint32_t take(unsigned bytes = 1) {
        std::uint32_t value = 0;
        for (; bytes != 0; --bytes) value = value << 8 | (done() ? 0u : *at_++);
        return value;
    }

   private:
    const std::uint8_t *at_, *end_;
};

void exchange(TestMember& from, TestMember& to, std::uint32_t number) {
    (void)to.receive();
    if (to.is_to_kick()) {
        // What the first sent it may still wait: all of it comes.
        do {
            if (to.kick() != Errno::Ok) panic("one that keeps to the rules is refused");
            (void)to.receive();
        } while (to.is_to_kick());
    }
    if (from.send(netswitch::testing::address(number), "honest") != Errno::Ok) {
        panic("one that keeps to the rules is refused");
    }
    const auto got = to.receive();
    if (std::find(got.begin(), got.end(), "honest") == got.end()) panic("a packet was lost");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TestNetwork network{3};
    TestMember first{network, 0}, second{network, 1}, third{network, 2};
    for (TestMember* member : {&first, &second, &third}) (void)member->attach();
    Input input{data, size};
    while (!input.done()) {
        switch (input.take() % 6) {
            case 0: {
                MacAddress to = netswitch::testing::address(input.take() % 4);
                if (to[5] == 3) to = netswitch::testing::broadcast;
                const MacAddress source = netswitch::testing::address(input.take() % 4);
                const std::string content(input.take(2), 'x');
                const auto packet = netswitch::testing::packet(to, source, content);
                if (packet.size() <= ethernet::largest_packet) (void)first.put(packet);
                break;
            }
            case 1: {
                const std::uint64_t offset = input.take(3) % (ethernet::area_size - 3);
                const std::uint32_t value = input.take(4);
                std::memcpy(network.area(0) + offset, &value, sizeof value);
                break;
            }
            case 2:
                (void)first.kick();
                break;
            case 3:
                (void)first.attach();
                break;
            case 4:
                network.engine.detach(0);
                break;
            case 5:
                exchange(second, third, 2);
                exchange(third, second, 1);
                break;
        }
    }
    exchange(second, third, 2);
    return 0;
}
