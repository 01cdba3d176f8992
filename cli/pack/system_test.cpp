// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Several apps in one system image: what they share is there once, and each is the app that it
// would be alone.

#include "cli/fixture/elf_builder.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/fixture/temporary_folder.hpp"
#include "cli/pack/pack.hpp"
#include "lib/ethernet/area.hpp"
#include "lib/manifest/view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::pack {
namespace {

using fixture::ElfBuilder;
using fixture::message_of;
using manifest::AppKind;
using manifest::BlobKind;
using manifest::MappingSource;

const TargetPrograms& target_programs() {
    static const TargetPrograms programs{.root_server = ElfBuilder::program().build(),
                                         .libos = ElfBuilder::libos().build(),
                                         .vmm = ElfBuilder::program().build(),
                                         .network_switch = ElfBuilder::program().build()};
    return programs;
}

/// An app whose image has the program and a file with \p content.
AppSource app(const std::string& name, AppKind kind, const std::string& content) {
    fixture::LayoutBuilder layout;
    fixture::TarBuilder tar;
    tar.file("hello", ElfBuilder::program().build(), 0755).file("foo.txt", content);
    layout.layer(tar.finish());
    const auto reference = must(oci::parse_reference(layout.write()), "it is one");
    AppSource source{.image = must(oci::load_image(reference), "it is good"), .options = {}};
    source.options.kind = kind;
    source.options.name = name;
    return source;
}

template <class... Apps>
SystemSource list(Apps... apps) {
    SystemSource result;
    (result.apps.push_back(std::move(apps)), ...);
    return result;
}

/// A kernel that has everything built in, and a kosinit.
class Guests {
   public:
    Guests() {
        std::filesystem::create_directories(folder_.path() / "boot");
        std::string kernel(4096, '\0');
        kernel.replace(56, 4, "ARM\x64");
        fixture::write_file(folder_.path() / "boot" / "vmlinuz-1", kernel);
    }
    [[nodiscard]] GuestSource source() {
        return [this]() -> Outcome<GuestSupply> {
            ++asked;
            return GuestSupply{
                .programs = {.kosinit = "kosinit", .kernel_folder = folder_.path().string()},
                .seccomp_profile = {},
                .notes = {"a note"}};
        };
    }
    int asked = 0;

