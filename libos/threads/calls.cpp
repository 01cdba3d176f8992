// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starting and ending threads, and what programs ask about scheduling: one processor, one policy.
#include "libos/dispatch/calls.hpp"

#include "libos/core/manager.hpp"
#include "libos/core/platform.hpp"
#include "libos/core/process.hpp"
#include "libos/threads/new_thread.hpp"

namespace kos::libos::calls {

namespace {

namespace clone_flag = abi::clone_flag;

/// What makes a thread of this process out of a clone.
constexpr Word thread_flags = clone_flag::vm | clone_flag::signal_handlers | clone_flag::thread;

/// A thread that is named in a call: 0 is the caller.
Outcome<void> check_thread(int id) {
    if (id < 0) return Err{Errno::Einval};
    if (id != 0 && !process().threads.exists(static_cast<std::uint32_t>(id))) {
        return Err{Errno::Esrch};
    }
    return {};
}

/// CLONE_CHILD_CLEARTID: tells who joins that the thread is gone.
void clear_thread_id() {
    const Word address = process().threads.current().clear_id_at;
    if (address == 0 || !is_aligned<Word>(address, 4) || !user_range.covers(address, 4)) return;
    auto& word = *reinterpret_cast<std::uint32_t*>(sel4::vspace_pointer(address));
    __atomic_store_n(&word, 0, __ATOMIC_SEQ_CST);
    process().waiting.wake(word, 1, WaitQueue::everyone);
}

[[noreturn]] void end_process(int status) { manager::exit(static_cast<Word>(status & 0xff) << 8); }

}  // namespace

Answer clone(Word flags, Word stack, UserPointer<std::uint32_t> parent_id, Word thread_pointer,
             UserPointer<std::uint32_t> child_id) {
    if ((flags & thread_flags) != thread_flags) {
        manager::log("clone (220) of a process (fork, vfork) is not supported");
        return Err{Errno::Enosys};
    }
    if ((flags & clone_flag::parent_set_tid) != 0) KOS_TRY(parent_id.check());
    if ((flags & clone_flag::child_set_tid) != 0) KOS_TRY(child_id.check());
    const native::ThreadBlock& parent = current_block();
    const Word number = KOS_TRY(manager::reserve_thread());
    Thread& thread = process().threads.begin(number);
    const std::uint32_t id = thread.id;
    const NewThread request{
        .stack = stack != 0 ? stack : parent.saved_sp,
        .thread_pointer =
            (flags & clone_flag::set_tls) != 0 ? thread_pointer : parent.thread_pointer,
        .id = id,
    };
    if ((flags & clone_flag::child_clear_tid) != 0) thread.clear_id_at = child_id.address();
    if ((flags & clone_flag::parent_set_tid) != 0) KOS_TRY(parent_id.write(id));
    if ((flags & clone_flag::child_set_tid) != 0) KOS_TRY(child_id.write(id));
    fill_block(number, request, parent);
    has_threads = true;
    if (const auto started = manager::start_thread(number); !started) {
        process().threads.cancel(number);
        return Err{started.error()};
    }
    return Word{id};
}

Answer exit(int status) {
    clear_thread_id();
    if (process().threads.end_current()) end_process(status);
    manager::exit_thread();
}

Answer exit_group(int status) { end_process(status); }

Answer set_tid_address(Word address) {
    Thread& thread = process().threads.current();
    thread.clear_id_at = address;
    return Word{thread.id};
}

Answer set_robust_list(Word /*head*/, Word size) {
    // The list matters where a thread dies with locks held; here the whole app dies then.
    constexpr Word head_size = 24;
    if (size != head_size) return Err{Errno::Einval};
    return Word{0};
}

Answer gettid() { return Word{process().threads.current().id}; }

Answer sched_yield() {
    sel4::yield();
    return Word{0};
}

Answer sched_getaffinity(int thread, Word size, Word mask) {
    constexpr Word mask_bytes = sizeof(Word);
    KOS_TRY(check_thread(thread));
    if (size < mask_bytes || size % mask_bytes != 0) return Err{Errno::Einval};
    KOS_TRY(UserPointer<Word>{mask}.write(1));
    return mask_bytes;
}

Answer sched_setaffinity(int thread, Word size, Word mask) {
    KOS_TRY(check_thread(thread));
    if (size == 0) return Err{Errno::Einval};
    const MutableBytes bytes = KOS_TRY(user_bytes(mask, 1));
    if ((bytes[0] & std::byte{1}) == std::byte{0}) return Err{Errno::Einval};
    return Word{0};
}

Answer sched_getscheduler(int thread) {
    KOS_TRY(check_thread(thread));
    return Word{0};  // SCHED_OTHER
}

Answer sched_getparam(int thread, UserPointer<int> priority) {
    KOS_TRY(check_thread(thread));
    KOS_TRY(priority.write(0));
    return Word{0};
}

Answer sched_setscheduler(int thread, int policy, UserPointer<int> priority) {
    KOS_TRY(check_thread(thread));
    if (policy != 0) return Err{Errno::Eperm};
    if (KOS_TRY(priority.read()) != 0) return Err{Errno::Einval};
    return Word{0};
}

Answer sched_priority_limit(int policy) {
    if (policy < 0 || policy > 2) return Err{Errno::Einval};
    return Word{0};
}

Answer membarrier(int command, unsigned flags) {
    // One processor: whoever asks has already seen what the others wrote, and they see this.
    constexpr int query = 0, global = 1, private_expedited = 8, register_private_expedited = 16;
    if (flags != 0) return Err{Errno::Einval};
    switch (command) {
        case query:
            return Word{global | private_expedited | register_private_expedited};
        case global:
        case private_expedited:
        case register_private_expedited:
            return Word{0};
        default:
            return Err{Errno::Einval};
    }
}

// C libraries try it at every start and do without; it need not be said in the log.
Answer rseq() { return Err{Errno::Enosys}; }

}  // namespace kos::libos::calls
