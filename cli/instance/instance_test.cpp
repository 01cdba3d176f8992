// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/channel.hpp"
#include "cli/instance/folder.hpp"
#include "cli/instance/log.hpp"
#include "cli/instance/name.hpp"
#include "cli/instance/state.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sys/stat.h>
#include <thread>

namespace kos::instance {
namespace {

namespace fs = std::filesystem;

/// A folder of instances of the test's own.
class InstanceTest : public testing::Test {
   protected:
    void SetUp() override {
        char name[] = "/tmp/kos-instances-XXXXXX";
        ASSERT_NE(nullptr, ::mkdtemp(name));
        root_ = name;
        ::setenv("XDG_RUNTIME_DIR", name, 1);
    }
    void TearDown() override { fs::remove_all(root_); }

    static State state_with(AppState app_state) {
        State state;
        state.name = "web";
        state.target = "sim";
        App app;
        app.name = "app";
        app.kind = "native";
        app.image = "oci:image";
        app.state = app_state;
        state.apps.push_back(app);
        return state;
    }
    static Folder claimed(const std::string& name) {
        auto folder = Folder::claim(name, Folder::Existing::Refuse);
        EXPECT_TRUE(folder) << to_string(folder.error());
        return std::move(folder).value();
    }

    std::string root_;
};

TEST(InstanceName, IsWhatDockerTakes) {
    for (const char* name : {"a", "web-1", "A.b_c", "0"}) EXPECT_TRUE(is_name(name)) << name;
    for (const char* name : {"", "-a", ".a", "..", "a/b", "a b", "\xc3\xa4"}) {
        EXPECT_FALSE(is_name(name)) << name;
    }
    EXPECT_TRUE(is_name(std::string(longest_name, 'a')));
    EXPECT_FALSE(is_name(std::string(longest_name + 1, 'a')));
}

TEST(InstanceName, IsMadeOfTheImages) {
    EXPECT_TRUE(make_name("oci:path/of/hello:latest").starts_with("hello-"));
    EXPECT_TRUE(make_name("kos:web").starts_with("web-"));
    EXPECT_TRUE(make_name("oci:/-").starts_with("instance-"));
    EXPECT_TRUE(is_name(make_name("oci:" + std::string(200, 'x'))));
}

TEST(InstanceName, MayNameOneApp) {
    const auto both = parse_selector("shop/web");
    ASSERT_TRUE(both);
    EXPECT_EQ("shop", both->instance);
    EXPECT_EQ("web", both->app);
    EXPECT_FALSE(parse_selector("shop/"));
    EXPECT_FALSE(parse_selector("../shop"));
}

TEST_F(InstanceTest, AFolderIsTheOwnersAlone) {
    const Folder folder = claimed("web");
    struct stat status {};
    ASSERT_EQ(0, ::stat(folder.path().c_str(), &status));
    EXPECT_EQ(0700u, status.st_mode & 0777u);
    ASSERT_EQ(0, ::chmod((root_ + "/kos").c_str(), 0755));
    const auto refused = Folder::find("web");
    ASSERT_FALSE(refused);
    EXPECT_EQ(ErrorCode::InstanceFolder, refused.error().code);
}

TEST_F(InstanceTest, ANameIsTakenForAsLongAsThereIsSomethingToTell) {
    {
        Folder folder = claimed("web");
        EXPECT_EQ(ErrorCode::InstanceExists,
                  Folder::claim("web", Folder::Existing::Replace).error().code)
            << "it runs";
        State state = state_with(AppState::Stopped);
        state.ended = now();
        ASSERT_TRUE(write_state(folder, state));
    }
    EXPECT_EQ(ErrorCode::InstanceExists,
              Folder::claim("web", Folder::Existing::Refuse).error().code);
    EXPECT_TRUE(Folder::claim("web", Folder::Existing::Replace));
}

TEST_F(InstanceTest, OneWhoseProcessDiedIsStoppedAndReplaced) {
    {
        const Folder folder = claimed("web");
        ASSERT_TRUE(write_state(folder, state_with(AppState::Running)));
        const auto state = read_state(folder);
        ASSERT_TRUE(state);
        EXPECT_EQ(AppState::Running, state->apps.front().state);
    }
    const auto found = Folder::find("web");
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->is_running());
    const auto state = read_state(*found);
    ASSERT_TRUE(state);
    EXPECT_EQ(AppState::Stopped, state->apps.front().state);
    EXPECT_FALSE(state->apps.front().exit_status) << "it is not known";
    EXPECT_TRUE(Folder::claim("web", Folder::Existing::Refuse));
}

TEST_F(InstanceTest, AStateIsReadAsItWasWritten) {
    const Folder folder = claimed("web");
    State state = state_with(AppState::Stopped);
    state.pid = 42;
    state.created = 1;
    state.apps.front().started = 2;
    state.apps.front().ended = 3;
    state.apps.front().exit_status = 143;
    state.apps.front().log = {1000, 3, false};
    ASSERT_TRUE(write_state(folder, state));
    const auto read = read_state(folder);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(state), to_json(*read));
}

