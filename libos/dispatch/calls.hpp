// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The system calls that libos serves, as functions of their arguments. The manual pages of
// section 2 say what each does; docs/system-calls.md says what is left out.
#pragma once

#include "libos/abi/file.hpp"
#include "libos/abi/socket.hpp"
#include "libos/abi/system.hpp"
#include "libos/abi/thread.hpp"
#include "libos/abi/time.hpp"
#include "libos/core/answer.hpp"
#include "libos/core/user.hpp"

#include <cstdint>

namespace kos::libos::calls {

using Directory = int;
using Descriptor = int;

// files/call_open.cpp
Answer openat(Directory directory, UserString path, unsigned flags, unsigned mode);
Answer close(Descriptor file);
Answer close_range(unsigned first, unsigned last, unsigned flags);
Answer getcwd(Word buffer, Word size);
Answer chdir(UserString path);
Answer fchdir(Descriptor directory);
Answer pipe2(UserPointer<int> ends, unsigned flags);
Answer eventfd2(unsigned value, unsigned flags);

// files/call_descriptor.cpp
Answer dup(Descriptor file);
Answer dup3(Descriptor file, Descriptor target, unsigned flags);
Answer fcntl(Descriptor file, int command, Word operand);
Answer ioctl(Descriptor file, unsigned request, Word operand);
Answer flock(Descriptor file, int operation);
Answer fsync(Descriptor file);
Answer fadvise64(Descriptor file, std::int64_t offset, std::int64_t size, int advice);

// files/call_transfer.cpp
Answer read(Descriptor file, Word buffer, Word size);
Answer write(Descriptor file, Word buffer, Word size);
Answer readv(Descriptor file, UserPointer<abi::IoVector> vectors, Word count);
Answer writev(Descriptor file, UserPointer<abi::IoVector> vectors, Word count);
Answer pread64(Descriptor file, Word buffer, Word size, std::int64_t offset);
Answer pwrite64(Descriptor file, Word buffer, Word size, std::int64_t offset);
Answer preadv(Descriptor file, UserPointer<abi::IoVector> vectors, Word count, std::int64_t offset);
Answer lseek(Descriptor file, std::int64_t offset, int whence);
Answer sendfile(Descriptor target, Descriptor source, UserPointer<std::int64_t> offset, Word count);
Answer getdents64(Descriptor directory, Word buffer, unsigned size);

// files/call_stat.cpp
Answer fstat(Descriptor file, UserPointer<abi::Stat> stat);
Answer newfstatat(Directory directory, UserString path, UserPointer<abi::Stat> stat,
                  unsigned flags);
Answer statx(Directory directory, UserString path, unsigned flags, unsigned mask,
             UserPointer<abi::Statx> result);
Answer readlinkat(Directory directory, UserString path, Word buffer, int size);
Answer faccessat(Directory directory, UserString path, unsigned wanted);
Answer faccessat2(Directory directory, UserString path, unsigned wanted, unsigned flags);
Answer statfs(UserString path, UserPointer<abi::StatFs> result);
Answer fstatfs(Descriptor file, UserPointer<abi::StatFs> result);
Answer umask(unsigned mask);
Answer no_extended_attributes();

// files/call_change.cpp
Answer mkdirat(Directory directory, UserString path, unsigned mode);
Answer mknodat(Directory directory, UserString path, unsigned mode);
Answer symlinkat(UserString target, Directory directory, UserString path);
Answer linkat(Directory from, UserString old_path, Directory to, UserString path, unsigned flags);
Answer unlinkat(Directory directory, UserString path, unsigned flags);
Answer renameat(Directory from, UserString old_path, Directory to, UserString path);
Answer renameat2(Directory from, UserString old_path, Directory to, UserString path,
                 unsigned flags);

// files/call_attributes.cpp
Answer truncate(UserString path, std::int64_t size);
Answer ftruncate(Descriptor file, std::int64_t size);
Answer fallocate(Descriptor file, unsigned mode, std::int64_t offset, std::int64_t size);
Answer fchmod(Descriptor file, unsigned mode);
Answer fchmodat(Directory directory, UserString path, unsigned mode);
Answer fchown(Descriptor file, std::uint32_t user, std::uint32_t group);
Answer fchownat(Directory directory, UserString path, std::uint32_t user, std::uint32_t group,
                unsigned flags);
Answer utimensat(Directory directory, UserString path, UserPointer<abi::TimeSpec> times,
                 unsigned flags);

// files/call_poll.cpp
Answer epoll_create1(unsigned flags);
Answer epoll_ctl(Descriptor epoll, int operation, Descriptor file,
                 UserPointer<abi::EpollEvent> event);
Answer epoll_pwait(Descriptor epoll, UserPointer<abi::EpollEvent> events, int count,
                   int milliseconds);
Answer ppoll(UserPointer<abi::PollEntry> entries, unsigned count,
             UserPointer<abi::TimeSpec> timeout);
Answer pselect6(int count, UserPointer<std::uint64_t> readable, UserPointer<std::uint64_t> writable,
                UserPointer<std::uint64_t> exceptional, UserPointer<abi::TimeSpec> timeout);

// net/calls.cpp
Answer socket(int domain, unsigned kind, int protocol);
Answer socketpair(int domain, unsigned kind, int protocol, UserPointer<int> pair);
Answer bind(Descriptor file, Word address, unsigned size);
Answer listen(Descriptor file, int backlog);
Answer connect(Descriptor file, Word address, unsigned size);
Answer accept(Descriptor file, Word address, UserPointer<std::uint32_t> size);
Answer accept4(Descriptor file, Word address, UserPointer<std::uint32_t> size, unsigned flags);
Answer getsockname(Descriptor file, Word address, UserPointer<std::uint32_t> size);
Answer getpeername(Descriptor file, Word address, UserPointer<std::uint32_t> size);
Answer shutdown(Descriptor file, int how);
Answer setsockopt(Descriptor file, int level, int option, Word value, unsigned size);
Answer getsockopt(Descriptor file, int level, int option, UserPointer<int> value,
                  UserPointer<std::uint32_t> size);
Answer sendto(Descriptor file, Word buffer, Word size, unsigned flags);
Answer recvfrom(Descriptor file, Word buffer, Word size, unsigned flags, Word address,
                UserPointer<std::uint32_t> address_size);
Answer sendmsg(Descriptor file, UserPointer<abi::MessageHeader> header, unsigned flags);
Answer recvmsg(Descriptor file, UserPointer<abi::MessageHeader> header, unsigned flags);

// memory/calls.cpp
Answer brk(Word address);
Answer mmap(Word hint, Word size, unsigned protection, unsigned flags, Descriptor file,
            Word offset);
Answer munmap(Word address, Word size);
Answer mprotect(Word address, Word size, unsigned protection);
Answer mremap(Word address, Word old_size, Word size, unsigned flags);
Answer madvise(Word address, Word size, int advice);
Answer msync(Word address, Word size, unsigned flags);
Answer mlock(Word address, Word size);
Answer munlock(Word address, Word size);

// threads/calls.cpp
Answer clone(Word flags, Word stack, UserPointer<std::uint32_t> parent_id, Word thread_pointer,
             UserPointer<std::uint32_t> child_id);
Answer exit(int status);
Answer exit_group(int status);
Answer set_tid_address(Word address);
Answer set_robust_list(Word head, Word size);
Answer gettid();
Answer sched_yield();
Answer sched_getaffinity(int thread, Word size, Word mask);
Answer sched_setaffinity(int thread, Word size, Word mask);
Answer sched_getscheduler(int thread);
Answer sched_getparam(int thread, UserPointer<int> priority);
Answer sched_setscheduler(int thread, int policy, UserPointer<int> priority);
Answer sched_priority_limit(int policy);
Answer membarrier(int command, unsigned flags);
Answer rseq();

// threads/call_futex.cpp
Answer futex(Word address, unsigned operation, std::uint32_t value, Word timeout_or_count,
             Word target, std::uint32_t value3);

// time/calls.cpp
Answer clock_gettime(int clock, UserPointer<abi::TimeSpec> time);
Answer clock_getres(int clock, UserPointer<abi::TimeSpec> resolution);
Answer gettimeofday(UserPointer<abi::TimeVal> time, UserPointer<std::uint64_t> zone);
Answer nanosleep(UserPointer<abi::TimeSpec> duration, UserPointer<abi::TimeSpec> rest);
Answer clock_nanosleep(int clock, unsigned flags, UserPointer<abi::TimeSpec> time,
                       UserPointer<abi::TimeSpec> rest);
Answer times(UserPointer<abi::Tms> result);

// signals/calls.cpp
Answer rt_sigaction(int signal, UserPointer<abi::SignalAction> action,
                    UserPointer<abi::SignalAction> old, Word mask_size);
Answer rt_sigprocmask(int how, UserPointer<std::uint64_t> mask, UserPointer<std::uint64_t> old,
                      Word mask_size);
Answer rt_sigpending(UserPointer<std::uint64_t> pending, Word mask_size);
Answer rt_sigtimedwait(UserPointer<std::uint64_t> mask, Word info,
                       UserPointer<abi::TimeSpec> timeout, Word mask_size);
Answer sigaltstack(UserPointer<abi::SignalStack> stack, UserPointer<abi::SignalStack> old);
Answer kill(int process, int signal);
Answer tkill(int thread, int signal);
Answer tgkill(int process, int thread, int signal);
/// What a failing call does to its thread: SIGPIPE.
void raise(int signal);

// system/calls.cpp
Answer getpid();
Answer getppid();
Answer getuid();
Answer getgid();
Answer process_group();
Answer getgroups(int count, Word groups);
Answer uname(UserPointer<abi::UtsName> name);
Answer sysinfo(UserPointer<abi::SystemInfo> result);
Answer getrandom(Word buffer, Word size, unsigned flags);
Answer prlimit64(int process, int kind, UserPointer<abi::Limit> limit, UserPointer<abi::Limit> old);
Answer getrlimit(int kind, UserPointer<abi::Limit> limit);
Answer getrusage(int who, UserPointer<abi::ResourceUsage> usage);
Answer prctl(int operation, Word operand);
Answer getcpu(UserPointer<unsigned> cpu, UserPointer<unsigned> node);
Answer wait4();

}  // namespace kos::libos::calls
