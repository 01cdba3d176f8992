// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/spawn.hpp"

#include "rootserver/boot/external_guests.hpp"
#include "rootserver/spawn/address_space.hpp"
#include "rootserver/spawn/guest.hpp"
#include "rootserver/spawn/guest_device.hpp"
#include "rootserver/spawn/message_server.hpp"
#include "rootserver/spawn/objects.hpp"
#include "rootserver/spawn/start_pages.hpp"
#include "rootserver/spawn/threads.hpp"
#include "rootserver/spawn/vmm.hpp"
#include "rootserver/spawn/volumes.hpp"

namespace kos::rootserver {

namespace {

using caps::ObjectKind;

/// The app's pager, over the objects that were made for it.
Pager make_pager(const App& app, std::span<std::uint32_t> bookkeeping) {
    return Pager{{.vspace = app.vspace(),
                  .first_heap_frame = app.object(ObjectKind::HeapFrame),
                  .heap_frames = app.objects.group(ObjectKind::HeapFrame).count,
                  .first_page_table = app.object(ObjectKind::PageTable),
                  .page_tables = app.objects.group(ObjectKind::PageTable).count},
                 bookkeeping};
}

Attempt<> build(const Root& root, App& app, std::span<std::uint32_t> bookkeeping,
                std::uint32_t start_number) {
    KOS_TRY(make_objects(root, app));
    app.pager = make_pager(app, bookkeeping);
    if (app.is_microvm()) {
        KOS_TRY(make_guest_memory(root, app));
        KOS_TRY(fill_vm_info(root, app, start_number));
        KOS_TRY(build_address_space(root, app));
        KOS_TRY(build_guest(root, app));
        KOS_TRY(give_guest_device(root, app));
        KOS_TRY(give_volumes(root, app));
        return make_vmm_threads(root, app);
    }
    if (app.is_server()) {
        KOS_TRY(fill_seed_page(root, app, start_number));
        KOS_TRY(build_address_space(root, app));
        return make_message_server_thread(root, app);
    }
    // A gateway has its plan in place of start pages.
    if (app.is_native()) KOS_TRY(fill_start_pages(root, app, start_number));
    KOS_TRY(build_address_space(root, app));
    return make_thread(root, app, 0);
}

/// After a failure, which is the one to report: what else may fail here is not.
void undo(const Root& root, App& app) {
    (void)release_objects(root, app);
    (void)release_image_pages(root, app);
}

}  // namespace

std::size_t bookkeeping_words(const manifest::App& record) {
    const auto objects = caps::ObjectList::create(record, sel4::abi());
    return Pager::storage_words(objects.group(ObjectKind::HeapFrame).count,
                                objects.group(ObjectKind::PageTable).count);
}

Attempt<> spawn(const Root& root, App& app, std::span<std::uint32_t> bookkeeping,
                std::uint32_t start_number) {
    const std::uint64_t before = sel4::invocations_made();
    app.record = root.image.manifest().app(app.number);
    app.usage = {};
    app.pending_signals = 0;
    app.start_number = start_number;
    app.threads = {};
    KOS_TRY(check_plan(root.image.manifest(), app.record));
    app.timeline.end(msg::Phase::Plan);
    if (Attempt<> built = build(root, app, bookkeeping, start_number); !built) {
        undo(root, app);
        return built;
    }
    app.usage.invocations = static_cast<std::uint32_t>(sel4::invocations_made() - before);
    app.timeline.end(msg::Phase::Map);
    return {};
}

Attempt<> start(App& app) {
    const std::uint64_t entry = app.is_native() ? app.record.libos_start : app.record.entry;
    KOS_TRY(start_thread(app, 0, VirtualAddress{entry}));
    app.threads[0].state = ThreadState::Running;
    app.is_running = true;
    return {};
}

Attempt<> stop(const Root& root, App& app, Untypeds untypeds) {
    app.is_running = false;
    // First of all: nothing of the guest goes on when its VMM is gone.
    if (app.is_microvm() && root.external != nullptr) root.external->end(app.number);
    const Attempt<> reset = stop_volumes(root, app);
    const Attempt<> taken = untypeds == Untypeds::Kept || !reset ? revoke_objects(root, app)
                                                                 : release_objects(root, app);
    if (!reset) {
        // A disk may still write there: it is nobody's from now on.
        app.untypeds = {};
        app.guest_memory = {};
    }
    const sel4::Invoked unmapped = release_image_pages(root, app);
    if (!reset) return reset;
    if (!taken) return taken;
    return about({"the image's pages of app", app.number}, unmapped);
}

Attempt<> release(const Root& root, App& app) { return release_objects(root, app); }

}  // namespace kos::rootserver
