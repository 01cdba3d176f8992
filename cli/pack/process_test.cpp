// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/process.hpp"

#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"

#include <gtest/gtest.h>

namespace kos::pack {
namespace {

using fixture::message_of;
using Words = std::vector<std::string>;

class ProcessTest : public testing::Test {
   protected:
    ProcessTest() {
        const std::string tar =
            fixture::TarBuilder{}
                .file("hello", "root's", 0755)
                .file("bin/tool", "tool", 0755)
                .symlink("usr/bin/alias", "../../bin/tool")
                .file("data", "no program", 0644)
                .file("secret", "x", 0700)
                .directory("dir")
                .file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:100::/:/bin/sh\n")
                .file("etc/group", "root:x:0:\nusers:x:100:\nwheel:x:10:\n")
                .finish();
        oci::LayerApplier applier{image_.rootfs, {}};
        must(applier.apply(as_bytes(tar), "layer"), "the tar is good");
        image_.config.entrypoint = {"/hello"};
        image_.config.command = {"hello_world", "test"};
        image_.config.environment = {"HELLO=WORLD", "PATH=/usr/bin:/bin"};
    }

    Outcome<Process> make() { return make_process(image_, settings_, overrides_); }

    oci::Image image_{.name = "image",
                      .digest = oci::digest_of(oci::DigestAlgorithm::Sha256, {}),
                      .config = {},
                      .rootfs = {}};
    oci::AppSettings settings_;
    ProcessOverrides overrides_;
};

TEST_F(ProcessTest, EntrypointAndCmdAreTheArguments) {
    const auto process = make();
    ASSERT_TRUE(process);
    EXPECT_EQ(process->arguments, (Words{"/hello", "hello_world", "test"}));
    EXPECT_EQ(process->environment, (Words{"HELLO=WORLD", "PATH=/usr/bin:/bin"}));
    EXPECT_EQ(process->working_directory, "/");
    EXPECT_EQ(process->executable, "/hello");
    EXPECT_EQ(*process->program, "root's");
}

TEST_F(ProcessTest, ArgumentsTakeThePlaceOfCmd) {
    overrides_.arguments = {"one", ""};
    EXPECT_EQ(make()->arguments, (Words{"/hello", "one", ""}));
}

TEST_F(ProcessTest, AnEntrypointFromTheCommandLineDropsCmd) {
    overrides_.entrypoint = "tool";
    EXPECT_EQ(make()->arguments, Words{"tool"});
    EXPECT_EQ(make()->executable, "/bin/tool");
}

TEST_F(ProcessTest, PathIsSearchedAndLinksAreFollowed) {
    image_.config.entrypoint = {"alias"};
    EXPECT_EQ(make()->arguments.front(), "alias");
    EXPECT_EQ(make()->executable, "/bin/tool");
}

TEST_F(ProcessTest, ARelativeProgramIsSeenFromTheWorkingDirectory) {
    image_.config.working_directory = "/bin";
    image_.config.entrypoint = {"./tool"};
    EXPECT_EQ(make()->executable, "/bin/tool");
}

TEST_F(ProcessTest, PathIsAddedWhereTheImageSetsNone) {
    image_.config.environment = {"A=1"};
    EXPECT_EQ(make()->environment.back(),
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

TEST_F(ProcessTest, VariablesFromTheCommandLineReplaceOrAdd) {
    overrides_.environment = {"HELLO=you", "NEW=1"};
    EXPECT_EQ(make()->environment, (Words{"HELLO=you", "PATH=/usr/bin:/bin", "NEW=1"}));
}

TEST_F(ProcessTest, ALabelNamesAnotherProgramAndLeavesTheArguments) {
    settings_.program = "/bin/tool";
    EXPECT_EQ(make()->executable, "/bin/tool");
    EXPECT_EQ(make()->arguments.front(), "/hello");
}

TEST_F(ProcessTest, UsersAreNamesOrNumbers) {
    const auto user = [&](const char* text) {
        overrides_.user = text;
        const auto process = make();
        return process
                   ? std::to_string(process->user.user) + ":" + std::to_string(process->user.group)
                   : std::string{entry_of(process.error().code).code};
    };
    EXPECT_EQ(user(""), "0:0");
    EXPECT_EQ(user("app"), "1000:100");
    EXPECT_EQ(user("1000"), "1000:100");
    EXPECT_EQ(user("app:wheel"), "1000:10");
    EXPECT_EQ(user("7:8"), "7:8");
    EXPECT_EQ(user("7"), "7:0");
    EXPECT_EQ(user("nobody"), "KOS-E-USER");
    EXPECT_EQ(user("app:nogroup"), "KOS-E-USER");
    EXPECT_EQ(user("-1"), "KOS-E-USER");
}

TEST_F(ProcessTest, AMissingProgramIsNamed) {
    image_.config.entrypoint = {"/missing"};
    EXPECT_EQ(message_of(make()),
              "KOS-E-ENTRYPOINT-MISSING: /missing: the program to run is not in the image");
    image_.config.entrypoint = {"missing"};
    EXPECT_EQ(message_of(make()),
              "KOS-E-ENTRYPOINT-MISSING: missing: the program to run is not in the image: not in "
              "PATH (/usr/bin:/bin)");
    image_.config.entrypoint.clear();
    image_.config.command.clear();
    EXPECT_EQ(message_of(make()),
              "KOS-E-ENTRYPOINT-MISSING: the program to run is not in the image: the image has "
              "neither Entrypoint nor Cmd");
}

TEST_F(ProcessTest, AProgramThatIsNotExecutableIsNamed) {
    image_.config.entrypoint = {"/data"};
    EXPECT_EQ(message_of(make()),
              "KOS-E-ENTRYPOINT-MODE: /data: the program to run is not executable: /data: its mode "
              "lacks x for user 0");
    image_.config.entrypoint = {"/dir"};
    EXPECT_EQ(message_of(make()),
              "KOS-E-ENTRYPOINT-MODE: /dir: the program to run is not executable: /dir: it is no "
              "regular file");
    image_.config.entrypoint = {"/secret"};
    overrides_.user = "app";
    EXPECT_EQ(message_of(make()),
              "KOS-E-ENTRYPOINT-MODE: /secret: the program to run is not executable: /secret: its "
              "mode lacks x for user 1000");
}

}  // namespace
}  // namespace kos::pack
