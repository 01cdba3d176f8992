// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/packed.hpp"

#include "cli/pack/own_program.hpp"
#include "cli/pack/program.hpp"
#include "cli/sbom/package_files.hpp"
#include "cli/squashfs/reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace kos::sbom {

namespace {

using manifest::App;
using manifest::AppKind;
using manifest::MappingKind;
using manifest::MappingSource;

/// The pages of such a program of this kos, as it would pack them.
Outcome<std::vector<std::byte>> pages_of(const Program& program, const Own& own) {
    const std::string& elf = own.programs.*program.elf;
    if (program.kind == AppKind::Native) {
        return KOS_TRY(pack::prepare_libos(as_bytes(elf), "libos.elf")).pages;
    }
    return KOS_TRY(pack::place_own_program(program.name, elf)).pages;
}

class PackedImage {
   public:
    PackedImage(const manifest::ImageView& view, Bytes image, const Own& own)
        : view_(view), image_(image), own_(own) {}

    Outcome<std::vector<Component>> components() && {
        add_file("rootserver.elf", as_text(blob(view_.header().root_server)),
                 own_.programs.root_server);
        for (const Program& program : programs) KOS_TRY(add_program(program));
        KOS_TRY(add_guest());
        for (std::uint32_t number = 0; number < view_.app_count(); ++number) {
            KOS_TRY(add_app(view_.app(number)));
        }
        return std::move(parts_);
    }

   private:
    [[nodiscard]] Bytes blob(std::uint32_t number) const {
        const manifest::Blob blob = view_.blob(number);
        return image_.subspan(blob.offset, blob.size);
    }

    [[nodiscard]] std::optional<App> first_of(AppKind kind) const {
        for (std::uint32_t number = 0; number < view_.app_count(); ++number) {
            if (view_.kind_of(number) == kind) return view_.app(number);
        }
        return std::nullopt;
    }

    /// What the image has at the app's mapping of that kind, whole.
    [[nodiscard]] Bytes mapped(const App& app, MappingKind kind) const {
        for (std::uint32_t number = 0; number < app.mappings.count; ++number) {
            const manifest::Mapping mapping = view_.mapping(app, number);
            const auto source = static_cast<MappingSource>(mapping.source);
            const bool is_blob = source == MappingSource::Shared ||
                                 source == MappingSource::Direct || source == MappingSource::Copied;
            if (is_blob && static_cast<MappingKind>(mapping.kind) == kind) {
                return blob(mapping.blob);
            }
        }
        return {};
    }

    /// The blob of the guest's disk of that name; empty where it has none.
    [[nodiscard]] Bytes disk_of(const App& app, std::string_view serial) const {
        const manifest::Vm vm = view_.vm(app);
        for (std::uint32_t number = 0; number < vm.disks.count; ++number) {
            const manifest::Disk disk = view_.disk(vm, number);
            if (disk.volume == 0 && view_.text(disk.serial) == serial) return blob(disk.blob);
        }
        return {};
    }

    void add_file(const std::string& name, std::string_view content, const std::string& own) {
        parts_.push_back(file_component("application", name, content == own ? own_.version : "",
                                        as_bytes(content)));
    }

    Outcome<void> add_program(const Program& program) {
        const auto app = first_of(program.kind);
        if (!app) return {};
        const bool is_native = program.kind == AppKind::Native;
        const Bytes there = mapped(*app, is_native ? MappingKind::LibosText : MappingKind::Text);
        const std::vector<std::byte> own = KOS_TRY(pages_of(program, own_));
        const std::string name = std::string{program.name} + ".elf";
        if (std::ranges::equal(there, own)) {
            parts_.push_back(own_component(name, own_.programs.*program.elf, own_));
            return {};
        }
        Component component{.type = "application", .name = name};
        component.properties.emplace_back(
            "kos:pages", oci::digest_of(oci::DigestAlgorithm::Sha256, there).text());
        parts_.push_back(std::move(component));
        return {};
    }

    /// All guests have the same kernel and the same disk linux1.
    Outcome<void> add_guest() {
        const auto app = first_of(AppKind::MicroVm);
        if (!app) return {};
        auto disk = KOS_TRY(squashfs::Reader::create(disk_of(*app, "linux1")));
        for (const auto& [name, path] :
             {std::pair{"kosinit", "bin/kosinit"}, {"kos-oci", "bin/runc"}}) {
            const auto content = KOS_TRY(disk.content(path));
            if (content) add_file(name, *content, own_.kosinit);
        }
        Component kernel = kernel_component(blob(view_.vm(*app).kernel));
        kernel.parts = KOS_TRY(modules_of(disk));
        parts_.push_back(std::move(kernel));
        return {};
    }

    static Outcome<std::vector<Component>> modules_of(squashfs::Reader& disk) {
        std::vector<Component> modules;
        for (const ListedModule& module : KOS_TRY(listed_modules(disk))) {
            const auto content =
                KOS_TRY(disk.content("lib/modules/" + module.release + "/" + module.path));
            if (!content) continue;
            modules.push_back(
                file_component("file", module.path, module.release, as_bytes(*content)));
        }
        return modules;
    }

    Outcome<void> add_app(const App& app) {
        const auto kind = static_cast<AppKind>(app.kind);
        if (!manifest::is_service(kind)) return {};
        const bool is_native = kind == AppKind::Native;
        const Bytes root = is_native ? mapped(app, MappingKind::Initrd) : disk_of(app, "linux2");
        Component component =
            file_component("container", std::string{view_.text(app.name)}, "", root);
        if (is_native) {
            component.parts = package_components(KOS_TRY(package_files(root)));
        } else {
            component.parts = KOS_TRY(containers_of(root));
        }
        parts_.push_back(std::move(component));
        return {};
    }

    /// The packages of the one container of a guest, or its containers.
    static Outcome<std::vector<Component>> containers_of(Bytes linux2) {
        auto disk = KOS_TRY(squashfs::Reader::create(linux2));
        if (!KOS_TRY(disk.names("container")).empty()) {
            return package_components(KOS_TRY(package_files(disk, "container/rootfs")));
        }
        std::vector<Component> containers;
        for (const std::string stage : {"onboot", "services", "onshutdown"}) {
            for (const std::string& name : KOS_TRY(disk.names("containers/" + stage))) {
                Component container{.type = "container", .name = stage + "/" + name};
                const std::string root = "containers/" + stage + "/" + name + "/rootfs";
                container.parts = package_components(KOS_TRY(package_files(disk, root)));
                containers.push_back(std::move(container));
            }
        }
        return containers;
    }

    const manifest::ImageView& view_;
    Bytes image_;
    const Own& own_;
    std::vector<Component> parts_;
};

}  // namespace

Outcome<std::vector<Component>> packed_components(const manifest::ImageView& view, Bytes image,
                                                  const Own& own) {
    return PackedImage{view, image, own}.components();
}

}  // namespace kos::sbom
