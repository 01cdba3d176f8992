// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/stream_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kos::msg {
namespace {

/// Says what it was told to do.
class TestTable final : public StreamTable {
   public:
    TestTable(HostLine& line, std::vector<std::string>& log) : StreamTable(line, 4), log_(log) {}

    using StreamTable::end;
    using StreamTable::over;
    using StreamTable::room;
    using StreamTable::tell_data;
    using StreamTable::tell_finish;
    using StreamTable::tell_open;
    using StreamTable::tell_taken;
    bool is_refusing = false;  ///< streams and bytes

   private:
    bool opened(Number number, std::uint16_t port) override {
        note("open", number, std::to_string(port));
        return !is_refusing;
    }
    bool data(Number number, Bytes bytes) override {
        note("data", number, as_text(bytes));
        return !is_refusing;
    }
    void credit(Number number, std::uint32_t bytes) override {
        note("credit", number, std::to_string(bytes));
    }
    void finish(Number number) override { note("finish", number); }
    void release(Number number) override { note("release", number); }
    void replace(Number number) override { note("replace", number); }

    void note(const std::string& what, Number number, std::string_view more = {}) {
        log_.push_back(what + " " + std::to_string(number) +
                       (more.empty() ? "" : " " + std::string{more}));
    }
    std::vector<std::string>& log_;
};

/// The host on one side; one log of what is asked of the table's owner and what the host is told.
class StreamTableTest : public testing::Test, HostLine {
   protected:
    void send(Bytes payload) override {
        const auto header = read_at<StreamHeader>(payload, 0).value();
        EXPECT_LE(payload.size(), max_from_guest);
        static constexpr std::array names{"", "Open", "Data", "Credit", "Finish", "Close", "Room"};
        std::string text = std::string{"host: "} + names.at(header.event) + " " +
                           std::to_string(header.stream) + " at " +
                           std::to_string(std::uint32_t{header.position});
        if (header.event == static_cast<std::uint8_t>(StreamEvent::Data)) {
            text += ": " + std::to_string(payload.size() - sizeof header);
        }
        log.push_back(std::move(text));
    }
    void host(unsigned number, StreamEvent event, std::uint32_t position = 0,
              std::string_view data = {}) {
        StreamHeader header;
        header.stream = static_cast<std::uint8_t>(number);
        header.event = static_cast<std::uint8_t>(event);
        header.port = std::uint16_t{80};
        header.position = position;
        table.receive(as_bytes(std::string{as_text(bytes_of(header))}.append(data)));
    }
    void open(std::uint32_t name = 7) {
        host(0, StreamEvent::Open, name);
        table.tell_open(0);
        log.clear();
    }
    void expect(const std::vector<std::string>& lines) {
        EXPECT_EQ(log, lines);
        log.clear();
    }

