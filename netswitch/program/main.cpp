// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// netswitch.elf: the switch of a network of microVMs, as a program of the root server's. It answers
// Calls of its VMMs, each of which the badge of its endpoint capability tells, and waits for none.
#include "lib/base/panic.hpp"
#include "lib/message/layout.hpp"
#include "lib/native/process_info.hpp"
#include "lib/sel4/syscall.hpp"
#include "netswitch/ports/engine.hpp"
#include "vmm/manager/manager.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace kos::netswitch {

namespace {

MutableBytes memory_at(VirtualAddress address, std::uint64_t size) {
    return {sel4::vspace_pointer(address.value()), size};
}

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

class Server {
   public:
    Server(const ethernet::PlanView& plan, SwitchHost& host)
        : plan_(plan), host_(host), engine_(plan, memory_of(plan), host) {}

    [[noreturn]] void run() {
        const sel4::CPtr endpoint = message::server_slot::endpoint;
        const sel4::Cap<sel4::Reply> reply{message::server_slot::reply};
        take_news();
        sel4::Message call = sel4::recv(endpoint, reply);
        for (;;) {
            if (call.badge == 0) {
                take_news();
                call = sel4::recv(endpoint, reply);
            } else {
                call = sel4::reply_recv(endpoint, answer(call), reply);
            }
        }
    }

   private:
    static Engine::Memory memory_of(const ethernet::PlanView& plan) {
        const std::uint64_t members = plan.member_count();
        return {memory_at(message::areas_address, members * ethernet::area_size),
                memory_at(message::books_address, members * ethernet::queue_size)};
    }

    sel4::Message answer(const sel4::Message& message) {
        const auto member = static_cast<std::uint32_t>(message.badge - 1);
        const auto call = static_cast<ethernet::Call>(message.info.label());
        // What is still to be told of it is about its life before.
        if (call == ethernet::Call::Attach) take_news();
        sel4::Message result;
        result.info = sel4::MessageInfo{static_cast<sel4::Word>(engine_.call(member, call)), 0, 0};
        return result;
    }

    void take_news() {
        for (;;) {
            sel4::Message question;
            question.info =
                sel4::MessageInfo{static_cast<sel4::Word>(native::Request::TakeNews), 0, 0};
            const sel4::Message news = sel4::call(native::app_slot::manager(0), question);
            if (news.info.label() != 0) return;
            for (std::uint32_t m = 0; m < plan_.member_count(); ++m) {
                if (plan_.member(m).app != news.words[0]) continue;
                host_.forget(m);
                engine_.detach(m);
            }
        }
    }

    ethernet::PlanView plan_;
    SwitchHost& host_;
    Engine engine_;
};

alignas(Server) constinit std::byte server_storage[sizeof(Server)];

[[noreturn]] void run() {
    const auto& info = *reinterpret_cast<const native::ProcessInfo*>(
        sel4::vspace_pointer(native::process_info_address.value()));
    if (info.magic != native::ProcessInfo::expected_magic)
        panic("ProcessInfo is of another version");
    const Bytes start = memory_at(message::plan_address, sizeof(ethernet::PlanHead));
    const auto head = *read_at<ethernet::PlanHead>(start, 0);
    const auto plan = ethernet::PlanView::create(memory_at(message::plan_address, head.size));
    if (!plan) panic("the plan of the switch is malformed");
    SwitchHost host{*plan};
    (new (server_storage) Server{*plan, host})->run();
}

}  // namespace

}  // namespace kos::netswitch

/// Called by the entry code, once there is a stack.
extern "C" [[noreturn]] void netswitch_main() { kos::netswitch::run(); }