TEST_F(InstanceTest, ADamagedStateIsAnError) {
    const Folder folder = claimed("web");
    for (const char* text : {"", "{}", "[]", "{\"version\":3}", "{\"version\":4,\"name\":7}"}) {
        std::FILE* file = std::fopen((folder.path() + "/state.json").c_str(), "w");
        ASSERT_NE(nullptr, file);
        std::fputs(text, file);
        std::fclose(file);
        const auto read = read_state(folder);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(ErrorCode::InstanceFolder, read.error().code);
    }
}

TEST_F(InstanceTest, LogsAreReadInTheOrderOfTheirTime) {
    const Folder folder = claimed("web");
    LogWriter writer{folder};
    writer.write(0, Stream::Output, as_bytes("one\ntw"));
    writer.write(1, Stream::Error, as_bytes("other\n"));
    writer.write(0, Stream::Output, as_bytes("o\n\xff"));
    writer.flush(0);
    LogReader reader{folder, {{0}, {1}}};
    std::string text;
    for (const LogEntry& entry : reader.read()) text += entry.text;
    EXPECT_EQ("one\nother\ntwo\n\xef\xbf\xbd", text);
    writer.write(1, Stream::Error, as_bytes("later\n"));
    const auto more = reader.read();
    ASSERT_EQ(1u, more.size());
    EXPECT_EQ("later\n", more.front().text);
    EXPECT_EQ(Stream::Error, more.front().stream);
}

TEST_F(InstanceTest, ALogThatIsFullBecomesTheOlderOne) {
    const Folder folder = claimed("web");
    LogWriter writer{folder};
    writer.set_policy(0, {.file_size = 1000});
    LogReader reader{folder, {{0}}};
    std::size_t followed = 0;
    for (int i = 0; i < 100; ++i) {
        writer.write(0, Stream::Output, as_bytes("line\n"));
        followed += reader.read().size();
    }
    EXPECT_EQ(100u, followed) << "who follows misses nothing";
    EXPECT_LE(fs::file_size(folder.path() + "/0.log"), 1000u);
    EXPECT_LE(fs::file_size(folder.path() + "/0.log.1"), 1000u);
    const auto kept = LogReader{folder, {{0}}}.read().size();
    EXPECT_GT(kept, 10u);
    EXPECT_LT(kept, 40u);
}

/// Bytes of all files of app 0's log.
std::uint64_t size_of_log(const Folder& folder) {
    std::uint64_t size = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder.path()}) {
        if (entry.path().filename().string().starts_with("0.log")) size += entry.file_size();
    }
    return size;
}

std::string line_of(int number) { return "line " + std::to_string(number) + "\n"; }

/// Writes lines, the next one's number in \p next.
void write_lines(LogWriter& writer, int& next, int count) {
    for (int i = 0; i < count; ++i) writer.write(0, Stream::Output, as_bytes(line_of(next++)));
}

/// Whether the entries are successive lines, of which the last is the one before \p next.
testing::AssertionResult are_last(const std::vector<LogEntry>& entries, int next) {
    int number = next - static_cast<int>(entries.size());
    for (const LogEntry& entry : entries) {
        if (entry.text == line_of(number++)) continue;
        return testing::AssertionFailure() << entry.text << " is not line " << number - 1;
    }
    return testing::AssertionSuccess();
}

TEST_F(InstanceTest, ALogIsKeptInAsManyFilesAsItMayHave) {
    for (const std::uint32_t files : {1u, 2u, 5u}) {
        const Folder folder = claimed("web-" + std::to_string(files));
        LogWriter writer{folder};
        writer.set_policy(0, {.file_size = 2000, .files = files});
        int next = 0;
        for (int i = 0; i < 500; ++i) {
            write_lines(writer, next, 1);
            ASSERT_LE(size_of_log(folder), files * 2000u);
        }
        const auto kept = LogReader{folder, {{0, files}}}.read();
        EXPECT_TRUE(are_last(kept, next));
        EXPECT_GE(size_of_log(folder), (files - 1) * 1900u);
        EXPECT_FALSE(fs::exists(folder.path() + "/0.log." + std::to_string(files)));
    }
}

