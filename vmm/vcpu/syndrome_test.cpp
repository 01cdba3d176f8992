// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/vcpu/syndrome.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::vmm {
namespace {

constexpr Syndrome abort_syndrome(unsigned sas, bool sign, unsigned reg, bool wide, bool write) {
    return Syndrome{0x24} << 26 | 1u << 25 | 1u << 24 | sas << 22 | (sign ? 1u << 21 : 0) |
           reg << 16 | (wide ? 1u << 15 : 0) | (write ? 1u << 6 : 0) | 7;
}

TEST(SyndromeTest, ClassesAreThoseOfTheArchitecture) {
    EXPECT_EQ(exception_class(0x07e0'0000), ExceptionClass::Wfx);
    EXPECT_EQ(exception_class(0x5e00'0000), ExceptionClass::Smc64);
    EXPECT_EQ(exception_class(0x5a00'0000), ExceptionClass::Hvc64);
    EXPECT_EQ(exception_class(0x9380'0007), ExceptionClass::DataAbort);
    EXPECT_EQ(exception_class(0xf200'0001), ExceptionClass::Brk);
    EXPECT_FALSE(is_wait_for_event(0x07e0'0000));
    EXPECT_TRUE(is_wait_for_event(0x07e0'0001));
}

TEST(SyndromeTest, AnAbortWithoutASyndromeIsNotDescribed) {
    EXPECT_FALSE(data_abort(0x9200'0046).described);
}

TEST(SyndromeTest, AStoreWritesAsManyBytesAsItHas) {
    for (unsigned sas = 0; sas < 4; ++sas) {
        const DataAbort abort = data_abort(abort_syndrome(sas, false, 5, true, true));
        EXPECT_TRUE(abort.described);
        EXPECT_TRUE(abort.write);
        EXPECT_EQ(abort.size, 1u << sas);
        EXPECT_EQ(abort.reg, 5u);
        const std::uint64_t bytes = 0xffee'ddcc'bbaa'9988;
        EXPECT_EQ(stored(abort, bytes),
                  sas == 3 ? bytes : bytes & ((std::uint64_t{1} << (8u << sas)) - 1));
    }
}

TEST(SyndromeTest, ALoadExtendsZerosOrItsSign) {
    const auto load = [](unsigned sas, bool sign, bool wide, std::uint64_t value) {
        return loaded(data_abort(abort_syndrome(sas, sign, 0, wide, false)), value);
    };
    EXPECT_EQ(load(0, false, true, 0xff80), 0x80u);                       // ldrb
    EXPECT_EQ(load(0, true, true, 0x80), 0xffff'ffff'ffff'ff80u);         // ldrsb x
    EXPECT_EQ(load(0, true, false, 0x80), 0xffff'ff80u);                  // ldrsb w
    EXPECT_EQ(load(1, true, true, 0x7fff), 0x7fffu);                      // ldrsh, positive
    EXPECT_EQ(load(1, true, false, 0x8000), 0xffff'8000u);                // ldrsh w
    EXPECT_EQ(load(2, true, true, 0x8000'0000), 0xffff'ffff'8000'0000u);  // ldrsw
    EXPECT_EQ(load(2, false, false, 0x1'8000'0000), 0x8000'0000u);        // ldr w
    EXPECT_EQ(load(3, false, true, ~std::uint64_t{0}), ~std::uint64_t{0});
}

TEST(SyndromeTest, ASystemRegisterIsKnownByItsEncoding) {
    // msr ICC_SGI1R_EL1, x3: Op0 3, Op2 5, Op1 0, CRn 12, Rt 3, CRm 11.
    const Syndrome write =
        Syndrome{0x18} << 26 | 3u << 20 | 5u << 17 | 12u << 10 | 3u << 5 | 11u << 1;
    EXPECT_EQ(system_access(write).encoding, icc_sgi1r_el1);
    EXPECT_EQ(system_access(write).reg, 3u);
    EXPECT_FALSE(system_access(write).read);
    EXPECT_TRUE(system_access(write | 1).read);
}

RC_GTEST_PROP(SyndromeTest, AnySyndromeDecodesToSoundFields, (std::uint32_t syndrome)) {
    const DataAbort abort = data_abort(syndrome);
    RC_ASSERT(abort.reg < 32);
    RC_ASSERT(abort.size == 1 || abort.size == 2 || abort.size == 4 || abort.size == 8);
    RC_ASSERT(system_access(syndrome).encoding < 1u << 16);
}

}  // namespace
}  // namespace kos::vmm
