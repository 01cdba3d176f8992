// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// gateway.elf: carries streams from ports of the host to services, as a program of the root
// server's. It waits for the host's mail and for its message server.
#include "gateway/core/streams.hpp"
#include "lib/base/panic.hpp"
#include "lib/message/layout.hpp"
#include "lib/sel4/syscall.hpp"
#include "lib/vm/layout.hpp"
#include "lib/vm/mailbox.hpp"
#include "vmm/manager/manager.hpp"

namespace kos::gateway {

namespace {

constexpr sel4::CPtr notification = native::app_slot::notification(0);

class ManagerLine final : public msg::HostLine {
   public:
    void send(Bytes payload) override { vmm::own_manager.tell_host(payload); }
};

Plan find_plan() {
    const auto* const blob = sel4::vspace_pointer(message::plan_address.value());
    const auto head = *read_at<PlanHead>({blob, sizeof(PlanHead)}, 0);
    const auto plan = Plan::create({blob, sizeof(PlanHead) + head.ports * sizeof(PlanPort)});
    if (!plan) panic("the gateway's plan is malformed");
    return *plan;
}

[[noreturn]] void run() {
    auto& mailbox =
        *reinterpret_cast<vm::Mailbox*>(sel4::vspace_pointer(vm::mailbox_address.value()));
    vmm::KernelMessageServers servers{1};
    ManagerLine line;
    Streams streams{servers, line, find_plan()};
    for (;;) {
        if (mailbox.take([&](Bytes piece) { streams.receive(piece); })) streams.tell_room();
        if (streams.tend()) (void)sel4::wait(notification);
    }
}

}  // namespace

}  // namespace kos::gateway

/// Called by the entry code, once there is a stack.
extern "C" [[noreturn]] void program_main() { kos::gateway::run(); }
