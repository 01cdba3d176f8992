// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Volumes: disks of microVMs, memory of native services.
#include "cli/system/volumes.hpp"

#include "boards/registry.hpp"
#include "cli/system/memory_volumes.hpp"
#include "cli/system/testing/services.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kos::system {
namespace {

using fixture::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class VolumesTest : public ServicesTest {};

TEST_F(VolumesTest, AVolumeIsOneServices) {
    const std::string one =
        "services:\n  a: {image: docker:app, volumes: ['data:/d', 'data:/e:ro']}\n";
    const std::string volumes = "volumes: {data: , other: }\n";
    const auto planned = plan(one + volumes);
    ASSERT_TRUE(planned) << message_of(planned);
    ASSERT_EQ(planned->at(0).volumes.size(), 1u);
    EXPECT_EQ(planned->at(0).volumes[0].name, "data");
    const auto& mounts = planned->at(0).options.container.volumes;
    ASSERT_EQ(mounts.size(), 2u);
    EXPECT_EQ(mounts[1].path, "/e");
    EXPECT_TRUE(mounts[1].read_only);
    EXPECT_EQ(mounts[0].serial, planned->at(0).volumes[0].serial);
    EXPECT_LE(mounts[0].serial.size(), manifest::max_serial);
    EXPECT_TRUE(plan(one + "  b: {image: docker:app, volumes: ['other:/d']}\n" + volumes));
    EXPECT_THAT(
        message_of(plan(one + "  b: {image: docker:app, volumes: ['data:/d']}\n" + volumes)),
        AllOf(HasSubstr("compose.yaml:3:"), HasSubstr("data is a's already")));
    std::string many = "services:\n  a:\n    image: docker:app\n    volumes:\n",
                names = "volumes:\n";
    for (int i = 0; i < 9; ++i) {
        const std::string name = "v" + std::to_string(i);
        many += "      - " + name + ":/" + name + "\n";
        names += "  " + name + ":\n";
    }
    EXPECT_THAT(message_of(plan(many + names)),
                AllOf(HasSubstr("compose.yaml:13:"), HasSubstr("8 at most")));
}

TEST_F(VolumesTest, ABoardWithoutDisksForVolumesRefusesThem) {
    std::string services = "services:\n  plain: {image: docker:app}\n", names = "volumes:\n";
    const auto add = [&](int number) {
        const std::string name = std::to_string(number);
        services += "  s" + name + ": {image: docker:app, volumes: ['v" + name + ":/d']}\n";
        names += "  v" + name + ":\n";
        return plan(services + names);
    };
    const auto one = add(0);
    ASSERT_TRUE(one) << message_of(one);
    EXPECT_THAT(message_of(admit_volumes(boards::zcu102, *one)),
                AllOf(HasSubstr("compose.yaml:3:"), HasSubstr("zcu102 has no disk"),
                      HasSubstr("--board qemu_virt_aarch64")));
    for (int number = 1; number < 4; ++number) {
        EXPECT_TRUE(admit_volumes(boards::qemu_virt_aarch64, *add(number)));
    }
    EXPECT_THAT(message_of(admit_volumes(boards::qemu_virt_aarch64, *add(4))),
                AllOf(HasSubstr("compose.yaml:7:"), HasSubstr("those of 4 services")));
}

TEST_F(VolumesTest, AVolumeWhoseFilesystemIsNotWholeIsRefused) {
    const auto planned =
        plan("services:\n  a: {image: docker:app, volumes: ['data:/d']}\nvolumes: {data: }\n");
    ASSERT_TRUE(planned) << message_of(planned);
    const auto folder = folder_.path() / "volumes";
    const auto file = folder / "project" / "data.ext4";
    ASSERT_TRUE(hold_volumes(folder, "project", *planned));
    const auto size = std::filesystem::file_size(file);
    std::filesystem::resize_file(file, size - 1);
    EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)),
                AllOf(HasSubstr("KOS-E-GUEST-VOLUME"), HasSubstr("data.ext4"),
                      HasSubstr("less than the " + std::to_string(size))));
    std::filesystem::resize_file(file, 100);
    EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)), HasSubstr("no ext4"));
    std::filesystem::resize_file(file, size);
    EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)), HasSubstr("no ext4"));
}

