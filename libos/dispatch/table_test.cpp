// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/dispatch/table.hpp"

#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

namespace kos::libos {
namespace {

using testing::App;

/// The calls of docs/system-calls.md: rows `| number | name | … |`.
std::map<Word, std::string> documented() {
    std::ifstream file{KOS_DOCS_DIR "/system-calls.md"};
    std::map<Word, std::string> calls;
    for (std::string line; std::getline(file, line);) {
        unsigned number = 0;
        char name[64] = {};
        if (std::sscanf(line.c_str(), "| %u | `%63[a-z0-9_]`", &number, name) == 2) {
            calls[number] = name;
        }
    }
    return calls;
}

TEST(CallTableTest, TheDocumentListsWhatIsServedAndNothingElse) {
    std::map<Word, std::string> served;
    for (Word number = 0; number < call_limit; ++number) {
        if (handler_of(number) != nullptr) served[number] = name_of_call(number);
    }
    EXPECT_EQ(documented(), served);
}

TEST(CallTableTest, ACallThatIsNotServedIsNamedOnce) {
    App app;
    constexpr Word clone3 = 435;
    EXPECT_EQ(app.error_of(clone3), Errno::Enosys);
    EXPECT_EQ(app.error_of(clone3), Errno::Enosys);
    EXPECT_EQ(app.manager.logged, std::vector<std::string>{"unsupported system call clone3 (435)"});
}

TEST(CallTableTest, ANumberThatNoCallHasIsNamedByItself) {
    App app;
    EXPECT_EQ(app.error_of(100000), Errno::Enosys);
    EXPECT_EQ(app.manager.logged,
              std::vector<std::string>{"unsupported system call of unknown name (100000)"});
}

TEST(CallTableTest, ErrorsAreNegativeNumbersToTheApp) {
    EXPECT_EQ(Answer{Err{Errno::Enosys}}.encoded(), Word{0} - 38);
    EXPECT_EQ(Answer{Err{Errno::Enosys}}.error(), Errno::Enosys);
    EXPECT_EQ(Answer{Word{7}}.encoded(), 7u);
}

}  // namespace
}  // namespace kos::libos