   private:
    fixture::TemporaryFolder folder_;
};

manifest::ImageView view_of(const Packed& packed) {
    return must(manifest::ImageView::create(packed.image, packed.image.size()), "it is good");
}

int count(const manifest::ImageView& view, BlobKind kind) {
    int found = 0;
    for (std::uint32_t number = 0; number < view.blob_count(); ++number) {
        if (view.blob(number).kind == static_cast<std::uint8_t>(kind)) ++found;
    }
    return found;
}

int count(const manifest::ImageView& view, std::uint32_t app_number, MappingSource source) {
    const manifest::App record = view.app(app_number);
    int found = 0;
    for (std::uint32_t number = 0; number < record.mappings.count; ++number) {
        if (view.mapping(record, number).source == static_cast<std::uint8_t>(source)) ++found;
    }
    return found;
}

TEST(SystemTest, WhatAppsShareIsInTheImageOnce) {
    const auto packed =
        pack_system(list(app("one", AppKind::Native, "same"), app("two", AppKind::Native, "same"),
                         app("three", AppKind::Native, "different")),
                    target_programs());
    ASSERT_TRUE(packed) << to_string(packed.error());
    const auto view = view_of(*packed);
    ASSERT_EQ(view.app_count(), 3u);
    EXPECT_EQ(view.text(view.app(0).name), "one");
    EXPECT_EQ(view.text(view.app(2).host_name), "three");
    for (const BlobKind kind : {BlobKind::RootServer, BlobKind::Program, BlobKind::Stubs,
                                BlobKind::Libos, BlobKind::Symbols, BlobKind::Undo}) {
        EXPECT_EQ(count(view, kind), 1) << static_cast<int>(kind);
    }
    EXPECT_EQ(count(view, BlobKind::Initrd), 2);
}

TEST(SystemTest, OnlyTheFirstAppThatMapsAPageMapsItDirectly) {
    const auto packed =
        pack_system(list(app("one", AppKind::Native, "same"), app("two", AppKind::Native, "same"),
                         app("three", AppKind::Native, "different")),
                    target_programs());
    ASSERT_TRUE(packed);
    const auto view = view_of(*packed);
    EXPECT_GT(count(view, 0, MappingSource::Direct), 1);
    EXPECT_EQ(count(view, 0, MappingSource::Shared), 0);
    EXPECT_EQ(count(view, 1, MappingSource::Direct), 0);
    EXPECT_EQ(count(view, 2, MappingSource::Direct), 1);  // its own initrd
    EXPECT_EQ(view.app(0).objects.shared_frames, 0u);
    EXPECT_GT(view.app(1).objects.shared_frames, view.app(2).objects.shared_frames);
}

TEST(SystemTest, GuestsHaveTheirKernelAndFirstDiskInCommon) {
    Guests guests;
    const auto packed =
        pack_system(list(app("vm1", AppKind::MicroVm, "1"), app("app", AppKind::Native, "2"),
                         app("vm2", AppKind::MicroVm, "3")),
                    target_programs(), guests.source());
    ASSERT_TRUE(packed) << to_string(packed.error());
    EXPECT_EQ(guests.asked, 1);
    EXPECT_THAT(packed->notes, testing::ElementsAre("a note"));
    const auto view = view_of(*packed);
    ASSERT_EQ(view.app_count(), 3u);
    EXPECT_EQ(count(view, BlobKind::GuestKernel), 1);
    EXPECT_EQ(count(view, BlobKind::GuestInitrd), 1);
    EXPECT_EQ(count(view, BlobKind::Disk), 3);  // linux1, and a linux2 each
    EXPECT_EQ(view.app(1).vm, 0u);
    const manifest::Vm first = view.vm(view.app(0)), second = view.vm(view.app(2));
    EXPECT_EQ(first.kernel, second.kernel);
    EXPECT_EQ(view.disk(first, 0).blob, view.disk(second, 0).blob);
    EXPECT_NE(view.disk(first, 1).blob, view.disk(second, 1).blob);
    EXPECT_NE(view.interface(first, 0).mac, view.interface(second, 0).mac);
}

TEST(SystemTest, ASwitchOfANetworkIsAnAppBeforeItsMicrovms) {
    Guests guests;
    AppSource first = app("vm1", AppKind::MicroVm, "1"), second = app("vm2", AppKind::MicroVm, "2");
    first.options.networks = {{"back"}};
    second.options.networks = {{"lonely"}, {"back"}};
    SystemSource system = list(std::move(first), std::move(second));
    system.networks = {{"lonely"}, {"back"}};
    const auto packed = pack_system(std::move(system), target_programs(), guests.source());
    ASSERT_TRUE(packed) << to_string(packed.error());
    const auto view = view_of(*packed);
    ASSERT_EQ(view.app_count(), 3u);
    EXPECT_EQ(view.kind_of(0), AppKind::NetworkSwitch);
    EXPECT_EQ(view.text(view.app(0).name), "switch of back");
    for (const std::uint32_t vm : {1u, 2u}) {
        const manifest::App record = view.app(vm);
        ASSERT_EQ(record.dependencies.count, 1u);
        EXPECT_EQ(view.dependency(record, 0).app, 0u);
        EXPECT_EQ(view.server_of(record, 0), 0u);
        EXPECT_EQ(count(view, vm, MappingSource::Lent), 1);
    }
    EXPECT_EQ(view.interface(view.vm(view.app(1)), 0).membership, 1);
    EXPECT_EQ(view.interface(view.vm(view.app(2)), 0).membership, 0);
    EXPECT_EQ(view.interface(view.vm(view.app(2)), 1).membership, 1);
    // What kos inspect and admission count: its ports' areas and queues.
    EXPECT_GT(view.app(0).objects.frames,
              2 * (ethernet::area_size + ethernet::queue_size) / page_size);
}

TEST(SystemTest, AMicrovmsPortIsSeenOnNetworksOfMessageServersAlone) {
    AppSource vm = app("vm", AppKind::MicroVm, "x");
    vm.options.life.readiness = manifest::Readiness::Port;
    EXPECT_THAT(message_of(pack_system(list(std::move(vm)), target_programs())),
                testing::HasSubstr("CMD tests it"));
}

TEST(SystemTest, AnErrorNamesTheAppThatItIsAbout) {
    AppSource broken = app("two", AppKind::Native, "x");
    broken.options.process.entrypoint = "/missing";
    const auto packed =
        pack_system(list(app("one", AppKind::Native, "x"), std::move(broken)), target_programs());
    EXPECT_THAT(message_of(packed), testing::StartsWith("KOS-E-ENTRYPOINT-MISSING: two: /missing"));
    EXPECT_THAT(message_of(pack_system(list(app("vm", AppKind::MicroVm, "x")), target_programs())),
                testing::StartsWith("KOS-E-UNSUPPORTED: vm: "));
}

TEST(SystemTest, DependenciesAreOnAppsBefore) {
    AppSource web = app("web", AppKind::Native, "x");
    web.options.life.depends_on = {{"db"},
                                   {.app = "setup",
                                    .condition = manifest::Condition::Completed,
                                    .required = false,
                                    .restart = true}};
    web.options.life.stop_signal = 2;
    web.options.life.stop_grace = 1234;
    SystemSource system =
        list(app("setup", AppKind::Native, "x"), app("db", AppKind::Native, "x"), web);
    system.stays = true;
    const auto packed = pack_system(system, target_programs());
    ASSERT_TRUE(packed) << to_string(packed.error());
    const auto view = view_of(*packed);
    EXPECT_EQ(view.header().flags, manifest::system_flag::stays);
    EXPECT_EQ(view.app(0).dependencies.count, 0u);
    EXPECT_EQ(view.app(0).stop_signal, 15);
    EXPECT_EQ(view.app(0).stop_grace, 10'000u);
    const manifest::App record = view.app(2);
    EXPECT_EQ(record.stop_signal, 2);
    EXPECT_EQ(record.stop_grace, 1234u);
    ASSERT_EQ(record.dependencies.count, 2u);
    EXPECT_EQ(view.dependency(record, 0).app, 1u);
    EXPECT_EQ(view.dependency(record, 0).flags, manifest::dependency_flag::required);
    EXPECT_EQ(view.dependency(record, 1).app, 0u);
    EXPECT_EQ(view.dependency(record, 1).flags, manifest::dependency_flag::restart);
    EXPECT_EQ(view.dependency(record, 1).condition,
              static_cast<std::uint8_t>(manifest::Condition::Completed));

    EXPECT_THAT(
        message_of(pack_system(list(web, app("db", AppKind::Native, "x")), target_programs())),
        testing::StartsWith("KOS-E-DEPENDENCY: web: db: "));
}

TEST(SystemTest, TheSameAppsGiveTheSameBytes) {
    const auto make = [] {
        return pack_system(list(app("one", AppKind::Native, "x"), app("two", AppKind::Native, "y")),
                           target_programs());
    };
    EXPECT_EQ(make()->image, make()->image);
}

}  // namespace
}  // namespace kos::pack
