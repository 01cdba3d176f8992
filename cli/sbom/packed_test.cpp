// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a packed image tells, held to what went into it.
#include "cli/sbom/packed.hpp"

#include "cli/fixture/elf_builder.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/fixture/temporary_folder.hpp"
#include "cli/pack/layout.hpp"
#include "cli/report/system_image.hpp"
#include "lib/base/little_endian.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace kos::sbom {
namespace {

using fixture::ElfBuilder;
using manifest::AppKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// Programs that differ by a number in their data.
std::string program(char number) {
    ElfBuilder builder = ElfBuilder::program();
    builder.segments.back().content += number;
    return builder.build();
}

Own own() {
    return {.programs = {.root_server = program('r'),
                         .libos = ElfBuilder::libos().build(),
                         .vmm = program('v'),
                         .message_server = program('m'),
                         .network_switch = program('n'),
                         .gateway = program('g')},
            .kosinit = "kosinit",
            .version = "1.2.3"};
}

oci::Image image_with(const std::string& package) {
    fixture::LayoutBuilder layout;
    fixture::TarBuilder tar;
    tar.file("hello", ElfBuilder::program().build(), 0755)
        .file("usr/lib/os-release", "ID=debian\nVERSION_ID=12\n")
        .add({.path = "etc/os-release", .type = 'l', .content = "../usr/lib/os-release"})
        .file("var/lib/dpkg/status",
              "Package: " + package + "\nStatus: install ok installed\nVersion: 1\n")
        .file("var/lib/dpkg/status.d/more", "Package: more\nVersion: 2\n");
    layout.config["config"]["Cmd"] = {"hello"};
    layout.layer(tar.finish());
    const auto reference = must(oci::parse_reference(layout.write()), "it is one");
    return must(oci::load_image(reference), "it is good");
}

/// A system image of kos as own() has it.
class PackedSbom : public testing::Test {
   protected:
    PackedSbom() {
        std::string kernel(4096, '\0');
        kernel.replace(56, 4, "ARM\x64");
        kernel += "Linux version 6.1.0 (me) #1\n";
        std::filesystem::create_directories(folder_.path() / "boot");
        fixture::write_file(folder_.path() / "boot" / "vmlinuz-1", kernel);
        kernel_ = kernel;
    }
    [[nodiscard]] pack::GuestSource guests() const {
        return [this]() -> Outcome<pack::GuestSupply> {
            return pack::GuestSupply{
                .programs = {.kosinit = "kosinit", .kernel_folder = folder_.path().string()},
                .seccomp_profile = {},
                .notes = {}};
        };
    }
    /// A native app and a microVM that publishes a port.
    [[nodiscard]] std::vector<std::byte> pack_both() const {
        pack::SystemSource source;
        for (const auto& [name, kind] :
             {std::pair{"near", AppKind::Native}, {"far", AppKind::MicroVm}}) {
            pack::AppSource app{.image = image_with(std::string{name} + "-package"), .options = {}};
            app.options.kind = kind;
            app.options.name = name;
            if (kind == AppKind::MicroVm) app.options.ports = {80};
            source.apps.push_back(std::move(app));
        }
        return must(pack::pack_system(std::move(source), own().programs, guests()), "it is good")
            .image;
    }
    static Outcome<std::vector<Component>> components_of(Bytes image, const Own& as) {
        return packed_components(must(report::open_system_image(image, "image"), "it was packed"),
                                 image, as);
    }

