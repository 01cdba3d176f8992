// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// netswitch.elf: the switch of a network of microVMs, as a program of the root server's. It answers
// Calls of its VMMs, each of which the badge of its endpoint capability tells, and waits for none.
#include "lib/message/layout.hpp"
#include "lib/sel4/syscall.hpp"
#include "msgserver/serving/server.hpp"
#include "netswitch/ports/engine.hpp"
#include "vmm/manager/manager.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace kos::netswitch {

namespace {

class SwitchHost final : public Host {
   public:
    explicit SwitchHost(const ethernet::PlanView& plan) : plan_(plan) {}

    void wake(std::uint32_t member) override {
        sel4::signal(sel4::Cap<sel4::Notification>{message::server_slot::notification(member, 0)});
    }
    /// Of each VMM's life the first time: it cannot flood the log.
    void broke(std::uint32_t member) override {
        if (std::exchange(is_told_[member], true)) return;
        std::array<char, 160> line{};
        std::size_t used = 0;
        for (const std::string_view part :
             {std::string_view{"the VMM of "}, plan_.name(member),
              std::string_view{" put what is no packet: it is off the network"}}) {
            used += part.copy(line.data() + used, line.size() - used);
        }
        vmm::own_manager.log({line.data(), used});
    }
    void forget(std::uint32_t member) { is_told_[member] = false; }

   private:
    ethernet::PlanView plan_;
    std::array<bool, ethernet::max_members> is_told_{};
};

class Server final : public serving::Server<ethernet::PlanView> {
   public:
    Server(const ethernet::PlanView& plan, SwitchHost& host)
        : serving::Server<ethernet::PlanView>(plan),
          host_(host),
          engine_(plan, memory_of(plan), host) {}

   private:
    static Engine::Memory memory_of(const ethernet::PlanView& plan) {
        const std::uint64_t members = plan.member_count();
        return {serving::memory_at(message::areas_address, members * ethernet::area_size),
                serving::memory_at(message::books_address, members * ethernet::queue_size)};
    }

    sel4::Message answer(std::uint32_t member, const sel4::Message& message) override {
        const auto call = static_cast<ethernet::Call>(message.info.label());
        // What is still to be told of it is about its life before.
        if (call == ethernet::Call::Attach) take_news();
        sel4::Message result;
        result.info = sel4::MessageInfo{static_cast<sel4::Word>(engine_.call(member, call)), 0, 0};
        return result;
    }

    void heard(std::uint32_t member, const serving::News& /*news*/) override {
        host_.forget(member);
        engine_.detach(member);
    }

    SwitchHost& host_;
    Engine engine_;
};

alignas(Server) constinit std::byte server_storage[sizeof(Server)];

[[noreturn]] void run() {
    (void)serving::process_info();
    const auto plan = serving::own_plan<ethernet::PlanView, ethernet::PlanHead>(
        "the plan of the switch is malformed");
    SwitchHost host{plan};
    (new (server_storage) Server{plan, host})->run();
}

}  // namespace

}  // namespace kos::netswitch

/// Called by the entry code, once there is a stack.
extern "C" [[noreturn]] void program_main() { kos::netswitch::run(); }
