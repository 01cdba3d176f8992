// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/lifecycle.hpp"

namespace kos::rootserver {

using manifest::Condition;
using msg::AppState;
using msg::Health;

Verdict verdict_on(const Life& on, Condition condition) {
    const bool runs = on.state == AppState::Running;
    switch (condition) {
        case Condition::Started:
            if (on.was_started) return Verdict::Go;
            break;
        case Condition::Healthy:
            if (runs && on.health == Health::Healthy) return Verdict::Go;
            if (runs && on.health == Health::Starting) return Verdict::Wait;
            break;
        case Condition::Completed:
            if (runs) return Verdict::Wait;
            if (on.state == AppState::Stopped && on.was_started && on.last_exit.status == 0) {
                return Verdict::Go;
            }
            break;
    }
    return on.is_pending() ? Verdict::Wait : Verdict::Never;
}

Hindrance hindrance_of(const manifest::ImageView& image, const manifest::App& app,
                       std::span<const Life> lives) {
    Hindrance found;
    for (std::uint32_t i = 0; i < app.dependencies.count; ++i) {
        const manifest::Dependency on = image.dependency(app, i);
        const Verdict verdict = verdict_on(lives[on.app], static_cast<Condition>(on.condition));
        const bool is_required = (on.flags & manifest::dependency_flag::required) != 0;
        if (verdict == Verdict::Never && !is_required) continue;
        if (verdict > found.verdict) found = {verdict, on.app};
    }
    return found;
}

}  // namespace kos::rootserver
