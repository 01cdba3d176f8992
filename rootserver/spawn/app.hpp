// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app as the root server keeps it: what the system image says of it, what it was given, and
// what its threads do.
#pragma once

#include "lib/manifest/image.hpp"
#include "lib/manifest/view.hpp"
#include "lib/msg/control.hpp"
#include "lib/native/address_space.hpp"
#include "lib/native/manager.hpp"
#include "loader/caps/reserve.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/timeline.hpp"
#include "rootserver/pager/pager.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::rootserver {

enum class ThreadState : std::uint8_t { Idle, Reserved, Running };

struct Thread {
    ThreadState state = ThreadState::Idle;
    bool is_made = false;        ///< it is put together, if it runs or not
    std::uint64_t deadline = 0;  ///< counter value at which its notification is due; 0: none
};

struct App {
    std::uint8_t number = 0;  ///< in the system image
    bool is_running = false;
    manifest::App record;
    caps::ObjectList objects;
    caps::Reservation untypeds;
    caps::Reservation guest_memory;  ///< of a microVM's guest
    Pager pager;
    std::array<Thread, native::max_threads> threads{};
    msg::UsageRecord usage;
    Timeline timeline;                  ///< of the latest start
    std::uint64_t ignored_signals = 0;  ///< bit n − 1: signal n, as libos told it
    std::uint32_t start_number = 0;     ///< earlier starts
    std::uint8_t news = 0;              ///< bit n: its message server n does not know how it fares
    std::uint64_t pending_signals = 0;  ///< of a microVM: likewise, for its container

    /// The CNode of its objects, in the root server's CSpace.
    [[nodiscard]] std::uint64_t top_slot() const { return top_slot::first_app + number; }
    [[nodiscard]] sel4::CPtr object_slot(std::uint64_t slot) const {
        return {RootCSpace::base(top_slot()).value + slot};
    }
    /// Its object number \p index of that kind.
    [[nodiscard]] sel4::CPtr object(caps::ObjectKind kind, std::uint64_t index = 0) const {
        return object_slot(objects.group(kind).first_slot + index);
    }
    [[nodiscard]] sel4::Cap<sel4::VSpace> vspace() const {
        return sel4::Cap<sel4::VSpace>{object(caps::ObjectKind::VSpace)};
    }
    [[nodiscard]] bool is_microvm() const {
        return record.kind == static_cast<std::uint8_t>(manifest::AppKind::MicroVm);
    }
    /// A message server, or a switch.
    [[nodiscard]] bool is_server() const {
        return manifest::is_server(static_cast<manifest::AppKind>(record.kind));
    }
    /// It has libos, and start pages for that.
    [[nodiscard]] bool is_native() const {
        return record.kind == static_cast<std::uint8_t>(manifest::AppKind::Native);
    }
    [[nodiscard]] bool is_service() const {
        return manifest::is_service(static_cast<manifest::AppKind>(record.kind));
    }
    /// It has a mailbox, and answers to what the host puts there.
    [[nodiscard]] bool talks_to_host() const {
        return is_microvm() || record.kind == static_cast<std::uint8_t>(manifest::AppKind::Gateway);
    }
    [[nodiscard]] sel4::Cap<sel4::Tcb> tcb(std::uint64_t thread) const {
        return sel4::Cap<sel4::Tcb>{object(caps::ObjectKind::Tcb, thread)};
    }
};

/// A frame of the app's own (not of its heap) and the page that it holds.
struct OwnFrame {
    sel4::Cap<sel4::Frame> frame;
    std::uint32_t mapping;  ///< number of the mapping it is part of
};

/// Whether a mapping's pages are frames of the app, made for it alone.
[[nodiscard]] constexpr bool has_own_frames(const manifest::Mapping& mapping) {
    const auto source = static_cast<manifest::MappingSource>(mapping.source);
    return source == manifest::MappingSource::Copied || source == manifest::MappingSource::Zero;
}

/// Frames of mapping \p number of the app, which has_own_frames(): they were made in the order of
/// the mappings.
[[nodiscard]] sel4::Cap<sel4::Frame> first_frame_of(const App& app,
                                                    const manifest::ImageView& image,
                                                    std::uint32_t number);

/// The mapping that \p address lies in; guards count.
[[nodiscard]] std::optional<std::uint32_t> mapping_at(const App& app,
                                                      const manifest::ImageView& image,
                                                      VirtualAddress address);
/// The first mapping of that kind.
[[nodiscard]] std::optional<std::uint32_t> mapping_of_kind(const App& app,
                                                           const manifest::ImageView& image,
                                                           manifest::MappingKind kind);

/// The frame of the app's own that is mapped at \p address.
[[nodiscard]] std::optional<OwnFrame> own_frame_at(const App& app, const manifest::ImageView& image,
                                                   VirtualAddress address);

}  // namespace kos::rootserver
