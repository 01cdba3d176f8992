// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/thread.hpp"

namespace kos::sim {

sel4::MessageInfo Thread::message_info() const {
    const sel4::MessageInfo info{registers.x[1]};
    if (info.length() <= sel4::message_max_words) return info;
    return sel4::MessageInfo{(info.raw() & ~Word{0x7f}) | sel4::message_max_words};
}

void ThreadQueue::prepend(Thread* thread) { insert_before(thread, head); }
void ThreadQueue::append(Thread* thread) { insert_before(thread, nullptr); }

void ThreadQueue::insert_by_priority(Thread* thread) {
    Thread* before = tail;
    while (before != nullptr && thread->priority > before->priority) {
        before = before->queue_previous;
    }
    insert_before(thread, before == nullptr ? head : before->queue_next);
}

void ThreadQueue::insert_before(Thread* thread, Thread* place) {
    Thread* before = place == nullptr ? tail : place->queue_previous;
    thread->queue_previous = before;
    thread->queue_next = place;
    (before == nullptr ? head : before->queue_next) = thread;
    (place == nullptr ? tail : place->queue_previous) = thread;
}

void ThreadQueue::remove(Thread* thread) {
    Thread* before = thread->queue_previous;
    Thread* after = thread->queue_next;
    (before == nullptr ? head : before->queue_next) = after;
    (after == nullptr ? tail : after->queue_previous) = before;
    thread->queue_previous = thread->queue_next = nullptr;
}

}  // namespace kos::sim
