// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/systemd/scope.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/systemd/dbus_connection.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace kos::oci {

namespace {

constexpr const char* where = "--systemd-cgroup";
constexpr std::string_view systemd = "org.freedesktop.systemd1";
constexpr std::string_view manager = "org.freedesktop.systemd1.Manager";
constexpr std::string_view manager_path = "/org/freedesktop/systemd1";

DbusCall to_manager(std::string_view method, std::string_view signature) {
    return {systemd, manager_path, manager, method, signature};
}

Result<std::string> bus_socket() {
    if (!has_own_manager()) return std::string{"/run/dbus/system_bus_socket"};
    const char* folder = std::getenv("XDG_RUNTIME_DIR");
    if (folder == nullptr || *folder == '\0') {
        return fail(where, "XDG_RUNTIME_DIR is not set: the user's systemd cannot be found");
    }
    return std::string{folder} + "/bus";
}

/// Writes a(sv), property by property.
class Properties {
   public:
    explicit Properties(DbusWriter& out) : out_(out) {}

    void text(std::string_view name, std::string_view value) {
        begin(name, "s");
        out_.string(value);
    }
    void boolean(std::string_view name, bool value) {
        begin(name, "b");
        out_.boolean(value);
    }
    void number(std::string_view name, std::uint64_t value) {
        begin(name, "t");
        out_.number64(value);
    }
    void process(std::string_view name, pid_t pid) {
        begin(name, "au");
        out_.array(4, [&] { out_.number32(static_cast<std::uint32_t>(pid)); });
    }
    /// Less than 0: no limit.
    void limit(std::string_view name, const std::optional<std::int64_t>& value) {
        constexpr std::uint64_t infinity = std::numeric_limits<std::uint64_t>::max();
        if (value) number(name, *value < 0 ? infinity : static_cast<std::uint64_t>(*value));
    }

