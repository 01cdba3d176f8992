// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/id_pattern.hpp"

#include <gtest/gtest.h>

#include <random>
#include <regex.h>
#include <string>

namespace kos::oci {
namespace {

bool regexec_matches(const std::string& pattern, const std::string& id) {
    regex_t compiled;
    if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
        ADD_FAILURE() << pattern << " is none to regcomp";
        return false;
    }
    const bool matched = ::regexec(&compiled, id.c_str(), 0, nullptr, 0) == 0;
    ::regfree(&compiled);
    return matched;
}

/// Draws well-formed expressions and ids of few characters, so that matches are frequent. (The
/// runtime is built without exceptions, which RapidCheck needs.)
class Draw {
   public:
    explicit Draw(unsigned seed) : random_(seed) {}

    std::string expression(int depth) {
        if (depth == 0) {
            return one_of({"a", "b", "-", ".", "[ab]", "[^a]", "[[:digit:]b]", "[]a]", "[a-c]",
                           "\\.", "1", "[-a]"});
        }
        const std::string left = expression(depth - 1);
        const std::string right = expression(depth - 1);
        const std::string count = one_of({"", "", "*", "+", "?", "{2}", "{1,}", "{0,2}"});
        switch (below(3)) {
            case 0:
                return "(" + left + ")" + count + right;
            case 1:
                return "(" + left + "|" + right + ")" + count;
            default:
                return left + "|" + right;
        }
    }
    /// Anchors stand outermost: glibc takes "(a$|^.b){2}" to match what it does not.
    std::string anchored() {
        const std::string inner = expression(static_cast<int>(below(4)));
        return one_of({"", "^"}) + "(" + inner + ")" + one_of({"", "$"});
    }
    std::string id() {
        std::string text;
        while (below(8) != 0) text += one_of({"a", "b", "c", "-", ".", "1"});
        return text;
    }
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

   private:
    std::string one_of(std::initializer_list<const char*> choices) {
        return choices.begin()[below(static_cast<unsigned>(choices.size()))];
    }

    std::mt19937 random_;
};

TEST(IdPattern, MatchesWhatRegexecMatches) {
    for (unsigned seed = 0; seed < 5000; ++seed) {
        Draw draw{seed};
        const std::string text = draw.anchored();
        const auto pattern = IdPattern::parse(text);
        ASSERT_TRUE(pattern) << text << ": " << pattern.error().text();
        for (int i = 0; i < 5; ++i) {
            const std::string id = draw.id();
            ASSERT_EQ(regexec_matches(text, id), pattern->matches(id)) << text << " and " << id;
        }
    }
}

TEST(IdPattern, TakesNoTimeForPatternsThatBacktrackersChokeOn) {
    const auto pattern = IdPattern::parse("^((a*)*)*b$");
    ASSERT_TRUE(pattern);
    EXPECT_FALSE(pattern->matches(std::string(1000, 'a')));
    EXPECT_TRUE(pattern->matches(std::string(1000, 'a') + "b"));
    // Without progress a hundred thousand million times, and with every way to go on.
    const auto empty = IdPattern::parse("^(((((|a?){255}){255}){255}){255}){255}b$");
    ASSERT_TRUE(empty);
    EXPECT_FALSE(empty->matches(std::string(1000, 'a')));
    std::string nested = "a";
    for (int i = 0; i < 9; ++i) nested = "(" + nested + "b*)*";
    const auto deep = IdPattern::parse("^" + nested + "c$");
    ASSERT_TRUE(deep);
    EXPECT_FALSE(deep->matches(std::string(100, 'a')));
}

TEST(IdPattern, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"(a", "--regex: '(' without ')'"},
        {"a)", "--regex: ')' without '('"},
        {"[a", "--regex: '[' without ']'"},
        {"[z-a]", "--regex: a range in '[]' is in the wrong order"},
        {"[[:nosuch:]]", "--regex: unknown class of characters"},
        {"[[.a.]]", "--regex: collating elements are not supported"},
        {"*a", "--regex: there is nothing to repeat before *"},
        {"a{", "--regex: '{' without a number"},
        {"a{1", "--regex: '{' without '}'"},
        {"a{2,1}", "--regex: the bounds in '{}' are in the wrong order"},
        {"a{256}", "--regex: at most 255 repetitions can be asked for"},
        {"a\\", "--regex: nothing stands after '\\'"},
        {"(a)\\1", "--regex: unknown: \\1"},
    };
    for (const auto& [pattern, message] : cases) {
        const auto parsed = IdPattern::parse(pattern);
        ASSERT_FALSE(parsed) << pattern;
        EXPECT_EQ(message, parsed.error().text());
    }
    EXPECT_FALSE(IdPattern::parse(std::string(101, '(') + std::string(101, ')')));
    EXPECT_FALSE(IdPattern::parse("a" + std::string(11, '*')));
}

}  // namespace
}  // namespace kos::oci
