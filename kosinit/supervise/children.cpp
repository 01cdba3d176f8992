// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/children.hpp"

#include <sys/wait.h>

namespace kos::init {

void Children::watch(pid_t pid, OnEnd on_end) {
    const auto early = early_.find(pid);
    if (early == early_.end()) {
        watched_[pid] = std::move(on_end);
        return;
    }
    const int status = early->second;
    early_.erase(early);
    on_end(status);
}

void Children::expect_no_more() {
    if (--expecting_ == 0) early_.clear();
}

void Children::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        const auto found = watched_.find(pid);
        if (found == watched_.end()) {
            if (expecting_ > 0) early_[pid] = status;
            continue;
        }
        const OnEnd on_end = std::move(found->second);
        watched_.erase(found);
        on_end(status);
    }
}

}  // namespace kos::init
