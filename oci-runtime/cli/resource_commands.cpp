// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// pause, resume, update.
#include "lib/linux/file.hpp"
#include "oci-runtime/cli/command.hpp"
#include "oci-runtime/state/status.hpp"
#include "oci-runtime/systemd/scope.hpp"

#include <array>
#include <fcntl.h>

namespace kos::oci {

namespace {

constexpr std::array<Option, 0> no_options{};

constexpr auto update_options = std::to_array<Option>({
    {"resources", 'r', true, "JSON file with resources, - for standard input"},
    {"blkio-weight", '\0', true, "weight of block I/O"},
    {"cpu-period", '\0', true, "microseconds"},
    {"cpu-quota", '\0', true, "microseconds in each period"},
    {"cpu-burst", '\0', true, "microseconds"},
    {"cpu-idle", '\0', true, "1: run only when nothing else does"},
    {"cpu-share", '\0', true, "relative weight"},
    {"cpu-rt-period", '\0', true, "microseconds"},
    {"cpu-rt-runtime", '\0', true, "microseconds"},
    {"cpuset-cpus", '\0', true, "CPUs to use"},
    {"cpuset-mems", '\0', true, "memory nodes to use"},
    {"memory", '\0', true, "bytes"},
    {"memory-reservation", '\0', true, "bytes"},
    {"memory-swap", '\0', true, "bytes, memory and swap together; -1: no limit"},
    {"pids-limit", '\0', true, "processes"},
    {"l3-cache-schema", '\0', true, "of the container's class in resctrl, such as L3:0=f"},
    {"mem-bw-schema", '\0', true, "of the same, such as MB:0=50"},
});

struct Found {
    ContainerDirectory directory;
    ContainerRecord record;
    Status status;
};

Result<Found> find(const Global& global, const Arguments& arguments) {
    ContainerDirectory directory = KOS_TRY(global.store.open(arguments.positionals().front()));
    KOS_TRY(directory.lock());
    ContainerRecord record = KOS_TRY(directory.load());
    const Status status = status_of(directory, record);
    return Found{std::move(directory), std::move(record), status};
}

Err<Failure> wrong_state(const Found& found, const char* action) {
    return fail("container " + found.record.id, std::string{"cannot be "} + action + ": it is " +
                                                    std::string{to_string(found.status)});
}

Result<int> pause(const Global& global, const Arguments& arguments) {
    const Found found = KOS_TRY(find(global, arguments));
    if (found.status != Status::Running && found.status != Status::Created) {
        return wrong_state(found, "paused");
    }
    KOS_TRY(Cgroup{found.record.cgroups}.freeze());
    return 0;
}

Result<int> resume(const Global& global, const Arguments& arguments) {
    const Found found = KOS_TRY(find(global, arguments));
    const Cgroup cgroup{found.record.cgroups};
    if (found.status == Status::Stopped || !cgroup.is_frozen())
        return wrong_state(found, "resumed");
    KOS_TRY(cgroup.thaw());
    return 0;
}

template <class T>
Result<void> read(const Arguments& arguments, std::string_view name, std::optional<T>& out) {
    if (!arguments.has(name)) return {};
    out = static_cast<T>(KOS_TRY(arguments.number(name, 0)));
    return {};
}

Result<Resources> resources_from_options(const Arguments& arguments) {
    Resources resources;
    KOS_TRY(read(arguments, "blkio-weight", resources.block_io.weight));
    KOS_TRY(read(arguments, "cpu-period", resources.cpu.period));
    KOS_TRY(read(arguments, "cpu-quota", resources.cpu.quota));
    KOS_TRY(read(arguments, "cpu-burst", resources.cpu.burst));
    KOS_TRY(read(arguments, "cpu-idle", resources.cpu.idle));
    KOS_TRY(read(arguments, "cpu-share", resources.cpu.shares));
    KOS_TRY(read(arguments, "cpu-rt-period", resources.cpu.realtime_period));
    KOS_TRY(read(arguments, "cpu-rt-runtime", resources.cpu.realtime_runtime));
    KOS_TRY(read(arguments, "memory", resources.memory.limit));
    KOS_TRY(read(arguments, "memory-reservation", resources.memory.reservation));
    KOS_TRY(read(arguments, "memory-swap", resources.memory.swap));
    KOS_TRY(read(arguments, "pids-limit", resources.pids_limit));
    resources.cpu.cpus = arguments.value("cpuset-cpus");
    resources.cpu.mems = arguments.value("cpuset-mems");
    return resources;
}

Result<Resources> read_resources(const Arguments& arguments) {
    if (!arguments.has("resources")) return resources_from_options(arguments);
    const std::string path = arguments.value("resources");
    const auto text = path == "-" ? sys::read_all(0) : sys::read_file(AT_FDCWD, path.c_str());
    return parse_resources(KOS_TRY(
        explain(text ? sys::Result<std::string>{*text} : Err{text.error()}, "--resources", path)));
}

Result<void> update_resctrl(const ResctrlGroup& group, const Arguments& arguments) {
    const IntelRdt config{.l3_cache_schema = arguments.value("l3-cache-schema"),
                          .memory_bandwidth_schema = arguments.value("mem-bw-schema")};
    if (config.l3_cache_schema.empty() && config.memory_bandwidth_schema.empty()) return {};
    if (!group.empty()) return group.write_schemata(config);
    const bool cache = !config.l3_cache_schema.empty();
    return fail(cache ? "--l3-cache-schema" : "--mem-bw-schema",
                "the container's config.json has no linux.intelRdt");
}

Result<int> update(const Global& global, const Arguments& arguments) {
    const Resources resources = KOS_TRY(read_resources(arguments));
    const Found found = KOS_TRY(find(global, arguments));
    if (found.status == Status::Stopped) return wrong_state(found, "updated");
    KOS_TRY(update_resctrl(found.record.resctrl, arguments));
    const Cgroup cgroup{found.record.cgroups};
    KOS_TRY(cgroup.apply(resources));
    // Otherwise systemd would put the old values back when it next looks at the unit.
    const std::string& unit = found.record.systemd_unit;
    if (!unit.empty()) KOS_TRY(update_scope(unit, resources, cgroup.unified()));
    return 0;
}

constexpr auto commands = std::to_array<Command>({
    {"pause", "ID", "freeze the processes of a container", no_options, Order::Mixed, 1, 1, pause},
    {"resume", "ID", "let them go on", no_options, Order::Mixed, 1, 1, resume},
    {"update", "[OPTION…] ID", "change limits", update_options, Order::Mixed, 1, 1, update},
});

}  // namespace

std::span<const Command> resource_commands() { return commands; }

}  // namespace kos::oci
