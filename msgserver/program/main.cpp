// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// msgserver.elf: the message server of a compose network, as a program of the root server's. It
// waits for Calls of its apps and for news about them, and never for one app while others call.
#include "lib/base/chacha20.hpp"
#include "lib/message/layout.hpp"
#include "lib/sel4/syscall.hpp"
#include "msgserver/core/engine.hpp"
#include "msgserver/serving/server.hpp"
#include "vmm/manager/manager.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace kos::msgserver {

namespace {

class ServerHost final : public Host {
   public:
    ServerHost(const std::array<std::uint8_t, 32>& seed, const message::PlanView& plan)
        : plan_(plan) {
        std::copy(seed.begin(), seed.end(), key_.begin());
    }

    void wake(std::uint32_t member, std::uint32_t thread) override {
        sel4::signal(
            sel4::Cap<sel4::Notification>{message::server_slot::notification(member, thread)});
    }
    /// Each from a block of its own: one tells nothing of another.
    message::Token random_token() override {
        ChaChaNonce nonce{};
        std::memcpy(nonce.data(), &drawn_, std::min(sizeof drawn_, sizeof nonce));
        const ChaChaBlock block = chacha20_block(key_, 0, nonce);
        ++drawn_;
        message::Token token{};
        std::copy_n(block.begin(), token.size(), token.begin());
        return token;
    }
    void provides(std::uint32_t member, std::uint32_t port, std::string_view protocol) override {
        constexpr unsigned head = 4;
        sel4::Message notice;
        notice.words = {plan_.member(member).app, port, protocol.size()};
        const auto words =
            static_cast<unsigned>((protocol.size() + sizeof(sel4::Word) - 1) / sizeof(sel4::Word));
        std::array<sel4::Word, message::longest_name / sizeof(sel4::Word)> name{};
        std::copy(protocol.begin(), protocol.end(), reinterpret_cast<char*>(name.data()));
        std::copy_n(name.begin(), words, sel4::ipc_buffer().message + head);
        notice.info = sel4::MessageInfo{static_cast<sel4::Word>(native::Request::AppProvides), 0,
                                        head + words};
        (void)sel4::call(native::app_slot::manager(0), notice);  // it knows better, or not
    }
    bool give_lane(const LaneUser& one, std::uint32_t lane, const LaneUser& other) override {
        sel4::Message question;
        question.words = {app_of(one), one.channel.index | std::uint64_t{lane} << 32,
                          app_of(other)};
        return ask(native::Request::GiveLane, question, 3);
    }
    bool take_lane(const LaneUser& one) override {
        sel4::Message question;
        question.words = {app_of(one), one.channel.index};
        return ask(native::Request::TakeLane, question, 2);
    }
    /// Of each app the first times: it cannot flood the log.
    void refused(std::uint32_t member, std::string_view what) override {
        constexpr std::uint8_t most_lines = 8;
        if (lines_[member] >= most_lines) return;
        ++lines_[member];
        Text text;
        text.add(plan_.text(plan_.member(member).name)).add(" was refused ").add(what);
        if (lines_[member] == most_lines) text.add("; more of this is not logged");
        vmm::own_manager.log(text.view());
    }
    void forget(std::uint32_t member) { lines_[member] = 0; }

   private:
    struct Text {
        std::array<char, 240> bytes;
        std::size_t size = 0;

        Text& add(std::string_view part) {
            const std::size_t count = std::min(part.size(), bytes.size() - size);
            std::copy_n(part.begin(), count, bytes.begin() + static_cast<std::ptrdiff_t>(size));
            size += count;
            return *this;
        }
        [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
    };

    /// Its number, and above that how often it was started.
    [[nodiscard]] sel4::Word app_of(const LaneUser& user) const {
        return plan_.member(user.channel.member).app | std::uint64_t{user.generation} << 32;
    }
    static bool ask(native::Request request, sel4::Message& question, unsigned words) {
        question.info = sel4::MessageInfo{static_cast<sel4::Word>(request), 0, words};
        return sel4::call(native::app_slot::manager(0), question).info.label() == 0;
    }

    message::PlanView plan_;
    ChaChaKey key_{};
    std::uint64_t drawn_ = 0;
    std::array<std::uint8_t, message::max_members> lines_{};
};

class Server final : public serving::Server<message::PlanView> {
   public:
    Server(const message::PlanView& plan, ServerHost& host)
        : serving::Server<message::PlanView>(plan),
          host_(host),
          engine_(plan, books(plan), areas(plan), lanes(plan), host) {}

   private:
    static std::span<MemberState> books(const message::PlanView& plan) {
        static_assert(sizeof(MemberState) <= message::books_size);
        auto* const first =
            reinterpret_cast<MemberState*>(sel4::vspace_pointer(message::books_address.value()));
        for (std::uint32_t m = 0; m < plan.member_count(); ++m) new (first + m) MemberState{};
        return {first, plan.member_count()};
    }
    static MutableBytes areas(const message::PlanView& plan) {
        return serving::memory_at(message::areas_address, plan.member_count() * message::area_size);
    }
    static MutableBytes lanes(const message::PlanView& plan) {
        return serving::memory_at(
            message::lanes_address,
            message::lane_count(plan.members_with_lanes()) * message::lane_size);
    }

    sel4::Message answer(std::uint32_t member, const sel4::Message& call) override {
        std::array<std::uint64_t, 4> words{};
        const unsigned count = std::min(call.info.length(), sel4::message_registers);
        std::copy_n(call.words.begin(), count, words.begin());
        const CallAnswer outcome =
            engine_.call(member, static_cast<message::Call>(call.info.label()), words);
        sel4::Message result;
        result.info = sel4::MessageInfo{static_cast<sel4::Word>(outcome.error), 0, outcome.count};
        std::copy(outcome.words.begin(), outcome.words.end(), result.words.begin());
        return result;
    }

    void heard(std::uint32_t member, const serving::News& news) override {
        host_.forget(member);
        engine_.set_state(member, news.earlier_starts + 1, news.runs);
    }

    ServerHost& host_;
    Engine engine_;
};

[[noreturn]] void run() {
    const native::ProcessInfo& info = serving::process_info();
    const auto plan = serving::own_plan<message::PlanView, message::PlanHead>(
        "the plan of the message server is malformed");
    ServerHost host{info.seed, plan};
    Server{plan, host}.run();
}

}  // namespace

}  // namespace kos::msgserver

/// Called by the entry code, once there is a stack.
extern "C" [[noreturn]] void program_main() { kos::msgserver::run(); }
