// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/fixture/elf_builder.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/pack/pack.hpp"
#include "cli/report/manifest.hpp"
#include "cli/report/system_image.hpp"
#include "loader/caps/objects.hpp"

#include <gtest/gtest.h>

namespace kos::report {
namespace {

using fixture::message_of;

/// A packed image with one app, "hello".
class ReportTest : public testing::Test {
   protected:
    ReportTest() {
        fixture::LayoutBuilder layout;
        layout.config["config"]["Cmd"] = {"hello_world", "test"};
        layout.config["config"]["Labels"] = {{"com.koskit.app.name", "hello"},
                                             {"com.koskit.app.spec.heap_pages", "64"},
                                             {"com.koskit.app.spec.threads", "2"}};
        layout.layer(fixture::TarBuilder{}
                         .file("hello", fixture::ElfBuilder::program().build(), 0755)
                         .finish());
        const auto reference = must(oci::parse_reference(layout.write()), "it is one");
        auto image = must(oci::load_image(reference), "it is good");
        const pack::TargetPrograms programs{.root_server = fixture::ElfBuilder::program().build(),
                                            .libos = fixture::ElfBuilder::libos().build()};
        image_ = must(pack::pack(std::move(image), {}, programs), "it can be packed").image;
    }
    [[nodiscard]] manifest::ImageView view() const {
        return must(open_system_image(image_, "image"), "it was just packed");
    }

    std::vector<std::byte> image_;
};

TEST_F(ReportTest, ThePredictionIsTheAllocatorsOwn) {
    const CapabilityManifest manifest = predicted(view(), 0, sel4::default_abi());
    const auto objects = caps::ObjectList::create(view().app(0), sel4::default_abi());
    EXPECT_EQ(manifest.untyped_bytes, objects.untyped_bytes());
    EXPECT_EQ(manifest.object_bytes,
              objects.object_bytes() + (1u << objects.object_cnode_bytes_bits()));
    EXPECT_EQ(manifest.slots, objects.slots());
    EXPECT_EQ(manifest.objects.heap_frames, 64u);
    EXPECT_EQ(manifest.objects.tcbs, 2u);
}

TEST_F(ReportTest, TheTableHasEveryLineOfTheManifest) {
    const std::string text = to_text(predicted(view(), 0, sel4::default_abi()));
    for (const char* line :
         {"  Untyped         0x", "  VSpace          1\n", "  TCB             2\n", "  CNode  ",
          "  radix bits\n", "  Frames ", "  SchedContext    2\n", "  Reply ", "  Endpoint ",
          "  Notification ", "  PageTable ", "  Cmd             [/hello, hello_world, test]\n",
          "  Binary          hello\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << " is missing in\n" << text;
    }
}

TEST_F(ReportTest, PredictionAndUseHaveTheSameShape) {
    const CapabilityManifest prediction = predicted(view(), 0, sel4::default_abi());
    msg::UsageRecord record;
    record.objects = prediction.objects;
    record.untyped_bytes = prediction.untyped_bytes;
    record.object_bytes = prediction.object_bytes;
    record.slots = static_cast<std::uint32_t>(prediction.slots);
    EXPECT_EQ(to_json(prediction), to_json(used(view(), 0, record)));
    record.slots = record.slots + 1;
    EXPECT_NE(to_json(prediction), to_json(used(view(), 0, record)));
}

TEST_F(ReportTest, InspectShowsTheLayoutInOrder) {
    const auto json = inspect_to_json(view(), sel4::default_abi());
    const auto& layout = json.at("apps").at(0).at("layout");
    ASSERT_FALSE(layout.empty());
    std::uint64_t previous_end = 0;
    for (const auto& mapping : layout) {
        EXPECT_GE(mapping.at("address").get<std::uint64_t>(), previous_end);
        previous_end =
            mapping.at("address").get<std::uint64_t>() + mapping.at("size").get<std::uint64_t>();
        const std::string access = mapping.at("access");
        EXPECT_FALSE(access[1] == 'w' && access[2] == 'x') << mapping.dump();
    }
    EXPECT_TRUE(inspect_to_text(view(), sel4::default_abi()).starts_with("hello (native)\n"));
}

TEST_F(ReportTest, TooLittleMemoryIsSaidToTheByte) {
    const std::uint64_t needed = predicted(view(), 0, sel4::default_abi()).untyped_bytes;
    EXPECT_TRUE(admit(view(), sel4::default_abi(), needed));
    EXPECT_EQ(
        message_of(admit(view(), sel4::default_abi(), needed - 5)),
        "KOS-E-UNTYPED: hello: there is not enough untyped memory: " + std::to_string(needed) +
            " bytes are needed, 5 more than the memory of " + std::to_string(needed - 5));
}

TEST_F(ReportTest, ADamagedImageIsRefused) {
    image_[0x40] ^= std::byte{1};
    EXPECT_EQ(message_of(open_system_image(image_, "a.img")),
              "KOS-E-SYSTEM-IMAGE: a.img: the system image is damaged or malformed: the manifest's "
              "checksum does not match");
    image_[8] = std::byte{99};
    EXPECT_EQ(open_system_image(image_, "a.img").error().code, ErrorCode::ImageVersion);
}

}  // namespace
}  // namespace kos::report
