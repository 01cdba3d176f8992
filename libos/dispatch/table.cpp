// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/dispatch/table.hpp"

#include "libos/abi/call_numbers.hpp"
#include "libos/core/line.hpp"
#include "libos/core/manager.hpp"
#include "libos/dispatch/calls.hpp"

#include <array>

namespace kos::libos {

namespace {

enum CallNumber : unsigned {
#define KOS_CALL_NUMBER(number, name) number_of_##name = number,
    KOS_LINUX_CALLS(KOS_CALL_NUMBER)
#undef KOS_CALL_NUMBER
};

struct Served {
    CallNumber number;
    CallHandler handler;
};

// SERVED(name): by the function of that name. SERVED_BY(name, function): by one that several share.
#define SERVED_BY(name, function) \
    Served { number_of_##name, &Typed<&calls::function>::call }
#define SERVED(name) SERVED_BY(name, name)

constexpr Served served[] = {
    // files: opening and descriptors
    SERVED(openat),
    SERVED(close),
    SERVED(close_range),
    SERVED(getcwd),
    SERVED(chdir),
    SERVED(fchdir),
    SERVED(pipe2),
    SERVED(eventfd2),
    SERVED(dup),
    SERVED(dup3),
    SERVED(fcntl),
    SERVED(ioctl),
    SERVED(flock),
    SERVED(fsync),
    SERVED_BY(fdatasync, fsync),
    SERVED(fadvise64),
    // files: transfer
    SERVED(read),
    SERVED(write),
    SERVED(readv),
    SERVED(writev),
    SERVED(pread64),
    SERVED(pwrite64),
    SERVED(preadv),
    SERVED(lseek),
    SERVED(sendfile),
    SERVED(getdents64),
    // files: description
    SERVED(fstat),
    SERVED(newfstatat),
    SERVED(statx),
    SERVED(readlinkat),
    SERVED(faccessat),
    SERVED(faccessat2),
    SERVED(statfs),
    SERVED(fstatfs),
    SERVED(umask),
    SERVED_BY(getxattr, no_extended_attributes),
    SERVED_BY(lgetxattr, no_extended_attributes),
    SERVED_BY(fgetxattr, no_extended_attributes),
    SERVED_BY(listxattr, no_extended_attributes),
    SERVED_BY(llistxattr, no_extended_attributes),
    SERVED_BY(flistxattr, no_extended_attributes),
    // files: changes
    SERVED(mkdirat),
    SERVED(mknodat),
    SERVED(unlinkat),
    SERVED(symlinkat),
    SERVED(linkat),
    SERVED(renameat),
    SERVED(renameat2),
    SERVED(truncate),
    SERVED(ftruncate),
    SERVED(fallocate),
    SERVED(fchmod),
    SERVED(fchmodat),
    SERVED(fchown),
    SERVED(fchownat),
    SERVED(utimensat),
    // files: waiting
    SERVED(epoll_create1),
    SERVED(epoll_ctl),
    SERVED(epoll_pwait),
    SERVED(ppoll),
    SERVED(pselect6),
    // sockets
    SERVED(socket),
    SERVED(socketpair),
    SERVED(bind),
    SERVED(listen),
    SERVED(connect),
    SERVED(accept),
    SERVED(accept4),
    SERVED(getsockname),
    SERVED(getpeername),
    SERVED(shutdown),
    SERVED(setsockopt),
    SERVED(getsockopt),
    SERVED(sendto),
    SERVED(recvfrom),
    SERVED(sendmsg),
    SERVED(recvmsg),
    // memory
    SERVED(brk),
    SERVED(mmap),
    SERVED(munmap),
    SERVED(mprotect),
    SERVED(mremap),
    SERVED(madvise),
    SERVED(msync),
    SERVED(mlock),
    SERVED(munlock),
    // threads
    SERVED(clone),
    SERVED(exit),
    SERVED(exit_group),
    SERVED(set_tid_address),
    SERVED(set_robust_list),
    SERVED(gettid),
    SERVED(futex),
    SERVED(sched_yield),
    SERVED(sched_getaffinity),
    SERVED(sched_setaffinity),
    SERVED(sched_getscheduler),
    SERVED(sched_setscheduler),
    SERVED(sched_getparam),
    SERVED_BY(sched_get_priority_max, sched_priority_limit),
    SERVED_BY(sched_get_priority_min, sched_priority_limit),
    SERVED(membarrier),
    SERVED(rseq),
    // time
    SERVED(clock_gettime),
    SERVED(clock_getres),
    SERVED(gettimeofday),
    SERVED(nanosleep),
    SERVED(clock_nanosleep),
    SERVED(times),
    // signals
    SERVED(rt_sigaction),
    SERVED(rt_sigprocmask),
    SERVED(rt_sigpending),
    SERVED(rt_sigtimedwait),
    SERVED(sigaltstack),
    SERVED(kill),
    SERVED(tkill),
    SERVED(tgkill),
    // identity, system, limits
    SERVED(getpid),
    SERVED(getppid),
    SERVED(getuid),
    SERVED_BY(geteuid, getuid),
    SERVED(getgid),
    SERVED_BY(getegid, getgid),
    SERVED_BY(getpgid, process_group),
    SERVED_BY(getsid, process_group),
    SERVED(getgroups),
    SERVED(uname),
    SERVED(sysinfo),
    SERVED(getrandom),
    SERVED(prlimit64),
    SERVED(getrlimit),
    SERVED(getrusage),
    SERVED(prctl),
    SERVED(getcpu),
    SERVED(wait4),
};
#undef SERVED
#undef SERVED_BY

using Table = std::array<CallHandler, call_limit>;

constexpr Table make_table() {
    Table table{};
    for (const Served& entry : served) table[entry.number] = entry.handler;
    return table;
}
constexpr Table table = make_table();

// Numbers, and the names in the same order, each with its NUL: without a pointer for each name,
// which would have to be relocated.
constexpr std::uint16_t numbers[] = {
#define KOS_CALL_ENTRY(number, name) number,
    KOS_LINUX_CALLS(KOS_CALL_ENTRY)
#undef KOS_CALL_ENTRY
};
constexpr char names[] =
#define KOS_CALL_ENTRY(number, name) #name "\0"
    KOS_LINUX_CALLS(KOS_CALL_ENTRY);
#undef KOS_CALL_ENTRY

/// Logs a number once.
void log_unserved(Word number) {
    static constinit std::array<bool, call_limit> logged{};
    bool& known = logged[number < call_limit ? number : call_limit - 1];
    if (__atomic_exchange_n(&known, true, __ATOMIC_RELAXED)) return;
    const std::string_view name = name_of_call(number);
    Line line;
    line.text("unsupported system call ").text(name.empty() ? "of unknown name" : name);
    line.text(" (").number(number).text(")");
    manager::log(line.view());
}

}  // namespace

CallHandler handler_of(Word number) { return number < call_limit ? table[number] : nullptr; }

std::string_view name_of_call(Word number) {
    const char* name = names;
    for (const std::uint16_t known : numbers) {
        const std::string_view text{name};
        if (known == number) return text;
        name += text.size() + 1;
    }
    return {};
}

Answer serve(Word number, const Arguments& arguments) {
    if (const CallHandler handler = handler_of(number)) return handler(arguments);
    log_unserved(number);
    return Err{Errno::Enosys};
}

}  // namespace kos::libos
