// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/message_server.hpp"

#include "lib/sel4/syscall.hpp"
#include "rootserver/spawn/threads.hpp"

namespace kos::rootserver {

namespace {

using caps::ObjectKind;
using manifest::MappingSource;

// Their endpoints lie below what the app's threads have.
static_assert(message::server_endpoint(manifest::max_memberships - 1).value <
              native::app_slot::first_of_threads);

constexpr sel4::Rights may_signal{.write = true};
constexpr sel4::Rights may_call{.write = true, .grant_reply = true};

/// The capability in an object CNode: objects of another app are where its record says, whether it
/// runs or not.
sel4::CPtr object_of(const Root& root, std::uint32_t number, ObjectKind kind) {
    const auto objects = caps::ObjectList::create(root.image.manifest().app(number), sel4::abi());
    return {RootCSpace::base(top_slot::first_app + number).value + objects.group(kind).first_slot};
}

sel4::Slot slot_in(sel4::CPtr cspace, sel4::CPtr slot, std::uint32_t bits) {
    return {sel4::Cap<sel4::CNode>{cspace}, slot.value, static_cast<std::uint8_t>(bits)};
}

/// What a message server shares with its apps, as ImageView::message_area() finds it.
bool is_area(const manifest::Mapping& mapping) {
    return mapping.kind == static_cast<std::uint8_t>(manifest::MappingKind::MessageArea) &&
           mapping.source == static_cast<std::uint8_t>(MappingSource::Zero);
}

/// Calls visit(membership, mapping) for each of the app's message servers.
template <class Visit>
Attempt<> for_each_membership(const Root& root, const manifest::App& record, Visit visit) {
    std::uint64_t membership = 0;
    for (std::uint32_t m = 0; m < record.mappings.count; ++m) {
        const manifest::Mapping mapping = root.image.manifest().mapping(record, m);
        if (static_cast<MappingSource>(mapping.source) != MappingSource::Lent) continue;
        KOS_TRY(visit(membership++, mapping));
    }
    return {};
}

}  // namespace

std::uint64_t message_members(const manifest::ImageView& image, const manifest::App& server) {
    for (std::uint32_t m = 0; m < server.mappings.count; ++m) {
        const manifest::Mapping mapping = image.mapping(server, m);
        if (is_area(mapping)) return mapping.size / message::area_size;
    }
    return 0;
}

sel4::CPtr message_area_frames(const Root& root, std::uint32_t number) {
    const manifest::ImageView& image = root.image.manifest();
    const manifest::App server = image.app(number);
    std::uint64_t before = 0;
    for (std::uint32_t m = 0; m < server.mappings.count; ++m) {
        const manifest::Mapping mapping = image.mapping(server, m);
        if (is_area(mapping)) break;
        if (has_own_frames(mapping) && mapping.page_bits == page_bits) {
            before += mapping.size / page_size;
        }
    }
    return {object_of(root, number, ObjectKind::Frame).value + before};
}

bool serves(const Root& root, std::uint32_t server, const manifest::App& record) {
    bool found = false;
    (void)for_each_membership(root, record,
                              [&](std::uint64_t, const manifest::Mapping& area) -> Attempt<> {
                                  found = found || area.blob == server;
                                  return {};
                              });
    return found;
}

std::uint64_t memberships_of(const Root& root, const manifest::App& record) {
    std::uint64_t count = 0;
    (void)for_each_membership(root, record,
                              [&](std::uint64_t, const manifest::Mapping& area) -> Attempt<> {
                                  const auto kind = root.image.manifest().kind_of(area.blob);
                                  count += kind == manifest::AppKind::MessageServer ? 1 : 0;
                                  return {};
                              });
    return count;
}

Attempt<> make_message_server_thread(const Root& root, App& app) {
    const Subject subject{"the message server's capabilities of app", app.number};
    KOS_TRY(make_thread(root, app, 0));
    KOS_TRY(about(subject,
                  sel4::tcb_bind_notification(app.tcb(0), sel4::Cap<sel4::Notification>{app.object(
                                                              ObjectKind::Notification)})));
    const sel4::CPtr cspace = app.object(ObjectKind::AppCNode);
    const std::uint32_t bits = app.record.objects.cnode_bits;
    KOS_TRY(about(subject, sel4::cnode_copy(slot_in(cspace, message::server_slot::endpoint, bits),
                                            root.cspace.slot(app.object(ObjectKind::Endpoint)),
                                            sel4::read_only)));
    return about(subject, sel4::cnode_copy(slot_in(cspace, message::server_slot::reply, bits),
                                           root.cspace.slot(app.object(ObjectKind::Reply)),
                                           sel4::all_rights));
}

Attempt<> introduce_thread(const Root& root, App& app, std::uint64_t thread) {
    const Subject subject{"the message servers of app", app.number};
    return for_each_membership(
        root, app.record,
        [&](std::uint64_t membership, const manifest::Mapping& area) -> Attempt<> {
            const std::uint64_t member = area.blob_offset / message::area_size;
            const manifest::App server = root.image.manifest().app(area.blob);
            const sel4::Slot theirs = slot_in(object_of(root, area.blob, ObjectKind::AppCNode),
                                              message::server_slot::notification(member, thread),
                                              server.objects.cnode_bits);
            KOS_TRY(about(
                subject, sel4::cnode_copy(
                             theirs, root.cspace.slot(app.object(ObjectKind::Notification, thread)),
                             may_signal)));
            if (thread != 0) return {};
            const sel4::Slot own =
                slot_in(app.object(ObjectKind::AppCNode), message::server_endpoint(membership),
                        app.record.objects.cnode_bits);
            const sel4::CPtr endpoint = object_of(root, area.blob, ObjectKind::Endpoint);
            return about(subject, sel4::cnode_mint(own, root.cspace.slot(endpoint), may_call,
                                                   message::member_badge(member)));
        });
}

void tell_message_servers(const Root& root, App& app) {
    const Attempt<> told = for_each_membership(
        root, app.record,
        [&](std::uint64_t membership, const manifest::Mapping& area) -> Attempt<> {
            app.news = static_cast<std::uint8_t>(app.news | 1u << membership);
            sel4::signal(sel4::Cap<sel4::Notification>{
                object_of(root, area.blob, ObjectKind::Notification)});
            return {};
        });
    (void)told;  // a signal does not fail
}

bool take_news(const Root& root, App& app, std::uint32_t server) {
    bool has_news = false;
    const Attempt<> looked = for_each_membership(
        root, app.record,
        [&](std::uint64_t membership, const manifest::Mapping& area) -> Attempt<> {
            const std::uint8_t bit = static_cast<std::uint8_t>(1u << membership);
            if (area.blob == server && (app.news & bit) != 0) {
                app.news = static_cast<std::uint8_t>(app.news & ~bit);
                has_news = true;
            }
            return {};
        });
    (void)looked;  // looking does not fail
    return has_news;
}

}  // namespace kos::rootserver
