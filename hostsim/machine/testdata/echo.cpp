// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sends back what the serial line brings, in capitals, driven by the UART's interrupt: enables it,
// waits on its notification, reads the FIFO dry, acknowledges.
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/syscall.hpp"

namespace {

using namespace kos;

constexpr sel4::Word uart_irq = 33;
constexpr unsigned data = 0x00, flags = 0x18, interrupt_mask = 0x38;
constexpr std::uint32_t receive_fifo_empty = 1u << 4, interrupt_receive = 1u << 4;

}  // namespace

void test_main() {
    const auto notification = test::make<sel4::Notification>(sel4::ObjectType::Notification);
    const sel4::CPtr slot = test::empty_slot();
    const sel4::Cap<sel4::IrqHandler> handler{slot};
    test::require(sel4::irq_control_get_trigger(
        sel4::Cap<sel4::IrqControl>{sel4::root_slot::irq_control}, uart_irq, false,
        {sel4::Cap<sel4::CNode>{sel4::root_slot::cnode}, slot.value}));
    test::require(sel4::irq_handler_set_notification(handler, notification));
    test::uart(interrupt_mask) = interrupt_receive;
    test::print("ready\n");
    for (unsigned interrupts = 1;; ++interrupts) {
        (void)sel4::wait(notification.cptr());
        while ((test::uart(flags) & receive_fifo_empty) == 0) {
            const char byte = static_cast<char>(test::uart(data));
            if (byte == '.') {
                test::print(interrupts);
                return;
            }
            const char capital = byte >= 'a' ? static_cast<char>(byte - 'a' + 'A') : byte;
            test::print({&capital, 1});
        }
        test::require(sel4::irq_handler_ack(handler));
    }
}
