// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// state, list, ps, events.
#include "lib/linux/file.hpp"
#include "oci-runtime/cgroup/statistics.hpp"
#include "oci-runtime/cli/command.hpp"
#include "oci-runtime/cli/duration.hpp"
#include "oci-runtime/cli/process_table.hpp"
#include "oci-runtime/spec/field.hpp"
#include "oci-runtime/state/status.hpp"

#include <algorithm>
#include <array>
#include <stdio.h>
#include <unistd.h>

namespace kos::oci {

namespace {

constexpr auto list_options = std::to_array<Option>({
    {"format", 'f', true, "table or json"},
    {"quiet", 'q', false, "ids only"},
});
constexpr auto ps_options = std::to_array<Option>({{"format", 'f', true, "table or json"}});
constexpr auto events_options = std::to_array<Option>({
    {"interval", '\0', true, "how often (default 5s)"},
    {"stats", '\0', false, "once, then end"},
});
constexpr std::array<Option, 0> no_options{};

void print(std::string_view text) { static_cast<void>(sys::write_all(1, text)); }

Result<bool> wants_json(const Arguments& arguments) {
    const std::string format = arguments.value("format");
    if (format == "json") return true;
    if (format.empty() || format == "table") return false;
    return fail("--format", "must be table or json, is \"" + format + "\"");
}

Result<int> state(const Global& global, const Arguments& arguments) {
    const auto directory = KOS_TRY(global.store.open(arguments.positionals().front()));
    const ContainerRecord record = KOS_TRY(directory.load());
    print(state_document(record, status_of(directory, record)) + "\n");
    return 0;
}

struct Listed {
    ContainerRecord record;
    Status status;
};

std::vector<Listed> list_containers(const StateStore& store) {
    std::vector<Listed> listed;
    for (const std::string& id : store.ids()) {
        const auto directory = store.open(id);
        auto record = directory ? directory->load() : Err{directory.error()};
        // One that is being made or removed just now.
        if (!record) continue;
        const Status status = status_of(*directory, *record);
        listed.push_back({std::move(record).value(), status});
    }
    return listed;
}

std::string owner_name(unsigned uid) {
    // getpwuid(3) would load modules, which a static program cannot.
    return uid == 0 ? "root" : "#" + std::to_string(uid);
}

void print_table(const std::vector<Listed>& containers) {
    std::printf("%-20s %-8s %-10s %-32s %-32s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED",
                "OWNER");
    for (const Listed& each : containers) {
        std::printf("%-20s %-8d %-10s %-32s %-32s %s\n", each.record.id.c_str(),
                    each.status == Status::Stopped ? 0 : each.record.pid,
                    std::string{to_string(each.status)}.c_str(), each.record.bundle.c_str(),
                    each.record.created.c_str(), owner_name(each.record.owner).c_str());
    }
    std::fflush(stdout);
}

Result<int> list(const Global& global, const Arguments& arguments) {
    const std::vector<Listed> containers = list_containers(global.store);
    if (arguments.has("quiet")) {
        for (const Listed& each : containers) print(each.record.id + "\n");
    } else if (KOS_TRY(wants_json(arguments))) {
        Json all = Json::array();
        for (const Listed& each : containers) {
            all.push_back(state_json(each.record, each.status));
            all.back()["owner"] = owner_name(each.record.owner);
        }
        print(all.dump() + "\n");
    } else {
        print_table(containers);
    }
    return 0;
}

Result<int> ps(const Global& global, const Arguments& arguments) {
    const auto directory = KOS_TRY(global.store.open(arguments.positionals().front()));
    const ContainerRecord record = KOS_TRY(directory.load());
    std::vector<int> pids;
    if (record.cgroups.empty()) {
        if (open_process(record)) pids.push_back(record.pid);
    } else {
        pids = KOS_TRY(Cgroup{record.cgroups}.processes());
    }
    if (KOS_TRY(wants_json(arguments))) {
        print(Json(pids).dump() + "\n");
    } else {
        print(process_table(pids));
    }
    return 0;
}

void print_event(const char* type, const std::string& id, const Json& data) {
    Json event{{"type", type}, {"id", id}};
    if (!data.is_null()) event["data"] = data;
    print(event.dump() + "\n");
}

Result<int> events(const Global& global, const Arguments& arguments) {
    const std::string id = arguments.positionals().front();
    const auto directory = KOS_TRY(global.store.open(id));
    const ContainerRecord record = KOS_TRY(directory.load());
    if (!open_process(record)) return fail("container " + id, "is not running");
    if (record.cgroups.empty()) return fail("container " + id, "has no control groups");
    const Cgroup cgroup{record.cgroups};
    if (arguments.has("stats")) {
        print_event("stats", id, collect_statistics(cgroup));
        return 0;
    }
    const std::int64_t interval = KOS_TRY(parse_duration(
        arguments.has("interval") ? arguments.value("interval") : "5s", "--interval"));
    std::uint64_t kills = out_of_memory_kills(cgroup);
    while (const auto process = open_process(record)) {
        print_event("stats", id, collect_statistics(cgroup));
        wait_for(*process, interval);
        const std::uint64_t now = out_of_memory_kills(cgroup);
        for (; kills < now; ++kills) print_event("oom", id, nullptr);
    }
    return 0;
}

constexpr auto commands = std::to_array<Command>({
    {"state", "ID", "print the state of a container", no_options, Order::Mixed, 1, 1, state},
    {"list", "[-q] [-f table|json]", "list the containers", list_options, Order::Mixed, 0, 0, list},
    {"ps", "[-f table|json] ID", "list the processes of a container", ps_options,
     Order::OptionsFirst, 1, any_number, ps},
    {"events", "[--stats] ID", "print statistics and out-of-memory events", events_options,
     Order::Mixed, 1, 1, events},
});

}  // namespace

std::span<const Command> inspection_commands() { return commands; }

}  // namespace kos::oci
