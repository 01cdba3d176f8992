// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/labels.hpp"

#include "cli/fixture/message.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace kos::oci {
namespace {

using fixture::message_of;

Outcome<AppSettings> settings(const std::vector<Label>& labels,
                              const std::vector<Label>& spec = {}) {
    return parse_settings(labels, spec);
}

TEST(LabelsTest, AnImageWithoutLabelsHasTheDefaults) {
    const auto result = settings({{"org.example.other", "x"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->heap_pages, 2560u);
    EXPECT_EQ(result->priority, 100u);
    EXPECT_EQ(result->max_priority, 100u);
    EXPECT_EQ(result->threads, 8u);
    EXPECT_FALSE(result->name);
}

TEST(LabelsTest, EveryLabelOfTheExampleIsUnderstood) {
    const auto result = settings({{"com.koskit.app.name", "hello"},
                                  {"com.koskit.app.binary.loopback", "/bin/hello"},
                                  {"com.koskit.app.spec.heap_pages", "512"},
                                  {"com.koskit.app.spec.ut_large_page", "4"},
                                  {"com.koskit.app.spec.ut_4k_pages", "24"},
                                  {"com.koskit.app.spec.priority", "180"},
                                  {"com.koskit.app.spec.max_priority", "190"},
                                  {"com.koskit.vm.memory", "256M"}});
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(result->name, "hello");
    EXPECT_EQ(result->program, "/bin/hello");
    EXPECT_EQ(result->heap_pages, 512u);
    EXPECT_EQ(result->untyped_large, 4u);
    EXPECT_EQ(result->untyped_4k, 24u);
    EXPECT_EQ(result->priority, 180u);
    EXPECT_EQ(result->max_priority, 190u);
    EXPECT_EQ(result->vm_memory, 256u << 20);
}

TEST(LabelsTest, ThePluralSpellingIsAccepted) {
    const auto result = settings({{"com.koskit.app.spec.ut_large_pages", "4"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->untyped_large, 4u);
}

TEST(LabelsTest, PublishesKeepsEveryValueAndTakesLists) {
    const auto labels = parse_labels(R"({"config": {"Labels": {
        "com.koskit.app.spec.publishes": "greeting",
        "com.koskit.app.spec.publishes": "farewell, thanks"}}})",
                                     "config");
    ASSERT_TRUE(labels);
    const auto result = settings(*labels);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->publishes, (std::vector<std::string>{"greeting", "farewell", "thanks"}));
}

TEST(LabelsTest, OnlyPublishesMayBeRepeated) {
    EXPECT_EQ(message_of(settings({{"com.koskit.app.name", "a"}, {"com.koskit.app.name", "b"}})),
              "KOS-E-LABEL-VALUE: com.koskit.app.name: a com.koskit label has a value that it "
              "cannot have: it is given more than once");
}

TEST(LabelsTest, APriorityAboveTheMaximumIsRefused) {
    EXPECT_EQ(message_of(settings({{"com.koskit.app.spec.priority", "191"},
                                   {"com.koskit.app.spec.max_priority", "190"}})),
              "KOS-E-PRIORITY: com.koskit.app.spec.priority: the priority is above the maximum: "
              "191 is above com.koskit.app.spec.max_priority 190");
}

TEST(LabelsTest, APriorityAboveTheCeilingIsRefused) {
    EXPECT_EQ(message_of(settings({{"com.koskit.app.spec.priority", "201"}})),
              "KOS-E-LABEL-VALUE: com.koskit.app.spec.priority: a com.koskit label has a value "
              "that it cannot have: \"201\"; expected a whole number from 0 to 200");
}

TEST(LabelsTest, AnUnknownLabelIsRefusedWithTheNearestKnownOne) {
    EXPECT_EQ(message_of(settings({{"com.koskit.app.spec.heap_page", "1"}})),
              "KOS-E-LABEL-UNKNOWN: com.koskit.app.spec.heap_page: unknown com.koskit label: did "
              "you mean com.koskit.app.spec.heap_pages?");
    EXPECT_EQ(message_of(settings({{"com.koskit.quux", "1"}})),
              "KOS-E-LABEL-UNKNOWN: com.koskit.quux: unknown com.koskit label");
}

