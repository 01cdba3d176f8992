// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/vmm.hpp"

#include "lib/vm/info.hpp"
#include "lib/vm/layout.hpp"
#include "rootserver/pager/scratch.hpp"
#include "rootserver/spawn/message_server.hpp"
#include "rootserver/spawn/threads.hpp"
#include "rootserver/spawn/volumes.hpp"

#include <algorithm>
#include <new>

namespace kos::rootserver {

namespace {

using caps::ObjectKind;
using manifest::ImageView;

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
constexpr Subject info_subject{"the VMM's page of information"};

/// Where the VMM finds blob \p number; of size 0 where its mappings do not have it.
vm::BlobInfo find_blob(const ImageView& image, const manifest::App& record, std::uint32_t number) {
    for (std::uint32_t m = 0; m < record.mappings.count; ++m) {
        const manifest::Mapping mapping = image.mapping(record, m);
        if (mapping.kind == static_cast<std::uint8_t>(manifest::MappingKind::GuestBlob) &&
            mapping.blob == number && mapping.blob_offset == 0) {
            return {mapping.address, image.blob(number).size};
        }
    }
    return {};
}

/// False where the manifest's parts of it do not fit, or a blob is not mapped.
bool write_vm_info(MutableBytes page, const Root& root, const App& app, std::uint32_t start_number,
                   std::uint64_t volume_memory) {
    const ImageView& image = root.image.manifest();
    const manifest::Vm guest = image.vm(app.record);
    auto& info = *new (page.data()) vm::VmInfo{};
    info.magic = vm::VmInfo::expected_magic;
    info.engine = root.external != nullptr ? vm::Engine::External : vm::Engine::Kernel;
    info.app = app.number;
    info.start_number = start_number;
    info.memory_size = guest.memory;
    info.vcpus = guest.vcpus;
    info.kernel = find_blob(image, app.record, guest.kernel);
    if (guest.initrd != 0) info.initrd = find_blob(image, app.record, guest.initrd - 1);
    bool complete = info.kernel.size != 0 && (guest.initrd == 0 || info.initrd.size != 0);
    info.realtime_offset = root.boot_time * nanoseconds_per_second;
    info.counter_hz = root.counter_hz;
    info.virtual_counter = root.virtual_counter ? 1 : 0;
    const ChaChaBlock entropy = chacha20_block(root.seed, start_number, ChaChaNonce{app.number});
    std::copy_n(entropy.begin(), info.seed.size(), info.seed.begin());
    info.disk_count = guest.disks.count;
    for (std::uint32_t d = 0; d < guest.disks.count; ++d) {
        const manifest::Disk disk = image.disk(guest, d);
        if (disk.volume != 0) {
            info.disks[d].content.address = volume_registers_of(disk).value();
        } else {
            info.disks[d].content = find_blob(image, app.record, disk.blob);
            complete = complete && info.disks[d].content.size != 0;
        }
        image.text(disk.serial).copy(info.disks[d].serial.data(), manifest::max_serial);
    }
    info.volume_memory = volume_memory;
    info.interface_count = guest.interfaces.count;
    for (std::uint32_t i = 0; i < guest.interfaces.count; ++i) {
        const manifest::Interface interface = image.interface(guest, i);
        info.interfaces[i].mac = interface.mac;
        info.interfaces[i].membership = interface.membership;
    }
    info.kernel_abi = sel4::abi();
    info.message_servers = static_cast<std::uint32_t>(memberships_of(root, app.record));
    info.gic_version = root.gic_version;
    const std::string_view line = image.text(guest.command_line);
    if (line.size() >= sizeof info.command_line) return false;
    line.copy(info.command_line, line.size());
    info.command_line_size = static_cast<std::uint32_t>(line.size());
    return complete;
}

class VmmMaker {
   public:
    VmmMaker(const Root& root, App& app) : root_(root), app_(app) {}

    Attempt<> make() {
        KOS_TRY(make_thread(root_, app_, 0));
        KOS_TRY(about({"the notification of the VMM"},
                      sel4::tcb_bind_notification(
                          app_.tcb(0),
                          sel4::Cap<sel4::Notification>{app_.object(ObjectKind::Notification)})));
        KOS_TRY(give(vm::slot::fault_endpoint, ObjectKind::Endpoint, 0));
        const std::uint64_t vcpus = app_.record.objects.vcpus;
        for (std::uint64_t vcpu = 0; vcpu < vcpus; ++vcpu) KOS_TRY(make_vcpu(vcpu));
        return {};
    }

   private:
    Attempt<> make_vcpu(std::uint64_t vcpu) {
        KOS_TRY(give(vm::slot::reply(vcpu), ObjectKind::Reply, vcpu));
        KOS_TRY(give(vm::slot::vcpu(vcpu), ObjectKind::Vcpu, vcpu));
        KOS_TRY(give(vm::slot::tcb(vcpu), ObjectKind::Tcb, thread_of(vcpu)));
        const Subject subject{"the guest's processor", vcpu};
        const sel4::Cap<sel4::Tcb> tcb = app_.tcb(thread_of(vcpu));
        const sel4::ThreadSpaces spaces{
            root_.empty_cspace, sel4::cnode_guard(0, 64 - Root::empty_cspace_bits),
            sel4::Cap<sel4::VSpace>{app_.object(ObjectKind::VSpace, 1)}};
        KOS_TRY(about(subject, sel4::tcb_set_space(tcb, {}, spaces)));
        KOS_TRY(schedule_thread(root_, app_, thread_of(vcpu),
                                {.endpoint = app_.object(ObjectKind::Endpoint),
                                 .badge = vm::fault_badge(vcpu),
                                 .priority = guest_priority()}));
        const sel4::Cap<sel4::Vcpu> object{app_.object(ObjectKind::Vcpu, vcpu)};
        return about(subject, sel4::vcpu_set_tcb(object, tcb));
    }

    /// Below its VMM's, which is to answer others while the guest computes.
    [[nodiscard]] std::uint8_t guest_priority() const {
        const std::uint8_t own = app_.record.priority;
        return own == 0 ? own : static_cast<std::uint8_t>(own - 1);
    }
    static std::uint64_t thread_of(std::uint64_t vcpu) { return 1 + vcpu; }

    Attempt<> give(sel4::CPtr slot, ObjectKind kind, std::uint64_t index) {
        const sel4::Cap<sel4::CNode> cspace{app_.object(ObjectKind::AppCNode)};
        const sel4::Slot destination{cspace, slot.value,
                                     app_.objects.group(ObjectKind::AppCNode).size_bits};
        return about({"the VMM's capability in slot", slot.value},
                     sel4::cnode_copy(destination, root_.cspace.slot(app_.object(kind, index)),
                                      sel4::all_rights));
    }

    const Root& root_;
    App& app_;
};

}  // namespace

Attempt<> fill_vm_info(const Root& root, const App& app, std::uint32_t start_number) {
    const auto own = own_frame_at(app, root.image.manifest(), vm::info_address);
    if (!own) return trouble(ErrorCode::ImageCorrupt, info_subject);
    const std::uint64_t volume_memory = KOS_TRY(volume_memory_of(root, app));
    const MutableBytes page = KOS_TRY(map_scratch(own->frame, 1, page_bits));
    const bool complete = write_vm_info(page, root, app, start_number, volume_memory);
    KOS_TRY(unmap_scratch(own->frame, 1, page_bits));
    if (!complete) return trouble(ErrorCode::ImageCorrupt, info_subject);
    return {};
}

Attempt<> make_vmm_threads(const Root& root, App& app) { return VmmMaker{root, app}.make(); }

}  // namespace kos::rootserver
