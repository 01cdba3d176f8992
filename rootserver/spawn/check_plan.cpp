// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/vm/layout.hpp"
#include "rootserver/spawn/message_server.hpp"
#include "rootserver/spawn/spawn.hpp"

namespace kos::rootserver {

namespace {

using manifest::MappingSource;

/// Each app is lent one member's area, whole.
bool is_one_area(const manifest::Mapping& lent) {
    return lent.size == message::area_size && lent.blob_offset % message::area_size == 0;
}

/// Frames and capabilities that the mappings take.
struct Needs {
    std::uint64_t frames = 0, large_frames = 0, shared = 0, shared_large = 0;
};

Attempt<Needs> needs_of(const manifest::ImageView& image, const manifest::App& record) {
    Needs needs;
    for (std::uint32_t m = 0; m < record.mappings.count; ++m) {
        const manifest::Mapping mapping = image.mapping(record, m);
        const bool large = mapping.page_bits == large_page_bits;
        const std::uint64_t pages = mapping.size >> mapping.page_bits;
        switch (static_cast<MappingSource>(mapping.source)) {
            case MappingSource::Lent:
                if (!is_one_area(mapping)) {
                    return trouble(ErrorCode::ImageCorrupt,
                                   {"what is lent is not one app's area, at", mapping.address});
                }
                [[fallthrough]];
            case MappingSource::Shared:
            case MappingSource::Joined:
                (large ? needs.shared_large : needs.shared) += pages;
                break;
            case MappingSource::Copied:
            case MappingSource::Zero:
                (large ? needs.large_frames : needs.frames) += pages;
                break;
            case MappingSource::Direct:
            case MappingSource::Demand:
            case MappingSource::None:
            case MappingSource::Guest:
                break;
        }
    }
    return needs;
}

Attempt<> check_threads(const manifest::App& record) {
    const manifest::ObjectCounts& counts = record.objects;
    const std::uint64_t threads = record.threads;
    if (threads == 0 || threads > native::max_threads || counts.tcbs != threads ||
        counts.sched_contexts != threads || counts.notifications != threads ||
        counts.vspaces != 1 || counts.cnode_bits < native::app_slot::cspace_bits(threads)) {
        return trouble(ErrorCode::ImageCorrupt, {"the objects are not those of threads", threads});
    }
    return {};
}

/// A VMM has one thread and one guest, of which each virtual CPU is carried by a thread.
Attempt<> check_vmm(const manifest::ImageView& image, const manifest::App& record) {
    const manifest::ObjectCounts& counts = record.objects;
    if (record.vm == 0)
        return trouble(ErrorCode::ImageCorrupt, {"no guest of the VMM", record.kind});
    const std::uint64_t vcpus = image.vm(record).vcpus;
    const std::uint32_t notifications = image.has_volumes(image.vm(record)) ? 2 : 1;
    if (record.threads != 1 || counts.tcbs != 1 + vcpus || counts.sched_contexts != 1 + vcpus ||
        counts.vcpus != vcpus || counts.replies != vcpus || counts.endpoints != 1 ||
        counts.notifications != notifications || counts.vspaces != 2 ||
        counts.cnode_bits < vm::cspace_bits) {
        return trouble(ErrorCode::ImageCorrupt,
                       {"the objects are not those of a VMM, vcpus", vcpus});
    }
    return {};
}

Attempt<> check_message_server(const manifest::ImageView& image, const manifest::App& record) {
    const manifest::ObjectCounts& counts = record.objects;
    const std::uint64_t members = message_members(image, record);
    if (record.threads != 1 || counts.tcbs != 1 || counts.sched_contexts != 1 ||
        counts.replies != 1 || counts.endpoints != 1 || counts.notifications != 1 ||
        counts.vspaces != 1 || members == 0 || members > message::max_members ||
        counts.cnode_bits < message::server_cspace_bits(members)) {
        return trouble(ErrorCode::ImageCorrupt,
                       {"the objects are not those of a message server, members", members});
    }
    return {};
}

}  // namespace

Attempt<> check_plan(const manifest::ImageView& image, const manifest::App& record) {
    const manifest::ObjectCounts& counts = record.objects;
    const Needs needs = KOS_TRY(needs_of(image, record));
    if (counts.frames != needs.frames || counts.large_frames != needs.large_frames ||
        counts.shared_frames != needs.shared || counts.shared_large != needs.shared_large) {
        return trouble(ErrorCode::ImageCorrupt, {"the frames are not those of the mappings"});
    }
    switch (static_cast<manifest::AppKind>(record.kind)) {
        case manifest::AppKind::Native:
        case manifest::AppKind::Gateway:
            KOS_TRY(check_threads(record));
            break;
        case manifest::AppKind::MicroVm:
            KOS_TRY(check_vmm(image, record));
            break;
        case manifest::AppKind::MessageServer:
        case manifest::AppKind::NetworkSwitch:
            KOS_TRY(check_message_server(image, record));
            break;
    }
    if (record.priority > record.max_priority) {
        return trouble(ErrorCode::PriorityRange, {"priority", record.priority});
    }
    return {};
}

}  // namespace kos::rootserver