    fixture::TemporaryFolder folder_;
    std::string kernel_;
};

std::string text_of(const std::vector<Component>& components) {
    return document_of("system", components, "1").dump(2);
}

std::vector<std::string> names_of(const std::vector<Component>& components) {
    std::vector<std::string> names;
    for (const Component& component : components) names.push_back(component.name);
    return names;
}

TEST_F(PackedSbom, KossOwnPartsAreThoseThatWerePacked) {
    auto parts = must(components_of(pack_both(), own()), "it is good");
    EXPECT_THAT(names_of(parts),
                ElementsAre("rootserver.elf", "libos.elf", "vmm.elf", "msgserver.elf",
                            "gateway.elf", "kosinit", "kos-oci", "linux", "near", "far"));
    std::vector<Component> expected = program_components(
        {AppKind::Native, AppKind::MicroVm, AppKind::MessageServer, AppKind::Gateway}, own());
    for (const char* name : {"kosinit", "kos-oci"}) {
        expected.push_back(own_component(name, "kosinit", own()));
    }
    expected.push_back(kernel_component(as_bytes(kernel_)));
    parts.resize(expected.size());
    EXPECT_EQ(text_of(parts), text_of(expected));
}

TEST_F(PackedSbom, AppsHaveThePackagesOfTheirImages) {
    const auto parts = must(components_of(pack_both(), own()), "it is good");
    for (const Component& app : {parts.at(8), parts.at(9)}) {
        EXPECT_EQ(app.type, "container");
        EXPECT_TRUE(app.digest);
        EXPECT_EQ(text_of(app.parts),
                  text_of(package_components(image_with(app.name + "-package").rootfs)));
        EXPECT_THAT(names_of(app.parts), UnorderedElementsAre("more", app.name + "-package"));
    }
}

TEST_F(PackedSbom, EachContainerOfALayoutHasItsPackages) {
    pack::LayoutSource layout;
    layout.name = "kit";
    layout.guest = "{}";
    for (const char* folder : {"services/web", "onboot/000-first"}) {
        layout.containers.push_back(
            {.folder = folder,
             .rootfs = image_with("p").rootfs,
             .config = R"({"ociVersion": "1.0.2", "root": {"path": "rootfs"}, "process":
                        {"args": ["/hello"], "cwd": "/", "user": {"uid": 0, "gid": 0}}})",
             .runtime = {},
             .service = {}});
    }
    const auto packed = must(pack::pack_layout(std::move(layout), {}, own().programs, guests()),
                             "it can be packed");
    const auto parts = must(components_of(packed.image, own()), "it is good");
    EXPECT_EQ(parts.back().name, "kit");
    EXPECT_THAT(names_of(parts.back().parts), ElementsAre("onboot/000-first", "services/web"));
    EXPECT_THAT(names_of(parts.back().parts.front().parts), ElementsAre("more", "p"));
}

TEST_F(PackedSbom, ProgramsOfAnotherKosHaveNoVersion) {
    Own other = own();
    other.programs.root_server = program('x');
    other.programs.vmm = program('y');
    other.kosinit = "other";
    const auto parts = must(components_of(pack_both(), other), "it is good");
    EXPECT_EQ(parts.at(0).version, "");
    EXPECT_EQ(parts.at(0).digest->hex(),
              own_component("", own().programs.root_server, own()).digest->hex());
    EXPECT_EQ(parts.at(1).version, "1.2.3") << "libos is the same";
    EXPECT_EQ(parts.at(2).version, "");
    EXPECT_FALSE(parts.at(2).digest);
    EXPECT_EQ(parts.at(2).properties.at(0).first, "kos:pages");
    EXPECT_EQ(parts.at(5).version, "");
    EXPECT_TRUE(parts.at(5).digest);
}

TEST_F(PackedSbom, ADamagedDiskIsRefused) {
    std::vector<std::byte> image = pack_both();
    const auto view = must(report::open_system_image(image, "image"), "it was packed");
    for (std::uint32_t number = 0; number < view.blob_count(); ++number) {
        const manifest::Blob blob = view.blob(number);
        if (static_cast<manifest::BlobKind>(blob.kind) == manifest::BlobKind::Disk) {
            image.at(blob.offset) ^= std::byte{1};
        }
    }
    EXPECT_THAT(fixture::message_of(components_of(image, own())), HasSubstr("KOS-E-SYSTEM-IMAGE"));
}

}  // namespace
}  // namespace kos::sbom
