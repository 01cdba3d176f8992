// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The loop of a server of a compose network. One endpoint brings Calls of members, each told by its
// capability's badge, and the notification that is bound to the thread: without a badge, it means
// that there is news of them.
#pragma once

#include "msgserver/serving/serving.hpp"

namespace kos::serving {

/// \p Plan names the app of each member: member_count(), member(number).app.
template <class Plan>
class Server {
   public:
    /// Answers for ever.
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
                const auto member = static_cast<std::uint32_t>(call.badge - 1);
                call = sel4::reply_recv(endpoint, answer(member, call), reply);
            }
        }
    }

   protected:
    explicit Server(const Plan& plan) : plan_(plan) {}
    ~Server() = default;

    /// Until all is heard.
    void take_news() {
        while (const auto news = next_news()) {
            for (std::uint32_t m = 0; m < plan_.member_count(); ++m) {
                if (plan_.member(m).app == news->app) heard(m, *news);
            }
        }
    }

   private:
    [[nodiscard]] virtual sel4::Message answer(std::uint32_t member, const sel4::Message& call) = 0;
    virtual void heard(std::uint32_t member, const News& news) = 0;

    Plan plan_;
};

}  // namespace kos::serving
