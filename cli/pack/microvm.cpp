// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/microvm.hpp"

#include "cli/oci/digest.hpp"
#include "cli/pack/container_config.hpp"
#include "cli/pack/elf_error.hpp"
#include "cli/pack/seccomp_ahead.hpp"
#include "cli/squashfs/writer.hpp"
#include "lib/base/address.hpp"

#include <array>
#include <set>
#include <utility>

namespace kos::pack {
namespace {

using manifest::AppKind;
using manifest::BlobKind;

/// Neither arguments nor environment of the container travel on it (docs/guest.md). Under QEMU the
/// early console gives way to ttyAMA0; our VMM has the early console alone, which takes kosinit's
/// lines by way of the kernel's log.
constexpr const char* kernel_command_line =
    "earlycon console=ttyAMA0 panic=-1 quiet printk.devkmsg=on";

std::shared_ptr<oci::Node> file_of(std::string content) {
    auto node = std::make_shared<oci::Node>();
    node->type = oci::NodeType::File;
    node->mode = 0644;
    node->content = std::move(content);
    return node;
}

std::string text_of(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::uint64_t memory_of(const oci::AppSettings& settings) {
    return (settings.vm_memory + large_page_size - 1) / large_page_size * large_page_size;
}

}  // namespace

Outcome<std::vector<std::byte>> make_container_disk(oci::Image image, const Process& process,
                                                    const std::string& host_name,
                                                    const std::string& seccomp_profile,
                                                    const std::vector<ExtraHost>& hosts,
                                                    const ContainerOptions& options,
                                                    const AppNetworks& networks) {
    std::optional<nlohmann::ordered_json> seccomp;
    if (!seccomp_profile.empty() && !options.privileged) {
        seccomp =
            KOS_TRY(seccomp_of(seccomp_profile, "the seccomp profile", capabilities_of(options)));
    }
    oci::RootFs disk;
    disk.make_directories("/container");
    auto& files = disk.find("/container")->children;
    const std::string config =
        text_of(container_config(process, host_name, seccomp, options, networks));
    if (auto filter = KOS_TRY(compile_seccomp_ahead(config))) {
        files["seccomp.bpf"] = {file_of(std::move(*filter))};
    }
    files["config.json"] = {file_of(config)};
    files["guest.json"] = {file_of(
        text_of(guest_config(host_name, image.config.stop_signal, hosts, options, networks)))};
    if (options.health) {
        files["service.json"] = {file_of(text_of(service_config(*options.health)))};
    }
    files["rootfs"] = {std::make_shared<oci::Node>(std::move(image.rootfs.root()))};
    return squashfs::make_squashfs(disk);
}

Outcome<MicrovmPacker> MicrovmPacker::create(const std::string& vmm, GuestParts parts,
                                             std::string seccomp_profile, ImageBuilder& builder) {
    MicrovmPacker packer{builder, KOS_TRY(add_own_program("vmm", vmm, builder)),
                         std::move(seccomp_profile)};
    packer.kernel_ = packer.add_blob(BlobKind::GuestKernel, std::move(parts.kernel));
    packer.initrd_ = packer.add_blob(BlobKind::GuestInitrd, std::move(parts.initrd));
    packer.linux1_ = packer.add_blob(BlobKind::Disk, std::move(parts.linux1));
    return packer;
}

Outcome<void> MicrovmPacker::add(const AppParts& what, oci::Image image) {
    return add(what,
               KOS_TRY(make_container_disk(std::move(image), what.process, what.names.host,
                                           seccomp_profile_, what.options.hosts,
                                           what.options.container, what.networks)),
               {});
}

Outcome<void> MicrovmPacker::add(const AppParts& what, std::vector<std::byte> content,
                                 const std::string& kernel_arguments) {
    const plan::GuestBlob linux2 = add_blob(BlobKind::Disk, std::move(content));
    const std::array<plan::GuestBlob, 4> blobs{kernel_, initrd_, linux1_, linux2};
    plan::VmmInputs inputs{.program = vmm_.image,
                           .program_blob = vmm_.blob,
                           .blobs = blobs,
                           .guest_memory = memory_of(what.settings)};
    inputs.vcpus = static_cast<std::uint32_t>(what.settings.vm_cpus);
    const std::vector<manifest::Mapping> lent = lent_areas(what.networks);
    inputs.lent = lent;
    inputs.has_volumes = !what.options.container.volumes.empty();
    const auto plan = plan::plan_vmm(inputs);
    if (!plan) return layout_error("vmm.elf", plan.error());

    manifest::Vm vm;
    vm.memory = inputs.guest_memory;
    vm.vcpus = inputs.vcpus;
    vm.kernel = kernel_.number;
    vm.initrd = 1 + initrd_.number;
    std::string command_line = kernel_command_line;
    if (!kernel_arguments.empty()) command_line.append(" ").append(kernel_arguments);
    vm.command_line = builder_->add_text(command_line);
    manifest::App app = describe(what);
    app.objects = plan->objects;
    app.vm = builder_->add_vm(vm, KOS_TRY(disks(what, linux2)), interfaces(what));
    builder_->add_app(app, plan->mappings.items(), what.dependencies);
    return {};
}

plan::GuestBlob MicrovmPacker::add_blob(BlobKind kind, std::vector<std::byte> content) {
    const std::uint64_t bytes = content.size();
    return {builder_->add_blob(kind, std::move(content)), bytes, bytes >= ImageBuilder::large_blob};
}

manifest::Disk MicrovmPacker::disk(const char* serial, const plan::GuestBlob& blob) {
    return {.serial = builder_->add_text(serial), .blob = blob.number, .volume = {}};
}

Outcome<std::vector<manifest::Disk>> MicrovmPacker::disks(const AppParts& what,
                                                          const plan::GuestBlob& linux2) {
    std::vector<manifest::Disk> result{disk("linux1", linux1_), disk("linux2", linux2)};
    std::set<std::string> serials;
    for (const VolumeMount& volume : what.options.container.volumes) serials.insert(volume.serial);
    if (serials.empty()) return result;
    if (serials.size() > manifest::volume_group) {
        return fail(ErrorCode::Unsupported, what.names.app,
                    "it has more than " + std::to_string(manifest::volume_group) + " volumes");
    }
    std::uint32_t number = manifest::volume_group * next_volume_group_++;
    for (const std::string& serial : serials) {
        result.push_back({.serial = builder_->add_text(serial), .blob = {}, .volume = ++number});
    }
    return result;
}

/// On no network it has an interface all the same, which leads nowhere.
std::vector<manifest::Interface> MicrovmPacker::interfaces(const AppParts& what) {
    std::vector<manifest::Interface> result;
    for (const InterfacePlan& interface : what.networks.interfaces) {
        const std::size_t membership =
            interface.port ? what.networks.memberships.size() + *interface.port + 1 : 0;
        result.push_back({.network = builder_->add_text(interface.network),
                          .mac = interface.mac,
                          .membership = static_cast<std::uint8_t>(membership)});
    }
    if (result.empty()) {
        result.push_back(
            {.network = builder_->add_text(""), .mac = mac_of("", what.names.app, "")});
    }
    return result;
}

manifest::App MicrovmPacker::describe(const AppParts& what) {
    manifest::App app = start_record(what, AppKind::MicroVm, *builder_);
    set_own_program(vmm_, *builder_, app);
    return app;
}

}  // namespace kos::pack
