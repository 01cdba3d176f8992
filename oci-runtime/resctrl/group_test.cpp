// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/resctrl/group.hpp"

#include "lib/linux/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace kos::oci {
namespace {

namespace fs = std::filesystem;

/// A folder stands for the filesystem: its files are appended to, where the kernel would act.
class ResctrlTest : public testing::Test {
   protected:
    void SetUp() override {
        char name[] = "/tmp/kos-resctrl-XXXXXX";
        ASSERT_NE(nullptr, ::mkdtemp(name));
        root_ = name;
    }
    void TearDown() override { fs::remove_all(root_); }

    void make_class(const std::string& name, const std::string& schemata) {
        fs::create_directories(root_ + "/" + name + "/mon_groups");
        std::ofstream{root_ + "/" + name + "/schemata"} << schemata;
    }
    std::string content(const std::string& name) {
        const auto text = sys::read_file(AT_FDCWD, (root_ + "/" + name).c_str());
        return text ? *text : "missing";
    }
    Result<ResctrlGroup> made(const IntelRdt& config) {
        ResctrlGroup group = KOS_TRY(ResctrlGroup::plan(config, root_, "web"));
        KOS_TRY(group.create(config));
        return group;
    }

    std::string root_;
};

TEST_F(ResctrlTest, AGroupOfItsOwnIsNamedAfterTheContainer) {
    const IntelRdt config{.schemata = {"L2:0=f"},
                          .l3_cache_schema = "L3:0=7f0",
                          .memory_bandwidth_schema = "MB:0=20"};
    const auto group = made(config);
    ASSERT_TRUE(group) << group.error().text();
    EXPECT_EQ(root_ + "/web", group->folder);
    EXPECT_TRUE(group->is_own);
    EXPECT_EQ("L3:0=7f0\nMB:0=20\nL2:0=f\n", content("web/schemata"));
    ASSERT_TRUE(group->add(42));
    EXPECT_EQ("42\n", content("web/tasks"));
    ASSERT_TRUE(group->write_schemata({.memory_bandwidth_schema = "MB:0=30"}));
    EXPECT_EQ("L3:0=7f0\nMB:0=20\nL2:0=f\nMB:0=30\n", content("web/schemata"));
    // rmdir(2) takes the kernel's files along; those of this test are real.
    fs::remove(root_ + "/web/schemata");
    fs::remove(root_ + "/web/tasks");
    EXPECT_TRUE(group->remove());
    EXPECT_FALSE(fs::exists(root_ + "/web"));
    EXPECT_TRUE(group->remove()) << "a second time";
}

TEST_F(ResctrlTest, AGroupOfItsOwnMustNotBeAnothers) {
    make_class("web", "");
    const auto group = made({});
    ASSERT_FALSE(group);
    EXPECT_EQ("/linux/intelRdt: " + root_ + "/web exists already", group.error().text());
}

TEST_F(ResctrlTest, AClassThatExistsIsJoinedAndStays) {
    make_class("gold", "    L3:0=ff;1=ff\n    MB:0=100\n");
    const auto group = made({.class_id = "gold", .l3_cache_schema = "L3:0=ff;1=ff"});
    ASSERT_TRUE(group) << group.error().text();
    EXPECT_FALSE(group->is_own);
    ASSERT_TRUE(group->remove());
    EXPECT_TRUE(fs::exists(root_ + "/gold"));
}

TEST_F(ResctrlTest, AClassThatExistsMustBeWhatIsAskedFor) {
    make_class("gold", "    L3:0=ff;1=ff\n");
    const auto group = made({.class_id = "gold", .l3_cache_schema = "L3:0=f;1=ff"});
    ASSERT_FALSE(group);
    EXPECT_EQ("/linux/intelRdt/l3CacheSchema: the class gold exists and has something else in " +
                  root_ + "/gold/schemata",
              group.error().text());
}

TEST_F(ResctrlTest, AClassIsMadeOnlyWhereThereIsSomethingToMakeItOf) {
    const auto none = made({.class_id = "gold"});
    ASSERT_FALSE(none);
    EXPECT_EQ("/linux/intelRdt/closID: there is no class gold, and nothing to make one of",
              none.error().text());
    const auto group = made({.class_id = "gold", .schemata = {"MB:0=50"}});
    ASSERT_TRUE(group) << group.error().text();
    EXPECT_FALSE(group->is_own) << "a class with a name outlives its containers";
    EXPECT_EQ("MB:0=50\n", content("gold/schemata"));
}

TEST_F(ResctrlTest, TheDefaultClassIsTheRoot) {
    make_class(".", "    L3:0=ff\n");
    const auto group = made({.class_id = "/", .enable_monitoring = true});
    ASSERT_TRUE(group) << group.error().text();
    EXPECT_EQ(root_, group->folder);
    EXPECT_EQ(root_ + "/mon_groups/web", group->monitor);
    ASSERT_TRUE(group->add(7));
    EXPECT_EQ("7\n", content("tasks"));
    EXPECT_EQ("7\n", content("mon_groups/web/tasks"));
    fs::remove(root_ + "/mon_groups/web/tasks");
    ASSERT_TRUE(group->remove());
    EXPECT_FALSE(fs::exists(root_ + "/mon_groups/web"));
}

TEST_F(ResctrlTest, NoMonitoringGroupIsAnErrorOfItsField) {
    make_class("gold", "");
    fs::remove_all(root_ + "/gold/mon_groups");
    const auto group = made({.class_id = "gold", .enable_monitoring = true});
    ASSERT_FALSE(group);
    EXPECT_EQ("/linux/intelRdt/enableMonitoring", group.error().where);
}

TEST_F(ResctrlTest, TheMonitoringGroupIsDedicatedToTheContainer) {
    make_class("gold", "");
    fs::create_directory(root_ + "/gold/mon_groups/web");
    const auto group = made({.class_id = "gold", .enable_monitoring = true});
    ASSERT_FALSE(group);
    EXPECT_EQ("/linux/intelRdt/enableMonitoring: " + root_ + "/gold/mon_groups/web exists already",
              group.error().text());
}

TEST_F(ResctrlTest, AClassThatCannotBeFilledIsNotLeftBehind) {
    // Of a folder that is empty there is no mon_groups to make anything in.
    const IntelRdt config{.class_id = "gold", .enable_monitoring = true};
    const ResctrlGroup group{.folder = root_ + "/gold", .monitor = root_ + "/gold/mon_groups/web"};
    ASSERT_FALSE(group.create(config));
    EXPECT_FALSE(fs::exists(root_ + "/gold"));
}

TEST(FindResctrl, TakesTheMountPoint) {
    EXPECT_EQ(
        "/sys/fs/resctrl",
        find_resctrl("36 35 0:31 / /proc rw - proc proc rw\n"
                     "40 35 0:40 / /sys/fs/resctrl rw,relatime shared:9 - resctrl resctrl rw\n"));
    EXPECT_EQ("/mnt/of two words",
              find_resctrl("40 35 0:40 / /mnt/of\\040two\\040words rw - resctrl resctrl rw\n"));
    EXPECT_EQ("", find_resctrl("36 35 0:31 / /proc rw - proc proc rw\n"));
    EXPECT_EQ("", find_resctrl(""));
}

}  // namespace
}  // namespace kos::oci
