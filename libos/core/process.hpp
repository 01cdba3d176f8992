// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Everything that libos keeps of its app. One object, made before the app starts.
#pragma once

#include "lib/native/process_info.hpp"
#include "libos/core/private_memory.hpp"
#include "libos/files/activity.hpp"
#include "libos/files/devices.hpp"
#include "libos/files/epoll.hpp"
#include "libos/files/file_system.hpp"
#include "libos/files/file_table.hpp"
#include "libos/files/pipe.hpp"
#include "libos/memory/address_space.hpp"
#include "libos/net/local.hpp"
#include "libos/net/message_servers.hpp"
#include "libos/random/random.hpp"
#include "libos/signals/signals.hpp"
#include "libos/threads/threads.hpp"
#include "libos/threads/wait_queue.hpp"
#include "libos/time/clock.hpp"

namespace kos::libos {

class Process {
   public:
    static constexpr std::size_t pipe_count = 128;
    static constexpr std::size_t local_place_count = 32;
    static constexpr std::size_t watch_set_count = 16;
    static constexpr std::size_t area_count = 4096;

    /// `tree` is of the initrd that `process_info` names.
    Process(const native::ProcessInfo& process_info, Tree tree, PrivateMemory& tables);

    /// Standard streams, devices, working directory: what an app finds when it starts.
    Outcome<void> set_up();

    [[nodiscard]] std::string_view text(const native::InfoString& string) const;

    const native::ProcessInfo& info;
    AddressSpace memory;
    FileSystem files;
    FileTable descriptors;
    WaitQueue waiting;
    Random random;
    MessageServers servers;
    Activity activity{waiting, servers};
    Threads threads;
    Signals signals;
    Clock clock;
    std::span<Pipe> pipes;
    LocalSockets local_sockets;
    std::span<WatchSet> watch_sets;
    std::uint32_t file_mode_mask = 022;  ///< umask(2)

   private:
    Lock output_lock_;
};

/// The process that system calls of this program are for.
Process& process();
void set_process(Process& process);

}  // namespace kos::libos