   private:
    void begin(std::string_view name, std::string_view type) {
        out_.align(8);
        out_.string(name);
        out_.signature(type);
    }
    DbusWriter& out_;
};

void add_cpu(Properties& properties, const CpuLimits& cpu, bool unified) {
    if (cpu.shares && *cpu.shares != 0) {
        // As in cgroup/unified_settings: 2 … 262144 to 1 … 10000.
        const std::uint64_t shares = std::clamp<std::uint64_t>(*cpu.shares, 2, 262'144);
        if (unified) {
            properties.number("CPUWeight", 1 + (shares - 2) * 9999 / 262'142);
        } else {
            properties.number("CPUShares", shares);
        }
    }
    if (!cpu.quota || *cpu.quota == 0) return;
    constexpr std::uint64_t second = 1'000'000;
    constexpr std::uint64_t default_period = 100'000;
    const std::uint64_t period = std::max<std::uint64_t>(cpu.period.value_or(default_period), 1);
    if (*cpu.quota < 0) {
        properties.number("CPUQuotaPerSecUSec", std::numeric_limits<std::uint64_t>::max());
    } else {
        // systemd keeps it in steps of 1 %.
        const std::uint64_t exact = static_cast<std::uint64_t>(*cpu.quota) * second / period;
        properties.number("CPUQuotaPerSecUSec", (exact + 9'999) / 10'000 * 10'000);
    }
}

void add_resources(Properties& properties, const Resources& resources, bool unified) {
    properties.limit(unified ? "MemoryMax" : "MemoryLimit", resources.memory.limit);
    if (unified) properties.limit("MemoryLow", resources.memory.reservation);
    if (resources.pids_limit) {
        const std::int64_t most = *resources.pids_limit;
        properties.limit("TasksMax", most <= 0 ? -1 : most);
    }
    add_cpu(properties, resources.cpu, unified);
}

Result<sys::Child> fork_placeholder() {
    sys::Child child = KOS_TRY(explain(sys::clone({}), where, "fork"));
    if (child.pid != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close_range(0, ~0u, 0);
    for (;;) ::pause();
}

std::string start_body(const SystemdUnit& unit, pid_t pid, const Resources& resources,
                       bool unified) {
    DbusWriter out;
    out.string(unit.name);
    out.string("fail");  // where a unit of this name is there
    out.array(8, [&] {
        Properties properties{out};
        properties.text("Description", "container " + unit.name);
        properties.text("Slice", unit.slice);
        properties.process("PIDs", pid);
        properties.boolean("Delegate", true);
        properties.boolean("DefaultDependencies", false);
        for (const char* name : {"MemoryAccounting", "CPUAccounting", "TasksAccounting"}) {
            properties.boolean(name, true);
        }
        properties.boolean(unified ? "IOAccounting" : "BlockIOAccounting", true);
        add_resources(properties, resources, unified);
    });
    out.array(8, [] {});
    return out.text();
}

/// Waits for the job to be done (JobRemoved, "uoss").
Result<void> wait_for_job(DbusConnection& bus, const std::string& job) {
    for (;;) {
        const DbusMessage signal = KOS_TRY(bus.next_signal());
        if (signal.member != "JobRemoved") continue;
        std::size_t offset = 4;
        const auto path = signal.string_at(offset);
        const auto unit = signal.string_at(offset);
        const auto result = signal.string_at(offset);
        if (!path || !unit || !result) return fail(where, "JobRemoved has no result");
        if (*path != job) continue;
        if (*result == "done") return {};
        return fail(where, "systemd cannot start " + *unit + ": " + *result);
    }
}

Result<void> subscribe(DbusConnection& bus) {
    DbusWriter rule;
    rule.string("type='signal',sender='org.freedesktop.systemd1',member='JobRemoved'");
    constexpr std::string_view dbus = "org.freedesktop.DBus";
    static_cast<void>(
        KOS_TRY(bus.call({dbus, "/org/freedesktop/DBus", dbus, "AddMatch", "s"}, rule.text())));
    static_cast<void>(KOS_TRY(bus.call(to_manager("Subscribe", ""), "")));
    return {};
}

/// The group that systemd has put the process in.
Result<std::string> group_of(pid_t pid) {
    const std::string file = "/proc/" + std::to_string(pid) + "/cgroup";
    const std::string text =
        "\n" + KOS_TRY(explain(sys::read_file(AT_FDCWD, file.c_str()), where, file));
    for (const std::string_view mark : {":name=systemd:", "\n0::"}) {
        const std::size_t found = text.find(mark);
        if (found == std::string::npos) continue;
        const std::size_t start = found + mark.size();
        return text.substr(start, text.find('\n', start) - start);
    }
    return fail(where, file + " does not say where systemd has put it");
}

/// Whether systemd says that there is no such unit.
bool is_unknown(const Failure& failure) {
    return failure.what.find("NoSuchUnit") != std::string::npos;
}

}  // namespace

void ScopePlaceholder::end() {
    if (child_.pid == 0) return;
    static_cast<void>(sys::send_signal(child_.pidfd.get(), SIGKILL));
    static_cast<void>(sys::reap(child_.pid));
    child_ = {};
}

bool has_own_manager() { return ::geteuid() != 0; }

Result<StartedScope> start_scope(const SystemdUnit& unit, const Resources& resources,
                                 bool unified) {
    auto bus = KOS_TRY(DbusConnection::open(KOS_TRY(bus_socket())));
    KOS_TRY(subscribe(bus));
    sys::Child child = KOS_TRY(fork_placeholder());
    const pid_t pid = child.pid;
    StartedScope started{ScopePlaceholder{std::move(child)}, ""};
    const DbusMessage answer =
        KOS_TRY(bus.call(to_manager("StartTransientUnit", "ssa(sv)a(sa(sv))"),
                         start_body(unit, pid, resources, unified)));
    std::size_t offset = 0;
    KOS_TRY(wait_for_job(bus, answer.string_at(offset).value_or("")));
    started.path = KOS_TRY(group_of(pid));
    if (!started.path.ends_with("/" + unit.name)) {
        return fail(where, "systemd has put the process in " + started.path);
    }
    return started;
}

Result<void> update_scope(const std::string& name, const Resources& resources, bool unified) {
    auto bus = KOS_TRY(DbusConnection::open(KOS_TRY(bus_socket())));
    DbusWriter out;
    out.string(name);
    out.boolean(true);  // until the unit is gone
    out.array(8, [&] {
        Properties properties{out};
        add_resources(properties, resources, unified);
    });
    static_cast<void>(KOS_TRY(bus.call(to_manager("SetUnitProperties", "sba(sv)"), out.text())));
    return {};
}

Result<void> stop_scope(const std::string& name) {
    auto bus = KOS_TRY(DbusConnection::open(KOS_TRY(bus_socket())));
    DbusWriter stop;
    stop.string(name);
    stop.string("replace");
    const auto stopped = bus.call(to_manager("StopUnit", "ss"), stop.text());
    if (!stopped && !is_unknown(stopped.error())) return Err{stopped.error()};
    DbusWriter reset;
    reset.string(name);
    const auto forgotten = bus.call(to_manager("ResetFailedUnit", "s"), reset.text());
    if (!forgotten && !is_unknown(forgotten.error())) return Err{forgotten.error()};
    return {};
}

}  // namespace kos::oci