TEST_F(InstanceTest, WhoFollowsALogMissesOnlyWhatWasRemoved) {
    const Folder folder = claimed("web");
    LogWriter writer{folder};
    writer.set_policy(0, {.file_size = 2000, .files = 4});
    LogReader reader{folder, {{0, 4}}};
    int next = 0;
    write_lines(writer, next, 3);
    EXPECT_EQ(reader.read().size(), 3u);
    // A file has some 20 lines: two rotations between calls, then more than there are files.
    write_lines(writer, next, 50);
    const auto more = reader.read();
    EXPECT_EQ(more.size(), 50u);
    EXPECT_TRUE(are_last(more, next));
    EXPECT_TRUE(reader.read().empty());
    write_lines(writer, next, 1000);
    auto last = reader.read();
    ASSERT_GT(last.size(), 60u);
    EXPECT_EQ(last.front().text, line_of(53)) << "the file that it still had is read to its end";
    last.erase(last.begin(), last.end() - 60);
    EXPECT_TRUE(are_last(last, next));
    write_lines(writer, next, 1);
    EXPECT_TRUE(are_last(reader.read(), next));
}

TEST_F(InstanceTest, WhoReadsWhileItIsWrittenSeesEachLineOnce) {
    const Folder folder = claimed("web");
    constexpr int count = 10'000;
    std::atomic<bool> is_over = false;
    std::thread thread{[&] {
        LogWriter writer{folder};
        writer.set_policy(0, {.file_size = 1000, .files = 20});
        int next = 0;
        write_lines(writer, next, count);
        is_over = true;
    }};
    LogReader reader{folder, {{0, 20}}};
    int last = -1;
    for (bool goes_on = true; goes_on;) {
        goes_on = !is_over;
        for (const LogEntry& entry : reader.read()) {
            const int number = std::atoi(entry.text.c_str() + 5);
            EXPECT_EQ(entry.text, line_of(number));
            EXPECT_GT(number, last);
            last = number;
        }
    }
    thread.join();
    EXPECT_EQ(last, count - 1);
}

TEST_F(InstanceTest, ALineThatNoFileHoldsIsKeptInPieces) {
    const Folder folder = claimed("web");
    LogWriter writer{folder};
    writer.set_policy(0, {.file_size = 1000, .files = 20});
    std::string line;
    for (int i = 0; i < 1000; ++i) line += "\xc3\xa4";
    writer.write(0, Stream::Output, as_bytes(line + "\n"));
    for (const fs::directory_entry& entry : fs::directory_iterator{folder.path()}) {
        EXPECT_LE(entry.file_size(), 1000u) << entry.path();
    }
    std::string text;
    for (const LogEntry& entry : LogReader{folder, {{0, 20}}}.read()) text += entry.text;
    EXPECT_EQ(text, line + "\n");
}

TEST_F(InstanceTest, LostLinesAreToldOfTheAppThatWroteThem) {
    const Folder folder = claimed("web");
    LogWriter writer{folder};
    fs::create_directory(folder.path() + "/0.log");
    writer.write(0, Stream::Output, as_bytes("lost\nlost too\n"));
    writer.write(1, Stream::Output, as_bytes("of another\n"));
    fs::remove(folder.path() + "/0.log");
    writer.write(0, Stream::Output, as_bytes("kept\n"));
    std::map<std::uint32_t, std::string> logs;
    for (const LogEntry& entry : LogReader{folder, {{0}, {1}}}.read()) {
        logs[entry.app] += entry.text;
    }
    EXPECT_EQ(logs[0], "2 lines of the log are lost\nkept\n");
    EXPECT_EQ(logs[1], "of another\n");
}

TEST_F(InstanceTest, WhereNoOutputIsKeptWhatIsSaidAboutTheAppIs) {
    const Folder folder = claimed("web");
    LogWriter writer{folder};
    writer.set_policy(0, {.keeps_output = false});
    writer.write(0, Stream::Output, as_bytes("output\n"));
    writer.write(0, Stream::Error, as_bytes("error"));
    writer.flush();
    EXPECT_FALSE(fs::exists(folder.path() + "/0.log"));
    writer.write(0, Stream::Target, as_bytes("it faulted\n"));
    const auto kept = LogReader{folder, {{0}}}.read();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept.front().text, "it faulted\n");
}

TEST(InstanceChannel, TakesCommandsAndNothingElse) {
    const std::string stop = frame_of(msg::FrameType::Kill, 3, 7, {});
    Channel channel;
    std::vector<Request> requests;
    for (const char byte : stop) {
        ASSERT_TRUE(channel.receive(as_bytes({&byte, 1}), requests));
    }
    ASSERT_EQ(1u, requests.size());
    EXPECT_EQ(msg::FrameType::Kill, requests.front().type);
    EXPECT_EQ(3, requests.front().app);
    EXPECT_EQ(7u, requests.front().sequence);
    EXPECT_FALSE(Channel{}.receive(as_bytes("GET / HTTP/1.1\r\n"), requests));
    EXPECT_FALSE(Channel{}.receive(as_bytes(frame_of(msg::FrameType::Log, 0, 1, {})), requests));
    EXPECT_EQ(1u, requests.size());
}

}  // namespace
}  // namespace kos::instance
