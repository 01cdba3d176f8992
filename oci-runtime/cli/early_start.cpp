// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The program's first instructions, before the C library is set up: a command that will run code
// beside a container's executes the runtime again from a read-only mount of its file (see
// process/own_binary.hpp) right here, so that the C library starts once and not twice. Where any
// step is refused nothing has happened, and protect_own_binary() does it in its slower ways.
//
// Nothing is relocated yet and there is no thread pointer: no library call, no table of pointers,
// no stack protector (see CMakeLists.txt).
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif

namespace {

#if defined(__x86_64__)
asm(R"(
    .globl kos_oci_start
    .type kos_oci_start, @function
kos_oci_start:
    mov %rsp, %rdi
    push %rdx
    sub $8, %rsp
    call kos_oci_protect_early
    add $8, %rsp
    pop %rdx
    jmp _start
)");

long call(long number, long a, long b, long c, long d, long e) {
    long result;
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                 : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
asm(R"(
    .globl kos_oci_start
    .type kos_oci_start, %function
kos_oci_start:
    mov x19, x0
    mov x0, sp
    bl kos_oci_protect_early
    mov x0, x19
    b _start
)");

long call(long number, long a, long b, long c, long d, long e) {
    register long x8 asm("x8") = number;
    register long x0 asm("x0") = a;
    register long x1 asm("x1") = b;
    register long x2 asm("x2") = c;
    register long x3 asm("x3") = d;
    register long x4 asm("x4") = e;
    asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}
#endif

bool equal(const char* left, const char* right) {
    while (*left != '\0' && *left == *right) ++left, ++right;
    return *left == *right;
}

/// A word that merely looks like one of these commands costs an execve(2), nothing else.
bool may_fork_container(char* const* argv) {
    for (; *argv != nullptr; ++argv) {
        if (equal(*argv, "run") || equal(*argv, "create") || equal(*argv, "exec")) return true;
    }
    return false;
}

/// struct statfs of the kernel on 64-bit machines, as far as the flags.
struct FilesystemStatus {
    long before_flags[10];
    long flags;
    long spare[4];
};
static_assert(sizeof(FilesystemStatus) == 120);

}  // namespace

extern "C" [[gnu::used]] void kos_oci_protect_early(long* stack) {
    constexpr long read_only = 1;  // ST_RDONLY
    char* const* argv = reinterpret_cast<char* const*>(stack + 1);
    char* const* environment = argv + stack[0] + 1;
    if (stack[0] < 1 || !may_fork_container(argv)) return;
    const long file = call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/exe"),
                           O_RDONLY | O_CLOEXEC, 0, 0);
    if (file < 0) return;
    FilesystemStatus status;
    const bool known = call(SYS_fstatfs, file, reinterpret_cast<long>(&status), 0, 0, 0) == 0;
    const long empty = reinterpret_cast<long>("");
    if (known && (status.flags & read_only) == 0) {
        const long mount = call(SYS_open_tree, file, empty,
                                OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH, 0, 0);
        if (mount >= 0) {
            mount_attr attributes;
            attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
            attributes.attr_clr = attributes.propagation = attributes.userns_fd = 0;
            if (call(SYS_mount_setattr, mount, empty, AT_EMPTY_PATH,
                     reinterpret_cast<long>(&attributes), sizeof attributes) == 0) {
                call(SYS_execveat, mount, empty, reinterpret_cast<long>(argv),
                     reinterpret_cast<long>(environment), AT_EMPTY_PATH);
            }
            call(SYS_close, mount, 0, 0, 0, 0);
        }
    }
    call(SYS_close, file, 0, 0, 0, 0);
}
