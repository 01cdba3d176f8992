// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/lanes.hpp"

#include "lib/message/layout.hpp"

#include <optional>

namespace kos::rootserver {

namespace {

using caps::ObjectKind;
using manifest::Mapping;
using manifest::MappingSource;

constexpr sel4::Rights may_signal{.write = true};

/// Of a channel of an app: a slot for the lane's frame, where that is mapped, and the first of its
/// slots for the peer's notifications.
struct Place {
    sel4::CPtr frame;
    VirtualAddress address;
    sel4::CPtr first_notification;
};

/// Nothing where the app has none. The places of its message servers come in the order of these.
std::optional<Place> find(const Root& root, const App& app, const LanePlace& place) {
    const manifest::ImageView& image = root.image.manifest();
    std::uint64_t slots_before = 0, membership = 0;
    for (std::uint32_t m = 0; m < app.record.mappings.count; ++m) {
        const Mapping mapping = image.mapping(app.record, m);
        const auto source = static_cast<MappingSource>(mapping.source);
        const std::uint64_t pages = mapping.size >> mapping.page_bits;
        if (source == MappingSource::Joined) {
            if (mapping.blob == place.server && place.channel < pages &&
                place.channel < message::channels_of_an_app) {
                const std::uint64_t slot =
                    app.objects.first_shared_slot() + slots_before + place.channel;
                const sel4::CPtr notification =
                    message::lane_notification(membership, place.channel, 0);
                return Place{app.object_slot(slot),
                             VirtualAddress{mapping.address} + place.channel * large_page_size,
                             notification};
            }
            ++membership;
        }
        if (source == MappingSource::Shared || source == MappingSource::Lent ||
            source == MappingSource::Joined) {
            slots_before += pages;
        }
    }
    return std::nullopt;
}

sel4::Slot slot_of(const App& app, const Place& place, std::uint64_t thread) {
    return {sel4::Cap<sel4::CNode>{app.object(ObjectKind::AppCNode)},
            place.first_notification.value + thread,
            static_cast<std::uint8_t>(app.record.objects.cnode_bits)};
}

Attempt<> give(const Root& root, App& app, const Place& place, sel4::CPtr lane, const App& peer) {
    const Subject subject{"the lane of app", app.number};
    const sel4::Cap<sel4::Frame> frame{place.frame};
    KOS_TRY(about(subject, sel4::cnode_copy(root.cspace.slot(place.frame), root.cspace.slot(lane),
                                            sel4::read_write)));
    KOS_TRY(app.pager.provide_tables(place.address, large_page_bits));
    const auto [rights, attributes] = page_access(manifest::access::read | manifest::access::write);
    KOS_TRY(about(subject,
                  sel4::page_map(frame, app.vspace(), place.address.value(), rights, attributes)));
    for (std::uint64_t t = 0; t < message::lane_threads && t < peer.record.threads; ++t) {
        KOS_TRY(about(subject,
                      sel4::cnode_copy(slot_of(app, place, t),
                                       root.cspace.slot(peer.object(ObjectKind::Notification, t)),
                                       may_signal)));
    }
    return {};
}

/// All of it, even where one step fails.
Attempt<> take(const Root& root, const App& app, const Place& place) {
    const Subject subject{"the lane of app", app.number};
    Attempt<> outcome = about(subject, sel4::cnode_delete(root.cspace.slot(place.frame)));
    for (std::uint64_t t = 0; t < message::lane_threads; ++t) {
        Attempt<> one = about(subject, sel4::cnode_delete(slot_of(app, place, t)));
        if (!one && outcome) outcome = std::move(one);
    }
    return outcome;
}

}  // namespace

Attempt<bool> give_lane(const Root& root, App& app, const App& server, std::uint64_t channel,
                        std::uint64_t lane, const App& peer) {
    const auto place = find(root, app, {server.number, channel});
    const bool has_slots = place && place->first_notification.value + message::lane_threads <=
                                        std::uint64_t{1} << app.record.objects.cnode_bits;
    if (!has_slots || lane >= server.objects.group(ObjectKind::LargeFrame).count) return false;
    const sel4::CPtr frame = server.object(ObjectKind::LargeFrame, lane);
    KOS_TRY(give(root, app, *place, frame, peer));
    return true;
}

Attempt<> take_lane(const Root& root, const App& app, const LanePlace& place) {
    const auto found = find(root, app, place);
    if (!found) return {};
    if (take(root, app, *found)) return {};
    return take(root, app, *found);  // once more
}

}  // namespace kos::rootserver
