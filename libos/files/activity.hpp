// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tells threads that wait for files that something has changed: they look again for themselves.
// One counter for all files of an app; waiters are few.
#pragma once

#include "libos/net/message_servers.hpp"
#include "libos/threads/wait_queue.hpp"

#include <cstdint>

namespace kos::libos {

class Activity {
   public:
    /// What changes in the channels of \p servers counts as well.
    Activity(WaitQueue& queue, const MessageServers& servers) : queue_(queue), servers_(servers) {}

    void announce();

    /// A thread that looks at files until it finds something:
    ///   for (Watch watch{activity};;) { look; watch.wait(); }
    /// What is there at the first look costs nothing. Behind it the thread asks to be woken, and
    /// looks once more; behind that look it sleeps, until something changes or a signal is
    /// spurious.
    class Watch {
       public:
        explicit Watch(Activity& activity) : activity_(activity) {}
        ~Watch() { end(); }
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

        /// False: time is up. Else another look is due.
        bool wait(Deadline deadline = {});

       private:
        void end();

        Activity& activity_;
        std::uint32_t seen_ = 0;
        bool is_begun_ = false;
    };

   private:
    WaitQueue& queue_;
    const MessageServers& servers_;
    std::uint32_t count_ = 0;
    std::uint32_t watching_ = 0;  ///< threads that are to be woken
};

}  // namespace kos::libos