TEST_F(VolumesTest, VolumesAreMadeOnceAndHeldByOneRun) {
    const auto planned =
        plan("services:\n  a: {image: docker:app, volumes: ['data:/d']}\nvolumes: {data: }\n");
    ASSERT_TRUE(planned) << message_of(planned);
    const auto folder = folder_.path() / "volumes";
    {
        const auto held = hold_volumes(folder, "project", *planned);
        ASSERT_TRUE(held) << message_of(held);
        ASSERT_EQ(held->disks.size(), 1u);
        EXPECT_EQ(held->disks[0].app, "a");
        EXPECT_EQ(held->disks[0].path, folder / "project" / "data.ext4");
        EXPECT_THAT(message_of(hold_volumes(folder, "project", *planned)),
                    HasSubstr("another run has this volume"));
        // The superblock of ext4 has its magic number at 0x438.
        std::ifstream file{held->disks[0].path, std::ios::binary};
        file.seekg(0x438);
        EXPECT_EQ(file.get(), 0x53);
        EXPECT_EQ(file.get(), 0xef);
    }
    const auto written = std::filesystem::last_write_time(folder / "project" / "data.ext4");
    EXPECT_TRUE(hold_volumes(folder, "project", *planned));
    EXPECT_EQ(std::filesystem::last_write_time(folder / "project" / "data.ext4"), written);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder / "project"}, {}), 1);
}

TEST_F(VolumesTest, AVolumeOfANativeServiceIsMemory) {
    const std::string volumes =
        "volumes: {data: , large: {driver_opts: {type: tmpfs, o: 'size=8m,uid=5'}}}\n";
    auto planned = plan(
        "services:\n  a: {image: kos:app, volumes: ['data:/d:ro', /e, 'large:/f:ro']}\n" + volumes);
    ASSERT_TRUE(planned) << message_of(planned);
    const auto loaded = load_services(*planned);
    ASSERT_TRUE(loaded) << message_of(loaded);
    const pack::ContainerOptions& container = loaded->apps.at(0).options.container;
    EXPECT_TRUE(container.volumes.empty() && planned->at(0).volumes.empty());
    ASSERT_EQ(container.tmpfs.size(), 3u);
    EXPECT_EQ(container.tmpfs[0].path, "/f");
    EXPECT_EQ(container.tmpfs[0].size, 8u << 20);
    EXPECT_EQ(container.tmpfs[0].user, 5u);
    EXPECT_EQ(container.tmpfs[1].path, "/d");
    EXPECT_TRUE(container.tmpfs[1].read_only);
    EXPECT_EQ(container.tmpfs[2].path, "/e");
    EXPECT_FALSE(container.tmpfs[2].mode);
    EXPECT_THAT(notes_on_volumes(*planned),
                ElementsAre(AllOf(HasSubstr("compose.yaml:2:"), HasSubstr("data is memory of")),
                            HasSubstr("the volume at /e is memory of")));
}

TEST_F(VolumesTest, MemoryIsNotSharedNorInTwoPlaces) {
    const std::string volumes = "volumes: {data: , fast: {driver_opts: {type: tmpfs}}}\n";
    const auto load = [&](const std::string& services) {
        auto planned = plan("services:\n" + services + volumes);
        return planned ? message_of(load_services(*planned)) : message_of(planned);
    };
    for (const std::string name : {"data", "fast"}) {
        EXPECT_THAT(load("  a: {image: kos:app, volumes: ['" + name +
                         ":/d']}\n  b: {image: kos:app, volumes: ['" + name + ":/d']}\n"),
                    AllOf(HasSubstr("compose.yaml:3:"), HasSubstr(name + " is a's already"),
                          HasSubstr("services share what they send each other")));
        EXPECT_THAT(
            load("  a: {image: kos:app, volumes: ['" + name + ":/d', '" + name + ":/e']}\n"),
            HasSubstr("which has one place"));
    }
    EXPECT_THAT(load("  a: {image: docker:app, volumes: [/e]}\n"),
                HasSubstr("nothing finds a volume without a name again"));
    EXPECT_EQ(load("  a: {image: docker:app, volumes: ['fast:/e']}\n"), "no error");
}

}  // namespace
}  // namespace kos::system
