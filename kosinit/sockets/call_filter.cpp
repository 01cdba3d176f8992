// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/call_filter.hpp"

#include <array>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Linux 5.19.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace kos::init {

namespace {

/// Numbers of the two calls.
struct Numbers {
    std::uint32_t architecture, connect, listen;
};

#if defined(__aarch64__)
// Programs of 32 bits, too.
constexpr auto numbers = std::to_array<Numbers>(
    {{AUDIT_ARCH_AARCH64, SYS_connect, SYS_listen}, {AUDIT_ARCH_ARM, 283, 284}});
#elif defined(__x86_64__)
constexpr auto numbers = std::to_array<Numbers>({{AUDIT_ARCH_X86_64, SYS_connect, SYS_listen}});
#endif

constexpr std::size_t block = 4;

constexpr auto assemble() {
    constexpr std::uint16_t load = BPF_LD | BPF_W | BPF_ABS;
    constexpr std::uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K;
    std::array<sock_filter, 1 + numbers.size() * block + 2> code{};
    std::size_t at = 0;
    code[at++] = {load, 0, 0, offsetof(seccomp_data, arch)};
    for (const Numbers& of : numbers) {
        const auto to_notify = static_cast<std::uint8_t>(code.size() - 1 - (at + 2) - 1);
        code[at++] = {equal, 0, block - 1, of.architecture};
        code[at++] = {load, 0, 0, offsetof(seccomp_data, nr)};
        code[at++] = {equal, to_notify, 0, of.connect};
        // Neither: to the allowance, just before the notification.
        const auto to_allow = static_cast<std::uint8_t>(to_notify - 2);
        code[at++] = {equal, static_cast<std::uint8_t>(to_notify - 1), to_allow, of.listen};
    }
    code[at++] = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    code[at++] = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF};
    return code;
}

constexpr auto filter = assemble();

std::optional<Call::Kind> kind_of(const seccomp_data& data) {
    for (const Numbers& of : numbers) {
        if (of.architecture != data.arch) continue;
        const auto number = static_cast<std::uint32_t>(data.nr);
        return number == of.connect ? Call::Kind::Connect : Call::Kind::Listen;
    }
    return std::nullopt;
}

bool respond(sys::Fd listener, std::uint64_t id, int error, std::uint32_t flags) {
    seccomp_notif_resp answer{};
    answer.id = id;
    answer.error = -error;
    answer.flags = flags;
    return ::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0;
}

}  // namespace

sys::Result<sys::UniqueFd> install_call_filter() {
    auto code = filter;
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    // A signal does not make the call begin anew: Go's runtime sends itself many.
    constexpr unsigned long flags =
        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    const long fd = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return sys::UniqueFd{static_cast<int>(KOS_TRY(sys::check(fd)))};
}

bool Call::is_waiting() const {
    std::uint64_t number = id;
    return ::ioctl(listener->fd(), SECCOMP_IOCTL_NOTIF_ID_VALID, &number) == 0;
}

void Call::finish(int error) const { respond(listener->fd(), id, error, 0); }

bool Call::proceed() const {
    return respond(listener->fd(), id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

std::optional<Call> CallListener::receive() {
    seccomp_notif notification{};
    if (::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) return std::nullopt;
    const auto kind = kind_of(notification.data);
    if (!kind) {
        respond(fd_.get(), notification.id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
        return std::nullopt;
    }
    return Call{.listener = shared_from_this(),
                .id = notification.id,
                .kind = *kind,
                .thread = static_cast<pid_t>(notification.pid),
                .socket = static_cast<sys::Fd>(notification.data.args[0]),
                .argument = notification.data.args[1],
                .size = notification.data.args[2]};
}

}  // namespace kos::init
