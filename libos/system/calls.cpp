// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Who and where the app is: identity, the system, limits, usage.
#include "libos/dispatch/calls.hpp"

#include "libos/core/platform.hpp"
#include "libos/core/process.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace kos::libos::calls {

namespace {

void set_field(abi::UtsName::Field& field, std::string_view text) {
    field = {};
    std::copy_n(text.begin(), std::min(text.size(), field.size() - 1), field.begin());
}

abi::Limit limit_of(abi::LimitKind kind) {
    const auto same = [](std::uint64_t value) { return abi::Limit{value, value}; };
    switch (kind) {
        case abi::LimitKind::Stack:
            return same(native::stack_limit);
        case abi::LimitKind::Files:
            return same(FileTable::capacity);
        case abi::LimitKind::Processes:
            return same(process().info.threads);
        case abi::LimitKind::Core:
        case abi::LimitKind::LockedMemory:
            return same(0);
        default:
            return same(abi::Limit::infinity);
    }
}

bool known(int kind) { return kind >= 0 && kind <= static_cast<int>(abi::LimitKind::Last); }

bool names_this_process(int id) { return id == 0 || id == static_cast<int>(process_id); }

}  // namespace

Answer getpid() { return Word{process_id}; }
Answer getppid() { return Word{0}; }
Answer getuid() { return Word{process().files.credentials().user}; }
Answer getgid() { return Word{process().files.credentials().group}; }
Answer process_group() { return Word{process_id}; }

Answer getgroups(int count, Word /*groups*/) {
    if (count < 0) return Err{Errno::Einval};
    return Word{0};
}

Answer uname(UserPointer<abi::UtsName> name) {
    abi::UtsName result{};
    set_field(result.system, "Linux");
    set_field(result.node, process().text(process().info.host_name));
    set_field(result.release, "6.1.0-kos");  // the interface that is followed
    set_field(result.version, "#1 kos");
    set_field(result.machine, "aarch64");
    set_field(result.domain, "(none)");
    KOS_TRY(name.write(result));
    return Word{0};
}

Answer sysinfo(UserPointer<abi::SystemInfo> result) {
    const Process& self = process();
    const std::uint64_t seconds = self.clock.nanoseconds(read_counter()) / nanoseconds_per_second;
    abi::SystemInfo info{};
    info.uptime = static_cast<std::int64_t>(seconds);
    info.total_memory = info.free_memory = self.info.heap_pages * page_size;
    info.processes = 1;
    info.unit = 1;
    KOS_TRY(result.write(info));
    return Word{0};
}

Answer getrandom(Word buffer, Word size, unsigned flags) {
    constexpr unsigned known_flags = 7;  // GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE
    if ((flags & ~known_flags) != 0) return Err{Errno::Einval};
    const MutableBytes bytes = KOS_TRY(user_bytes(buffer, std::min(size, abi::transfer_max)));
    process().random.fill(bytes);
    return Word{bytes.size()};
}

Answer prlimit64(int target, int kind, UserPointer<abi::Limit> limit, UserPointer<abi::Limit> old) {
    if (!names_this_process(target)) return Err{Errno::Esrch};
    if (!known(kind)) return Err{Errno::Einval};
    const abi::Limit current = limit_of(static_cast<abi::LimitKind>(kind));
    if (!limit.is_null()) {
        // Limits are the manifest's. Asking for no more than there is changes nothing.
        const abi::Limit wanted = KOS_TRY(limit.read());
        if (wanted.current > wanted.maximum) return Err{Errno::Einval};
        if (wanted.maximum > current.maximum) return Err{Errno::Eperm};
    }
    KOS_TRY(old.write_unless_null(current));
    return Word{0};
}

Answer getrlimit(int kind, UserPointer<abi::Limit> limit) {
    return prlimit64(0, kind, UserPointer<abi::Limit>{}, limit);
}

Answer getrusage(int who, UserPointer<abi::ResourceUsage> usage) {
    constexpr int of_thread = 1, of_children = -1;
    if (who < of_children || who > of_thread) return Err{Errno::Einval};
    abi::ResourceUsage result{};
    if (who != of_children) {
        const auto time = to_timespec(process().clock.nanoseconds(read_counter()));
        result.user = {time.seconds, time.nanoseconds / 1000};
    }
    KOS_TRY(usage.write(result));
    return Word{0};
}

Answer prctl(int operation, Word operand) {
    using Name = std::array<char, 16>;
    Name& name = process().threads.current().name;
    switch (static_cast<abi::ProcessControl>(operation)) {
        case abi::ProcessControl::SetName:
            name = KOS_TRY(UserPointer<Name>{operand}.read());
            name.back() = '\0';
            return Word{0};
        case abi::ProcessControl::GetName:
            KOS_TRY(UserPointer<Name>{operand}.write(name));
            return Word{0};
        case abi::ProcessControl::GetDumpable:
        case abi::ProcessControl::GetNoNewPrivileges:
            return Word{1};
        case abi::ProcessControl::SetDumpable:
        case abi::ProcessControl::SetNoNewPrivileges:
        case abi::ProcessControl::SetDeathSignal:
            return Word{0};
        case abi::ProcessControl::GetDeathSignal:
            KOS_TRY(UserPointer<int>{operand}.write(0));
            return Word{0};
        default:
            return Err{Errno::Einval};
    }
}

Answer getcpu(UserPointer<unsigned> cpu, UserPointer<unsigned> node) {
    KOS_TRY(cpu.write_unless_null(0));
    KOS_TRY(node.write_unless_null(0));
    return Word{0};
}

Answer wait4() { return Err{Errno::Echild}; }

}  // namespace kos::libos::calls
