// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/state/status.hpp"

#include "lib/linux/process.hpp"
#include "oci-runtime/spec/config.hpp"
#include "oci-runtime/spec/field.hpp"

namespace kos::oci {

std::string_view to_string(Status status) {
    switch (status) {
        case Status::Creating:
            return "creating";
        case Status::Created:
            return "created";
        case Status::Running:
            return "running";
        case Status::Paused:
            return "paused";
        case Status::Stopped:
            return "stopped";
    }
    return "unknown";
}

std::optional<sys::UniqueFd> open_process(const ContainerRecord& record) {
    if (record.pid <= 0) return std::nullopt;
    auto pidfd = sys::open_pidfd(record.pid);
    // Looked at after opening: the descriptor is of the process whose start time is read.
    const auto status = sys::status_of(record.pid);
    if (!pidfd || !status || status->start_time != record.start_time) return std::nullopt;
    if (status->state == 'Z' || status->state == 'X') return std::nullopt;
    return std::move(pidfd).value();
}

Status status_of(const ContainerDirectory& directory, const ContainerRecord& record) {
    if (!open_process(record)) {
        return record.pid == 0 && !record.setup_done ? Status::Creating : Status::Stopped;
    }
    if (!record.setup_done) return Status::Creating;
    if (directory.has_fifo()) return Status::Created;
    return Cgroup{record.cgroups}.is_frozen() ? Status::Paused : Status::Running;
}

nlohmann::json state_json(const ContainerRecord& record, Status status) {
    // As runc does: a version that says what this document follows, not what the config said.
    Json document{{"ociVersion", spec_version},
                  {"id", record.id},
                  {"pid", status == Status::Stopped ? 0 : record.pid},
                  {"status", to_string(status)},
                  {"bundle", record.bundle},
                  {"rootfs", record.rootfs},
                  {"created", record.created},
                  {"owner", record.owner == 0 ? "" : std::to_string(record.owner)}};
    if (!record.annotations.empty()) document["annotations"] = record.annotations;
    return document;
}

std::string state_document(const ContainerRecord& record, Status status) {
    return state_json(record, status).dump(2);
}

}  // namespace kos::oci
