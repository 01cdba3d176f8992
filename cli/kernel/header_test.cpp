// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/kernel/header.hpp"

#include <gtest/gtest.h>

namespace kos::kernel {
namespace {

Numbers read(std::string_view text, const Macros& macros = {}, Numbers numbers = {}) {
    const auto result = read_header(text, "test.h", macros, numbers);
    EXPECT_TRUE(result.ok()) << to_string(result.error());
    return numbers;
}

TEST(KernelHeaderTest, EnumeratorsCountUpFromWhatTheyAreGiven) {
    const Numbers numbers = read("enum a {\n A,\n B,\n};\nenum b { C = B, D, E = 0x10, F };\n");
    EXPECT_EQ(numbers.at("A"), 0u);
    EXPECT_EQ(numbers.at("D"), 2u);
    EXPECT_EQ(numbers.at("F"), 17u);
}

TEST(KernelHeaderTest, ConditionalsFollowTheConfiguration) {
    constexpr std::string_view text =
        "typedef enum x {\n"
        "#if defined(CONFIG_A) && !(defined(CONFIG_B) || \\\n  defined CONFIG_C)\n First,\n"
        "#elif defined(CONFIG_C)\n Other,\n#else\n Third,\n#endif\n"
        "#ifndef CONFIG_A\n Missing,\n#endif\n Last /* a comment, with a comma */\n} x;\n";
    EXPECT_EQ(read(text, {"CONFIG_A"}).at("Last"), 1u);
    EXPECT_TRUE(read(text, {"CONFIG_A"}).contains("First"));
    EXPECT_TRUE(read(text, {"CONFIG_A", "CONFIG_C"}).contains("Other"));
    EXPECT_TRUE(read(text, {}).contains("Third"));
    EXPECT_TRUE(read(text, {}).contains("Missing"));
}

TEST(KernelHeaderTest, NumericMacrosAreTakenAndOthersPassedOver) {
    const Numbers numbers = read("#define BITS 13\n#define SIZE (1 << BITS)\n#define F(x) x\n");
    EXPECT_EQ(numbers.at("BITS"), 13u);
    EXPECT_FALSE(numbers.contains("SIZE"));
}

TEST(KernelHeaderTest, ABraceOutsideAnEnumHoldsNoEnumerators) {
    EXPECT_TRUE(
        read("static inline int f(int a) { return a; }\nstruct s { int member; };\n").empty());
}

TEST(KernelHeaderTest, AConditionOfAnotherFormIsAnErrorWhereItMatters) {
    Numbers numbers;
    const auto refused = read_header("\n#if CONFIG_N > 1\n#endif\n", "k.h", {}, numbers);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::KernelHeader);
    EXPECT_EQ(refused.error().where, "k.h:2");
    EXPECT_TRUE(
        read_header("#if defined(X)\n#if X > 1\n#endif\n#endif\n", "k.h", {}, numbers).ok());
}

TEST(KernelHeaderTest, AnIfWithoutItsEndIsAnError) {
    Numbers numbers;
    EXPECT_FALSE(read_header("#ifdef X\n", "k.h", {}, numbers).ok());
    EXPECT_FALSE(read_header("#endif\n", "k.h", {}, numbers).ok());
    EXPECT_FALSE(read_header("#else\n", "k.h", {}, numbers).ok());
}

}  // namespace
}  // namespace kos::kernel