    std::vector<std::string> log;
    TestTable table{*this, log};
};

TEST_F(StreamTableTest, AStreamIsOpenedUsedAndClosed) {
    host(3, StreamEvent::Open, 7);
    table.tell_open(3);
    expect({"open 3 80", "host: Open 3 at 0"});
    host(3, StreamEvent::Data, 0, "question");
    table.tell_taken(3, 8);
    host(3, StreamEvent::Finish, 8);
    expect({"data 3 question", "host: Credit 3 at 8", "finish 3"});
    table.tell_data(3, as_bytes(std::string{"answer"}));
    table.tell_finish(3);
    host(3, StreamEvent::Credit, 6);
    expect({"host: Data 3 at 0: 6", "host: Finish 3 at 6", "credit 3 6"});
    EXPECT_EQ(table.count(), 1u);
    host(3, StreamEvent::Close, 7);
    expect({"release 3", "host: Close 3 at 7"});
    EXPECT_EQ(table.count(), 0u);
}

TEST_F(StreamTableTest, WhatIsRefusedIsOver) {
    table.is_refusing = true;
    host(0, StreamEvent::Open, 7);
    expect({"open 0 80", "host: Close 0 at 7"});
    table.is_refusing = false;
    open();
    table.is_refusing = true;
    host(0, StreamEvent::Data, 0, "x");
    expect({"data 0 x", "release 0", "host: Close 0 at 7"});
}

TEST_F(StreamTableTest, WhatTheHostSaysTwiceCountsOnce) {
    host(0, StreamEvent::Open, 7);
    host(0, StreamEvent::Open, 7);
    expect({"open 0 80"});
    table.tell_open(0);
    host(0, StreamEvent::Open, 7);
    expect({"host: Open 0 at 0", "host: Open 0 at 0"});
    for (int i = 0; i < 2; ++i) host(0, StreamEvent::Data, 0, "once");
    for (int i = 0; i < 2; ++i) host(0, StreamEvent::Finish, 4);
    expect({"data 0 once", "finish 0"});
    for (int i = 0; i < 2; ++i) host(0, StreamEvent::Close, 7);
    expect({"release 0", "host: Close 0 at 7", "host: Close 0 at 7"});
}

TEST_F(StreamTableTest, MissingBytesAndMoreThanTheWindowEndTheStream) {
    const std::vector<std::string> over{"release 0", "host: Close 0 at 7"};
    open();
    host(0, StreamEvent::Data, 1, "x");
    expect(over);
    open();
    host(0, StreamEvent::Finish, 1);
    expect(over);
    open();
    host(0, StreamEvent::Data, 0, std::string(host_window + 1, 'x'));
    expect(over);
    open();
    host(0, StreamEvent::Finish, 0);
    host(0, StreamEvent::Data, 0, "behind the end");
    log.erase(log.begin());
    expect(over);
}

TEST_F(StreamTableTest, TheWindowMovesWithWhatWasTaken) {
    open();
    const std::string half(host_window / 2, 'x');
    host(0, StreamEvent::Data, 0, half);
    host(0, StreamEvent::Data, host_window / 2, half);
    log.clear();
    table.tell_taken(0, 1);
    expect({});
    table.tell_taken(0, host_window / 2);
    expect({"host: Credit 0 at " + std::to_string(host_window / 2)});
    host(0, StreamEvent::Data, host_window, half);
    host(0, StreamEvent::Data, host_window + host_window / 2, "x");
    EXPECT_EQ(table.count(), 0u);
}

TEST_F(StreamTableTest, CreditForWhatWasNeverSentIsNone) {
    open();
    table.tell_data(0, as_bytes(std::string(1000, 'x')));
    EXPECT_EQ(table.room(0), guest_window - 1000);
    log.clear();
    host(0, StreamEvent::Credit, 1001);
    host(0, StreamEvent::Credit, 0);
    expect({});
    host(0, StreamEvent::Credit, 1000);
    expect({"credit 0 1000"});
    EXPECT_EQ(table.room(0), guest_window);
}

TEST_F(StreamTableTest, ManyBytesGoInSeveralFrames) {
    open();
    table.tell_data(0, as_bytes(std::string(max_data_to_host + 5, 'x')));
    const std::string most = std::to_string(max_data_to_host);
    expect({"host: Data 0 at 0: " + most, "host: Data 0 at " + most + ": 5"});
}

TEST_F(StreamTableTest, ANumberIsUsedAgainAndALateCloseOfTheOneBeforeDoesNoHarm) {
    open(7);
    host(0, StreamEvent::Open, 8);
    expect({"replace 0", "open 0 80"});
    host(0, StreamEvent::Close, 7);
    expect({"host: Close 0 at 7"});
    EXPECT_EQ(table.count(), 1u);
}

TEST_F(StreamTableTest, WhatIsOverAtTheOtherEndIsNotReleased) {
    open();
    table.over(0);
    expect({"host: Close 0 at 7"});
    host(0, StreamEvent::Data, 0, "late");
    expect({"host: Close 0 at 7"});
}

TEST_F(StreamTableTest, RoomIsToldOfNoStream) {
    table.tell_room();
    expect({"host: Room 0 at 0"});
    EXPECT_EQ(table.count(), 0u);
}

TEST_F(StreamTableTest, NonsenseIsNothing) {
    for (std::size_t size = 0; size < sizeof(StreamHeader); ++size) {
        table.receive(as_bytes(std::string(size, '\1')));
    }
    host(4, StreamEvent::Open, 7);
    host(255, StreamEvent::Close, 0);
    expect({});
    open();
    host(0, static_cast<StreamEvent>(99));
    expect({"release 0", "host: Close 0 at 7"});
}

}  // namespace
}  // namespace kos::msg
