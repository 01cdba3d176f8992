// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The kernel ABI record, and docs/kernel-abi.md, which says what lib/sel4/abi.hpp says.
#include "lib/sel4/abi.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace kos::sel4 {
namespace {

std::string document() {
    std::ifstream file{KOS_DOCUMENT};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// The beginning of a table row: `| a | b | c |`, as the cells are given.
template <class... Cells>
std::string row(const Cells&... cells) {
    std::string text = "\n|";
    (text.append(" ").append(cells).append(" |"), ...);
    return text;
}

std::string code(std::string_view name) { return "`" + std::string{name} + "`"; }

void expect_field(std::string_view name, std::size_t offset, std::size_t size) {
    char place[8];
    std::snprintf(place, sizeof(place), "0x%02zx", offset);
    EXPECT_NE(document().find(row(std::string{place}, std::to_string(size), code(name))),
              std::string::npos)
        << name;
}

TEST(KernelAbiDocumentTest, EveryFieldIsWhereTheDocumentSays) {
#define EXPECT_FIELD(name) expect_field(#name, offsetof(KernelAbi, name), sizeof(KernelAbi::name))
    EXPECT_FIELD(magic);
    EXPECT_FIELD(version);
    EXPECT_FIELD(flags);
    EXPECT_FIELD(invocation_labels);
    EXPECT_FIELD(object_numbers);
    EXPECT_FIELD(object_size_bits);
#undef EXPECT_FIELD
}

TEST(KernelAbiDocumentTest, EveryInvocationHasTheDocumentsPlaceAndDefault) {
    const std::string text = document();
    for (unsigned place = 0; place < invocation_count; ++place) {
        const auto invocation = static_cast<Invocation>(place);
        EXPECT_NE(text.find(row(std::to_string(place), code(name_of(invocation)),
                                std::to_string(default_abi().label(invocation)))),
                  std::string::npos)
            << name_of(invocation);
    }
}

TEST(KernelAbiDocumentTest, EveryObjectTypeHasTheDocumentsPlaceNumberAndSize) {
    const std::string text = document();
    unsigned place = 0;
#define EXPECT_OBJECT(type, value, bits)                                            \
    EXPECT_NE(text.find(row(std::to_string(place++), std::string{#type},            \
                            std::to_string(default_abi().number(ObjectType::type)), \
                            std::to_string(bits))),                                 \
              std::string::npos);
    KOS_OBJECT_TYPES(EXPECT_OBJECT)
#undef EXPECT_OBJECT
    EXPECT_EQ(place, object_type_count);
}

TEST(KernelAbiTest, ARecordIsReadBackAndASpoiltOneIsNot) {
    EXPECT_TRUE(parse_abi(bytes_of(default_abi())).has_value());
    KernelAbi record = default_abi();
    record.version = 2;
    EXPECT_FALSE(parse_abi(bytes_of(record)).has_value());
    record = default_abi();
    record.object_size_bits[1] = 200;
    EXPECT_FALSE(parse_abi(bytes_of(record)).has_value());
    EXPECT_FALSE(parse_abi(bytes_of(default_abi()).first(183)).has_value());
}

}  // namespace
}  // namespace kos::sel4
