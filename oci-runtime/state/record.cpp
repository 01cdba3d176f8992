// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/state/record.hpp"

#include "oci-runtime/spec/field.hpp"

#include <chrono>
#include <cstdio>
#include <time.h>

namespace kos::oci {

std::string to_json(const ContainerRecord& record) {
    Json folders = Json::array();
    for (const CgroupFolder& folder : record.cgroups) {
        folders.push_back({{"controllers", folder.controllers}, {"path", folder.path}});
    }
    const Json document{{"id", record.id},
                        {"pid", record.pid},
                        {"startTime", record.start_time},
                        {"bundle", record.bundle},
                        {"rootfs", record.rootfs},
                        {"created", record.created},
                        {"owner", record.owner},
                        {"ociVersion", record.version},
                        {"annotations", record.annotations},
                        {"cgroups", std::move(folders)},
                        {"systemdUnit", record.systemd_unit},
                        {"resctrl",
                         {{"folder", record.resctrl.folder},
                          {"isOwn", record.resctrl.is_own},
                          {"monitor", record.resctrl.monitor}}},
                        {"mountBelowRoot", record.mount_below_root},
                        {"setupDone", record.setup_done}};
    return document.dump();
}

static Result<void> decode(const Field& field, CgroupFolder& out) {
    KOS_TRY(field.required("controllers", out.controllers));
    return field.required("path", out.path);
}

static Result<void> decode(const Field& field, ResctrlGroup& out) {
    KOS_TRY(field.required("folder", out.folder));
    KOS_TRY(field.required("isOwn", out.is_own));
    return field.required("monitor", out.monitor);
}

Result<ContainerRecord> parse_record(std::string_view text) {
    const Json document = KOS_TRY(parse_json(text, "state.json"));
    const Field field{document};
    ContainerRecord record;
    KOS_TRY(field.required("id", record.id));
    KOS_TRY(field.required("pid", record.pid));
    KOS_TRY(field.required("startTime", record.start_time));
    KOS_TRY(field.required("bundle", record.bundle));
    KOS_TRY(field.required("rootfs", record.rootfs));
    KOS_TRY(field.required("created", record.created));
    KOS_TRY(field.required("owner", record.owner));
    KOS_TRY(field.required("ociVersion", record.version));
    KOS_TRY(field.required("annotations", record.annotations));
    KOS_TRY(field.required("cgroups", record.cgroups));
    KOS_TRY(field.required("systemdUnit", record.systemd_unit));
    KOS_TRY(field.required("resctrl", record.resctrl));
    KOS_TRY(field.required("mountBelowRoot", record.mount_below_root));
    KOS_TRY(field.required("setupDone", record.setup_done));
    return record;
}

std::string timestamp_now() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    // gmtime_r(3) would read the time zone's file.
    using namespace std::chrono;
    const sys_seconds time{seconds{now.tv_sec}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09ldZ", int{date.year()},
                  unsigned{date.month()}, unsigned{date.day()},
                  static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), now.tv_nsec);
    return text;
}

}  // namespace kos::oci
