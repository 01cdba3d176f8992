// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Images packed whole, with stand-ins for the target programs; and every program that cannot run
// natively, with the exact message a person gets.

#include "cli/pack/pack.hpp"

#include "cli/fixture/elf_builder.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "lib/manifest/view.hpp"
#include "loader/elf/format.hpp"

#include <gtest/gtest.h>

namespace kos::pack {
namespace {

using fixture::ElfBuilder;
using fixture::message_of;

const TargetPrograms& target_programs() {
    static const TargetPrograms programs{.root_server = ElfBuilder::program().build(),
                                         .libos = ElfBuilder::libos().build()};
    return programs;
}

/// An image whose program is /hello with that content.
class PackTest : public testing::Test {
   protected:
    Outcome<Packed> pack_program(const std::string& program, PackOptions options = native()) {
        fixture::LayoutBuilder layout;
        layout.config["config"]["Labels"] = labels_;
        layout.config["config"]["Cmd"] = {"hello_world", "test"};
        fixture::TarBuilder tar;
        tar.file("hello", program, 0755).file("foo.txt", "foo\n");
        tar.file("spec.json", R"({"heap_pages": 7})");
        layout.layer(tar.finish());
        const auto reference = KOS_TRY(oci::parse_reference(layout.write()));
        return pack(KOS_TRY(oci::load_image(reference)), options, target_programs());
    }
    static PackOptions native() { return {.kind = manifest::AppKind::Native, .process = {}}; }
    std::string failure(const ElfBuilder& elf) { return message_of(pack_program(elf.build())); }

