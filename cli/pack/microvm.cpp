// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/microvm.hpp"

#include "cli/oci/digest.hpp"
#include "cli/pack/container_config.hpp"
#include "cli/pack/elf_error.hpp"
#include "cli/squashfs/writer.hpp"
#include "lib/base/address.hpp"
#include "loader/plan/vmm.hpp"

#include <algorithm>

namespace kos::pack {
namespace {

using manifest::BlobKind;

/// Neither arguments nor environment of the container travel on it (docs/guest.md).
constexpr const char* kernel_command_line = "console=ttyAMA0 panic=-1 quiet";

std::shared_ptr<oci::Node> text_file(const nlohmann::ordered_json& json) {
    auto node = std::make_shared<oci::Node>();
    node->type = oci::NodeType::File;
    node->mode = 0644;
    node->content =
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    return node;
}

/// A locally administered unicast address that is the same for the same app.
std::array<std::uint8_t, 6> mac_of(const std::string& name, std::uint8_t number) {
    const auto digest = oci::sha256(as_bytes(name));
    return {0x02, digest[0], digest[1], digest[2], digest[3], number};
}

class MicrovmPacker {
   public:
    MicrovmPacker(const MicrovmSettings& what, ImageBuilder& builder)
        : what_(what), builder_(builder) {}

    Outcome<void> add(const std::string& name, const std::string& vmm, GuestParts parts,
                      std::vector<std::byte> linux2) {
        const auto file = elf::File::create(as_bytes(vmm));
        if (!file) return elf_error("vmm.elf", as_bytes(vmm), file.error());
        const auto placed = plan::place_program(*file);
        if (!placed) return layout_error("vmm.elf", placed.error());
        std::vector<std::byte> pages(static_cast<std::size_t>(placed->blob_size));
        plan::write_pages(*file, *placed, pages);

        plan::VmmInputs inputs{
            .program = *placed,
            .program_blob = builder_.add_blob(BlobKind::Program, std::move(pages)),
            .blobs = {},
            .guest_memory = memory()};
        inputs.vcpus = static_cast<std::uint32_t>(what_.settings.vm_cpus);
        manifest::Vm vm;
        vm.memory = inputs.guest_memory;
        vm.vcpus = inputs.vcpus;
        vm.kernel = add_blob(BlobKind::GuestKernel, std::move(parts.kernel));
        vm.initrd = 1 + add_blob(BlobKind::GuestInitrd, std::move(parts.initrd));
        vm.command_line = builder_.add_text(kernel_command_line);
        const std::array<manifest::Disk, 2> disks{disk("linux1", std::move(parts.linux1)),
                                                  disk("linux2", std::move(linux2))};
        const std::array<manifest::Interface, 1> interfaces{
            {{.network = builder_.add_text("default"), .mac = mac_of(name, 0)}}};
        inputs.blobs = blobs_;
        const auto plan = plan::plan_vmm(inputs);
        if (!plan) return layout_error("vmm.elf", plan.error());

        manifest::App app = describe(name);
        app.entry = app.libos_start = placed->entry.value();
        app.objects = plan->objects;
        app.vm = builder_.add_vm(vm, disks, interfaces);
        builder_.add_app(app, plan->mappings.items());
        return {};
    }

   private:
    [[nodiscard]] std::uint64_t memory() const {
        return (what_.settings.vm_memory + large_page_size - 1) / large_page_size * large_page_size;
    }

    std::uint32_t add_blob(BlobKind kind, std::vector<std::byte> content) {
        const std::uint64_t bytes = content.size();
        const std::uint32_t number = builder_.add_blob(kind, std::move(content));
        const bool is_new = std::none_of(blobs_.begin(), blobs_.end(),
                                         [&](const auto& blob) { return blob.number == number; });
        if (is_new) blobs_.push_back({number, bytes, bytes >= ImageBuilder::large_blob});
        return number;
    }

    manifest::Disk disk(const char* serial, std::vector<std::byte> content) {
        return {.serial = builder_.add_text(serial),
                .blob = add_blob(BlobKind::Disk, std::move(content)),
                .reserved = {}};
    }

    manifest::App describe(const std::string& name) {
        manifest::App app;
        app.name = builder_.add_text(name);
        app.kind = static_cast<std::uint8_t>(manifest::AppKind::MicroVm);
        app.priority = static_cast<std::uint8_t>(what_.settings.priority);
        app.max_priority = static_cast<std::uint8_t>(what_.settings.max_priority);
        app.restart = static_cast<std::uint8_t>(what_.restart.policy);
        app.restart_limit = what_.restart.limit;
        app.restart_delay = what_.restart.delay;
        app.threads = 1;
        const std::array<std::string, 1> arguments{"vmm"};
        app.arguments = builder_.add_list(arguments);
        app.environment = builder_.add_list({});
        app.publishes = builder_.add_list(what_.settings.publishes);
        app.working_directory = builder_.add_text("/");
        app.executable = builder_.add_text("/vmm");
        app.host_name = app.name;
        return app;
    }

    const MicrovmSettings& what_;
    ImageBuilder& builder_;
    std::vector<plan::GuestBlob> blobs_;
};

}  // namespace

Outcome<std::vector<std::byte>> make_container_disk(oci::Image image, const Process& process,
                                                    const std::string& host_name,
                                                    const std::string& seccomp_profile) {
    std::optional<nlohmann::ordered_json> seccomp;
    if (!seccomp_profile.empty()) {
        seccomp = KOS_TRY(seccomp_of(seccomp_profile, "the seccomp profile"));
    }
    oci::RootFs disk;
    disk.make_directories("/container");
    auto& files = disk.find("/container")->children;
    files["config.json"] = {text_file(container_config(process, host_name, seccomp))};
    files["guest.json"] = {text_file(guest_config(host_name, image.config.stop_signal))};
    files["rootfs"] = {std::make_shared<oci::Node>(std::move(image.rootfs.root()))};
    return squashfs::make_squashfs(disk);
}

Outcome<void> add_microvm(const MicrovmSettings& settings, oci::Image image, const std::string& vmm,
                          const GuestPrograms& programs, const std::string& seccomp_profile,
                          ImageBuilder& builder) {
    const std::string& executable = settings.process.executable;
    const std::string name =
        settings.settings.name.value_or(executable.substr(executable.rfind('/') + 1));
    GuestParts parts = KOS_TRY(make_guest_parts(programs));
    auto disk =
        KOS_TRY(make_container_disk(std::move(image), settings.process, name, seccomp_profile));
    return MicrovmPacker{settings, builder}.add(name, vmm, std::move(parts), std::move(disk));
}

}  // namespace kos::pack
