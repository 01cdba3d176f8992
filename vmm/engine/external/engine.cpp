// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/external/engine.hpp"

#include "lib/sel4/invoke.hpp"
#include "lib/sel4/syscall.hpp"
#include "lib/vm/guest_panic.hpp"
#include "lib/vm/layout.hpp"
#include "vmm/control/guest_control.hpp"
#include "vmm/control/manager_listener.hpp"
#include "vmm/engine/external/device.hpp"
#include "vmm/engine/external/message_streams.hpp"
#include "vmm/messages/bridge.hpp"
#include "vmm/messages/tickets.hpp"

#include <array>
#include <new>

namespace kos::external {

namespace {

class Engine {
   public:
    Engine(const vmm::Manager& manager, const vm::VmInfo& info)
        : manager_(manager),
          output_(manager),
          device_(sel4::vspace_pointer(vm::device_address.value()),
                  sel4::vspace_pointer(vm::device_windows.value())),
          control_(output_),
          tickets_(info.seed),
          servers_(info.message_servers) {
        streams_.attach(bridge_);
    }

    [[noreturn]] void run() {
        if (device_.read(Register::Id) != id_value ||
            device_.read(Register::Version) != version_value) {
            manager_.log("KOS-E-UNSUPPORTED: the machine's device for guests is another version");
            manager_.exit(vmm::own_failure);
        }
        device_.write(Register::Command, static_cast<std::uint32_t>(Command::Start));
        device_.write(Register::Link, 1);
        for (;;) {
            serve();
            (void)sel4::wait(native::app_slot::notification(0));
        }
    }

   private:
    void serve() {
        vmm::pass_signals(manager_, control_);
        const std::uint32_t events = device_.read(Register::Events);
        device_.write(Register::Events, events);
        // What came before the guest went is there still, and may be how its container ended.
        if (is_linked_) exchange();
        if ((events & event::link) != 0) link_changed();
        if (is_linked_) exchange();
        if ((events & event::records) != 0) streams_.receive();
        if (!bridge_.tend()) {
            sel4::signal(sel4::Cap<sel4::Notification>{native::app_slot::notification(0)});
        }
        if ((events & event::state) != 0) state_changed();
        // Masked since it came; what happened meanwhile raises it again.
        (void)sel4::irq_handler_ack(sel4::Cap<sel4::IrqHandler>{vm::slot::interrupt(0)});
    }

    void link_changed() {
        is_linked_ = device_.read(Register::Link) != 0;
        if (is_linked_) {
            control_.opened();
        } else if (!control_.is_complete() && state() == State::Running) {
            // It is not there yet, or was lost: the machine tries until the guest answers.
            device_.write(Register::Link, 1);
        }
    }

    void exchange() {
        for (;;) {
            const MutableBytes bytes = device_.receive(buffer_);
            if (bytes.empty()) break;
            if (!control_.received(bytes)) {
                manager_.log("KOS-E-GUEST-INTERNAL: the guest's control service sends nonsense");
                device_.write(Register::Command, static_cast<std::uint32_t>(Command::End));
                manager_.exit(vmm::own_failure);
            }
        }
        while (!control_.to_send().empty()) {
            const std::size_t count = device_.send(control_.to_send());
            if (count == 0) break;
            control_.sent(count);
        }
        // The guest switches itself off once its host has everything.
        if (control_.is_complete()) device_.write(Register::Link, 0);
    }

    void state_changed() {
        switch (state()) {
            case State::Off:
            case State::Running:
                return;
            case State::Ended:
                if (!control_.wait_status()) {
                    manager_.log("KOS-E-GUEST-INTERNAL: the guest ended before its container did");
                    manager_.exit(vmm::own_failure);
                }
                manager_.end(*control_.wait_status());
            case State::Panicked:
                if (!control_.is_complete()) {
                    manager_.log(vm::panic_line);
                    manager_.exit(vmm::own_failure);
                }
                manager_.end(*control_.wait_status());
            case State::Failed:
                if (!control_.is_complete()) {
                    manager_.log("KOS-E-GUEST-INTERNAL: what runs the guest has failed");
                    manager_.exit(vmm::own_failure);
                }
                manager_.end(*control_.wait_status());
        }
    }

    [[nodiscard]] State state() const { return static_cast<State>(device_.read(Register::State)); }

    const vmm::Manager& manager_;
    vmm::ManagerListener output_;
    Device device_;
    vmm::GuestControl control_;
    std::array<std::byte, window_size> buffer_{};
    bool is_linked_ = false;
    vmm::SeededTickets tickets_;
    vmm::KernelMessageServers servers_;
    MessageStreams streams_{device_};
    vmm::MessageBridge bridge_{servers_, streams_, tickets_};
};

alignas(Engine) constinit std::byte engine_storage[sizeof(Engine)];

}  // namespace

void run(const vmm::Manager& manager, const vm::VmInfo& info) {
    (new (engine_storage) Engine{manager, info})->run();
}

}  // namespace kos::external