    nlohmann::ordered_json labels_ = nlohmann::ordered_json::object();
};

TEST(RestartTest, TheWordsAreDockers) {
    using manifest::RestartPolicy;
    EXPECT_EQ(parse_restart("no")->policy, RestartPolicy::No);
    EXPECT_EQ(parse_restart("always")->policy, RestartPolicy::Always);
    EXPECT_EQ(parse_restart("on-failure")->limit, 0u);
    EXPECT_EQ(parse_restart("on-failure:17")->limit, 17u);
    EXPECT_EQ(parse_restart("on-failure:17")->policy, RestartPolicy::OnFailure);
    for (const char* wrong : {"", "on", "on-failure:", "on-failure:0", "on-failure:-1",
                              "on-failure:1x", "on-failure 1", "on-failure:4294967296"}) {
        EXPECT_FALSE(parse_restart(wrong)) << wrong;
    }
}

TEST(RestartTest, AGuestsStartIsNoRun) {
    using manifest::AppKind;
    const auto window = [](std::uint32_t run, AppKind kind) {
        return Restart{.window = run}.window_from_start(kind);
    };
    EXPECT_EQ(window(10'000, AppKind::Native), 10'000u);
    EXPECT_EQ(window(10'000, AppKind::MicroVm), 10'000u + guest_start);
    EXPECT_EQ(window(0, AppKind::MicroVm), 0u) << "never";
    EXPECT_EQ(window(4'294'967'295, AppKind::MicroVm), 4'294'967'295u);
}

TEST_F(PackTest, TheRestartPolicyIsInTheAppsRecord) {
    PackOptions options = native();
    options.restart = {
        .policy = manifest::RestartPolicy::OnFailure, .limit = 3, .delay = 250, .window = 9};
    const auto packed = pack_program(ElfBuilder::program().build(), options);
    ASSERT_TRUE(packed) << to_string(packed.error());
    const auto view = manifest::ImageView::create(packed->image, packed->image.size());
    ASSERT_TRUE(view);
    const manifest::App app = view->app(0);
    EXPECT_EQ(app.restart, static_cast<std::uint8_t>(manifest::RestartPolicy::OnFailure));
    EXPECT_EQ(app.restart_limit, 3u);
    EXPECT_EQ(app.restart_delay, 250u);
    EXPECT_EQ(app.restart_window, 9u);
}

TEST_F(PackTest, AnImageBecomesAValidSystemImage) {
    labels_["com.koskit.app.name"] = "greeter";
    labels_["com.koskit.app.spec.priority"] = "180";
    const auto packed = pack_program(ElfBuilder::program().build());
    ASSERT_TRUE(packed) << to_string(packed.error());
    const auto view = manifest::ImageView::create(packed->image, packed->image.size());
    ASSERT_TRUE(view) << manifest::describe(view.error());
    ASSERT_EQ(view->app_count(), 1u);
    const manifest::App app = view->app(0);
    EXPECT_EQ(view->text(app.name), "greeter");
    EXPECT_EQ(view->text(app.arguments, 1), "hello_world");
    EXPECT_EQ(view->text(app.executable), "/hello");
    EXPECT_EQ(app.priority, 180);
    EXPECT_EQ(app.max_priority, 180);
}

TEST_F(PackTest, TheSameInputGivesTheSameBytes) {
    const auto first = pack_program(ElfBuilder::program().build());
    const auto second = pack_program(ElfBuilder::program().build());
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->image, second->image);
}

TEST_F(PackTest, SystemCallsAreRewrittenAndCanBeUndone) {
    const auto packed = pack_program(ElfBuilder::program().build());
    ASSERT_TRUE(packed);
    const auto view = manifest::ImageView::create(packed->image, packed->image.size());
    ASSERT_TRUE(view);
    const manifest::App app = view->app(0);
    ASSERT_NE(app.undo, 0u);
    const manifest::Blob blob = view->blob(app.undo - 1);
    const auto undo = read_at<manifest::Undo>(packed->image, blob.offset);
    ASSERT_TRUE(undo);
    EXPECT_EQ(undo->original, 0xd4000001u);
    EXPECT_EQ(undo->address, app.entry + 4);
}

TEST_F(PackTest, ASpecInTheImageIsRead) {
    labels_["com.koskit.app.spec"] = "/spec.json";
    const auto packed = pack_program(ElfBuilder::program().build());
    ASSERT_TRUE(packed) << to_string(packed.error());
    const auto view = manifest::ImageView::create(packed->image, packed->image.size());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->app(0).objects.heap_frames, 7u);
    labels_["com.koskit.app.spec"] = "/missing.json";
    EXPECT_EQ(message_of(pack_program("")),
              "KOS-E-LABEL-VALUE: com.koskit.app.spec: a com.koskit label has a value that it "
              "cannot have: \"/missing.json\" is no file of the image");
}

TEST_F(PackTest, AnImageThatIsNoNativeAppIsRefusedByName) {
    const auto packed = pack_program(ElfBuilder::program().build(), {});
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().code, ErrorCode::Unsupported);
    labels_["com.koskit.app.name"] = "native by its name";
    EXPECT_TRUE(pack_program(ElfBuilder::program().build(), {}));
}

TEST_F(PackTest, UntypedsAreNotSetAsideForALinuxProgram) {
    const auto without = pack_program(ElfBuilder::program().build());
    labels_["com.koskit.app.spec.ut_large_page"] = "4";
    labels_["com.koskit.app.spec.ut_4k_pages"] = "24";
    const auto with = pack_program(ElfBuilder::program().build());
    ASSERT_TRUE(without && with);
    EXPECT_EQ(with->image, without->image);
    EXPECT_TRUE(without->notes.empty());
    ASSERT_EQ(with->notes.size(), 1u);
    EXPECT_NE(with->notes[0].find("ut_large_page"), std::string::npos);
}

TEST_F(PackTest, AScriptIsRefusedWithItsInterpreter) {
    EXPECT_EQ(message_of(pack_program("#! /usr/bin/env python3\nprint()\n")),
              "KOS-E-SCRIPT: /hello: the program to run is a script: its interpreter is "
              "/usr/bin/env");
}

TEST_F(PackTest, WhatIsNoElfFileIsRefused) {
    EXPECT_EQ(failure({.segments = {}, .symbols = {}}),
              "KOS-E-ELF: /hello: the program is not a well-formed ELF file: the program header "
              "table is malformed or outside the file");
    EXPECT_EQ(
        message_of(pack_program(std::string(100, 'x'))),
        "KOS-E-ELF: /hello: the program is not a well-formed ELF file: this is not an ELF file");
}

TEST_F(PackTest, AnotherArchitectureIsNamed) {
    ElfBuilder elf = ElfBuilder::program();
    elf.machine = 62;
    EXPECT_EQ(failure(elf),
              "KOS-E-ELF-ARCH: /hello: the program is not for aarch64: it is for "
              "x86-64");
}

TEST_F(PackTest, ADynamicProgramIsRefusedWithItsInterpreter) {
    ElfBuilder elf = ElfBuilder::program();
    elf.segments.push_back({.type = elf::format::pt_interp,
                            .flags = 4,
                            .address = 0x9000,
                            .content = std::string{"/lib/ld-musl-aarch64.so.1"} + '\0',
                            .alignment = 1});
    EXPECT_EQ(failure(elf),
              "KOS-E-ELF-DYNAMIC: /hello: the program is linked dynamically: it wants "
              "the interpreter /lib/ld-musl-aarch64.so.1");
}

TEST_F(PackTest, OverlappingSegmentsAreRefused) {
    ElfBuilder elf = ElfBuilder::program();
    elf.segments[0].memory_size = 0x1010;
    EXPECT_EQ(failure(elf),
              "KOS-E-ELF-SEGMENTS: /hello: the program's segments overlap or wrap: "
              "segments overlap or are not in ascending order");
}

TEST_F(PackTest, AWrappingSegmentIsRefused) {
    ElfBuilder elf = ElfBuilder::program();
    elf.segments[1].memory_size = ~std::uint64_t{0} - 0x1000;
    EXPECT_EQ(failure(elf),
              "KOS-E-ELF-SEGMENTS: /hello: the program's segments overlap or wrap: a "
              "segment wraps the address space");
}

TEST_F(PackTest, AWritableAndExecutableSegmentIsRefused) {
    ElfBuilder elf = ElfBuilder::program();
    elf.segments[1].flags = 7;
    EXPECT_EQ(failure(elf),
              "KOS-E-ELF-WX: /hello: a segment of the program is writable and "
              "executable: a segment is writable and executable");
}

TEST_F(PackTest, AProgramOutsideTheImageAreaIsRefused) {
    ElfBuilder elf = ElfBuilder::program();
    elf.type = 2;  // ET_EXEC: where it is linked
    EXPECT_TRUE(
        failure(elf).starts_with("KOS-E-VSPACE: /hello: the program does not fit in the "
                                 "address space: "))
        << failure(elf);
}

TEST_F(PackTest, ArgumentsThatDoNotFitAreRefused) {
    PackOptions options = native();
    options.process.arguments = {std::string(9 << 20, 'x')};
    const auto packed = pack_program(ElfBuilder::program().build(), options);
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().code, ErrorCode::LayoutCollision);
}

}  // namespace
}  // namespace kos::pack