TEST(LabelsTest, ValuesThatAreNoNumbersAreRefused) {
    for (const char* value : {"", "-1", "1.5", "ten", "1 ", "0x10", "99999999999999999999"}) {
        EXPECT_EQ(message_of(settings({{"com.koskit.app.spec.heap_pages", value}})),
                  "KOS-E-LABEL-VALUE: com.koskit.app.spec.heap_pages: a com.koskit label has a "
                  "value that it cannot have: \"" +
                      std::string{value} + "\"; expected a whole number from 0 to 1048576");
    }
}

TEST(LabelsTest, OtherValuesAreCheckedToo) {
    const auto code = [](const char* key, const char* value) {
        const auto result = settings({{std::string{"com.koskit."} + key, value}});
        return result ? "none" : entry_of(result.error().code).code;
    };
    EXPECT_EQ(code("app.kind", "container"), "KOS-E-LABEL-VALUE");
    EXPECT_EQ(code("app.name", ""), "KOS-E-LABEL-VALUE");
    EXPECT_EQ(code("app.binary.loopback", "hello"), "KOS-E-LABEL-VALUE");
    EXPECT_EQ(code("app.spec.threads", "0"), "KOS-E-LABEL-VALUE");
    EXPECT_EQ(code("app.spec.publishes", "a,,b"), "KOS-E-LABEL-VALUE");
    EXPECT_EQ(code("vm.memory", "1M"), "KOS-E-LABEL-VALUE");
    EXPECT_EQ(code("vm.memory", "18446744073709551615G"), "KOS-E-LABEL-VALUE");
    EXPECT_EQ(code("vm.memory", "1GB"), "none");
}

TEST(LabelsTest, ASpecHasTheSameKeysAndALabelOverridesIt) {
    const auto spec = parse_spec(
        R"({"heap_pages": 100, "priority": "50", "publishes": ["a", "b"]})", "/spec.json");
    ASSERT_TRUE(spec);
    const auto result = settings({{"com.koskit.app.spec.heap_pages", "200"}}, *spec);
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(result->heap_pages, 200u);
    EXPECT_EQ(result->priority, 50u);
    EXPECT_EQ(result->publishes, (std::vector<std::string>{"a", "b"}));
}

TEST(LabelsTest, AnUnknownKeyOfASpecIsRefused) {
    const auto spec = parse_spec(R"({"heap": 1})", "/spec.json");
    ASSERT_TRUE(spec);
    EXPECT_EQ(settings({}, *spec).error().code, ErrorCode::LabelUnknown);
    EXPECT_EQ(message_of(parse_spec("[]", "/spec.json")),
              "KOS-E-JSON: /spec.json: a JSON document is malformed or lacks a field: expected an "
              "object, found array");
}

/// The rows of docs/labels.md's table, as the table here gives them.
std::string documented_rows() {
    std::ostringstream rows;
    for (const LabelEntry& entry : label_table()) {
        const bool ranged = entry.type == LabelType::Number || entry.type == LabelType::Bytes;
        rows << "| `com.koskit." << entry.key << "` | " << name_of(entry.type);
        if (ranged) rows << ", " << entry.lowest << "–" << entry.highest;
        rows << " | " << entry.otherwise << " | " << entry.meaning << " |\n";
    }
    return rows.str();
}

TEST(LabelsTest, TheDocumentHasEveryLabel) {
    std::ifstream file{KOS_DOCS "/labels.md"};
    const std::string document{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_NE(document.find(documented_rows()), std::string::npos)
        << "docs/labels.md should contain:\n"
        << documented_rows();
}

}  // namespace
}  // namespace kos::oci
