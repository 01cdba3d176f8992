// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/kernel_log.hpp"

#include "lib/linux/file.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace kos::init {

namespace {

constexpr auto signs =
    std::to_array<std::string_view>({"SQUASHFS error", "EXT4-fs error", "I/O error, dev vd"});
/// Of a block that was not read for want of memory (ENOMEM), and what follows from one that was
/// not.
constexpr auto no_damage =
    std::to_array<std::string_view>({": -12", "SQUASHFS error: Unable to read"});

}  // namespace

std::optional<std::string_view> damage_in(std::string_view record) {
    // PRIORITY,SEQUENCE,TIME,FLAGS;TEXT: what programs write has a facility of its own.
    constexpr unsigned least_facility = 8;
    unsigned priority = 0;
    const auto parsed = std::from_chars(record.data(), record.data() + record.size(), priority);
    const std::size_t begin = record.find(';');
    if (parsed.ec != std::errc{} || priority >= least_facility || begin == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view text = record.substr(begin + 1);
    text = text.substr(0, text.find('\n'));
    for (const std::string_view part : no_damage) {
        if (text.find(part) != std::string_view::npos) return std::nullopt;
    }
    for (const std::string_view sign : signs) {
        if (text.find(sign) != std::string_view::npos) return text;
    }
    return std::nullopt;
}

Outcome<void> KernelLog::watch(sys::EventLoop& loop) {
    file_ = KOS_TRY(explain(sys::open(AT_FDCWD, "/dev/kmsg", O_RDONLY | O_NONBLOCK),
                            ErrorCode::GuestInternal, "/dev/kmsg"));
    return explain(loop.add(file_.get(), EPOLLIN, [this](std::uint32_t) { read(); }),
                   ErrorCode::GuestInternal, "/dev/kmsg", "epoll");
}

void KernelLog::read() {
    std::array<char, 8192> record{};
    for (;;) {
        const ssize_t size = ::read(file_.get(), record.data(), record.size());
        // Records that were overwritten meanwhile.
        if (size < 0 && errno == EPIPE) continue;
        if (size <= 0) return;
        const auto damage = damage_in({record.data(), static_cast<std::size_t>(size)});
        if (!damage || told_.size() >= most_told) continue;
        if (!told_.emplace(*damage).second) continue;
        journal_.tell(Error{ErrorCode::GuestDamage, "kernel", std::string{*damage}});
    }
}

}  // namespace kos::init
