// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/test_machine.hpp"

#include <map>

namespace kos::sim {
namespace {

using sel4::Error;
using sel4::ObjectType;
using I = sel4::Invocation;

constexpr Word cacheable = 1, execute_never = 4, read_only = 2, read_write = 3;

/// Keeps a copy of every VSpace's mappings, as a front end does.
class Copy final : public VSpaceListener {
   public:
    void mapped(VSpace&, VirtualAddress address, const Mapping& mapping) override {
        mappings[address.value()] = mapping;
    }
    void unmapped(VSpace&, VirtualAddress address, std::uint64_t size) override {
        const auto first = mappings.lower_bound(address.value());
        mappings.erase(first, mappings.lower_bound(address.value() + size));
    }
    void unified(VSpace&, VirtualAddress address, std::uint64_t size) override {
        last_unified = {address.value(), size};
    }
    void destroyed(VSpace&) override { ++destroyed_count; }

    std::map<Word, Mapping> mappings;
    std::pair<Word, Word> last_unified;
    int destroyed_count = 0;
};

class VSpaceKernelTest : public TestMachine {
   protected:
    static constexpr Word base = 0x40'0000'0000;  // no tables there

    VSpaceKernelTest() { kernel.set_hooks({.vspaces = &listener}); }

    Answer map(Word frame, Word address, Word rights = read_write, Word attributes = cacheable,
               Word space = vspace.value) {
        return invoke(frame, I::PageMap, {address, rights, attributes}, {space});
    }
    Answer map_table(Word table, Word address, Word space = vspace.value) {
        return invoke(table, I::PageTableMap, {address, cacheable}, {space});
    }
    void map_tables(Word address) {
        ASSERT_EQ(map_table(make(ObjectType::PageTable), address), ok);
        ASSERT_EQ(map_table(make(ObjectType::PageTable), address), ok);
    }
    VSpace& own() const { return *slot_at(vspace.value).cap.as<VSpace>(); }

    Copy listener;
};

TEST_F(VSpaceKernelTest, AMissingTableIsToldByTheBitsThatAreLeft) {
    const Word frame = make(ObjectType::SmallPage);
    EXPECT_EQ(map(frame, base), failure(Error::FailedLookup, {0, 2, 30}));
    ASSERT_EQ(map_table(make(ObjectType::PageTable), base), ok);
    EXPECT_EQ(map(frame, base), failure(Error::FailedLookup, {0, 2, 21}));
    ASSERT_EQ(map_table(make(ObjectType::PageTable), base), ok);
    EXPECT_EQ(map(frame, base), ok);
    EXPECT_EQ(map_table(make(ObjectType::PageTable), base), failure(Error::DeleteFirst));
}

TEST_F(VSpaceKernelTest, RightsAndAttributesReachTheMapping) {
    map_tables(base);
    const Word frame = make(ObjectType::SmallPage);
    ASSERT_EQ(map(frame, base, read_only, cacheable | execute_never), ok);
    const auto mapping = kernel.translate(own(), VirtualAddress{base + 0x123});
    ASSERT_TRUE(mapping.has_value());
    EXPECT_EQ(mapping->physical, slot_at(frame).cap.address + 0x123);
    EXPECT_TRUE(mapping->readable);
    EXPECT_FALSE(mapping->writable);
    EXPECT_FALSE(mapping->executable);
    EXPECT_TRUE(mapping->cacheable);
    ASSERT_EQ(map(frame, base, read_write, 0), ok);
    EXPECT_TRUE(kernel.translate(own(), VirtualAddress{base})->writable);
    EXPECT_TRUE(kernel.translate(own(), VirtualAddress{base})->executable);
}

TEST_F(VSpaceKernelTest, AWriteOnlyMappingAllowsNothing) {
    map_tables(base);
    ASSERT_EQ(map(make(ObjectType::SmallPage), base, 1), ok);
    EXPECT_FALSE(kernel.translate(own(), VirtualAddress{base})->readable);
    EXPECT_FALSE(kernel.translate(own(), VirtualAddress{base})->writable);
}

TEST_F(VSpaceKernelTest, AMappedFrameStaysWhereItIs) {
    map_tables(base);
    const Word frame = make(ObjectType::SmallPage);
    ASSERT_EQ(map(frame, base), ok);
    EXPECT_EQ(map(frame, base + page_size), failure(Error::InvalidArgument, {0}));
    const Word second = free_slot++;
    ASSERT_EQ(copy(frame, second), ok);
    EXPECT_EQ(map(second, base + page_size), ok);
    ASSERT_EQ(invoke(frame, I::PageUnmap), ok);
    EXPECT_FALSE(kernel.translate(own(), VirtualAddress{base}).has_value());
    EXPECT_TRUE(kernel.translate(own(), VirtualAddress{base + page_size}).has_value());
}

TEST_F(VSpaceKernelTest, AddressesAreChecked) {
    const Word frame = make(ObjectType::SmallPage);
    EXPECT_EQ(map(frame, base + 1), failure(Error::AlignmentError));
    EXPECT_EQ(map(frame, Word{1} << 40), failure(Error::InvalidArgument, {0}));
    EXPECT_EQ(map_table(make(ObjectType::PageTable), Word{1} << 40),
              failure(Error::InvalidArgument, {0}));
    EXPECT_EQ(map(frame, base, read_write, cacheable, root.value),
              failure(Error::InvalidCapability, {1}));
}

TEST_F(VSpaceKernelTest, ALargePageTakesThePlaceOfATable) {
    ASSERT_EQ(map_table(make(ObjectType::PageTable), base), ok);
    const Word large = make(ObjectType::LargePage);
    ASSERT_EQ(map(large, base), ok);
    EXPECT_EQ(kernel.translate(own(), VirtualAddress{base + 0x1f'ffff})->physical,
              slot_at(large).cap.address + 0x1f'ffff);
    EXPECT_EQ(map(make(ObjectType::SmallPage), base), failure(Error::FailedLookup, {0, 2, 21}));
}

TEST_F(VSpaceKernelTest, UnmappingATableTakesItsFramesAway) {
    ASSERT_EQ(map_table(make(ObjectType::PageTable), base), ok);
    const Word table = make(ObjectType::PageTable);
    ASSERT_EQ(map_table(table, base), ok);
    EXPECT_EQ(map_table(table, base), failure(Error::InvalidCapability, {0}));
    const Word frame = make(ObjectType::SmallPage);
    ASSERT_EQ(map(frame, base), ok);
    ASSERT_EQ(listener.mappings.count(base), 1u);
    const Word second = free_slot++;
    ASSERT_EQ(copy(table, second), ok);
    EXPECT_EQ(invoke(table, I::PageTableUnmap), failure(Error::RevokeFirst));
    ASSERT_EQ(remove(second), ok);
    ASSERT_EQ(invoke(table, I::PageTableUnmap), ok);
    EXPECT_EQ(listener.mappings.count(base), 0u);
    ASSERT_EQ(map_table(table, base), ok);
    EXPECT_FALSE(kernel.translate(own(), VirtualAddress{base}).has_value());
}

TEST_F(VSpaceKernelTest, DeletingAFrameUnmapsIt) {
    map_tables(base);
    const Word frame = make(ObjectType::SmallPage);
    ASSERT_EQ(map(frame, base), ok);
    ASSERT_EQ(remove(frame), ok);
    EXPECT_FALSE(kernel.translate(own(), VirtualAddress{base}).has_value());
    EXPECT_EQ(listener.mappings.count(base), 0u);
}

TEST_F(VSpaceKernelTest, ANewVSpaceNeedsAnAsid) {
    const Word space = make(ObjectType::VSpace);
    const Word table = make(ObjectType::PageTable);
    EXPECT_EQ(map_table(table, base, space), failure(Error::InvalidCapability, {1}));
    EXPECT_EQ(copy(space, free_slot), failure(Error::IllegalOperation));
    const Word pool = sel4::root_slot::asid_pool.value;
    ASSERT_EQ(invoke(pool, I::AsidPoolAssign, {}, {space}), ok);
    EXPECT_EQ(invoke(pool, I::AsidPoolAssign, {}, {space}), failure(Error::InvalidCapability, {1}));
    EXPECT_EQ(map_table(table, base, space), ok);
    ASSERT_EQ(remove(space), ok);
    EXPECT_EQ(listener.destroyed_count, 1);
}

TEST_F(VSpaceKernelTest, AnAsidPoolIsMadeOfAnUntypedPage) {
    const Word control = sel4::root_slot::asid_control.value;
    const Word page = make(ObjectType::Untyped, 12);
    const Word pool = free_slot++;
    EXPECT_EQ(invoke(control, I::AsidControlMakePool, {pool, 64}, {untyped, root.value}),
              failure(Error::InvalidCapability, {1}));
    ASSERT_EQ(invoke(control, I::AsidControlMakePool, {pool, 64}, {page, root.value}), ok);
    const Word space = make(ObjectType::VSpace);
    ASSERT_EQ(invoke(pool, I::AsidPoolAssign, {}, {space}), ok);
    EXPECT_EQ(slot_at(space).cap.asid, 512);
    ASSERT_EQ(revoke(page), ok);
    EXPECT_EQ(map_table(make(ObjectType::PageTable), base, space),
              failure(Error::FailedLookup, {0, 1}));
}

TEST_F(VSpaceKernelTest, CacheMaintenanceIsCheckedAndUnificationTold) {
    const Word frame = make(ObjectType::SmallPage);
    EXPECT_EQ(invoke(frame, I::PageUnifyInstruction, {0, 64}), failure(Error::IllegalOperation));
    map_tables(base);
    ASSERT_EQ(map(frame, base), ok);
    EXPECT_EQ(invoke(frame, I::PageCleanData, {64, 64}), failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(invoke(frame, I::PageCleanData, {0, 4097}), failure(Error::InvalidArgument, {0}));
    EXPECT_EQ(invoke(frame, I::PageUnifyInstruction, {64, 128}), ok);
    EXPECT_EQ(listener.last_unified, (std::pair<Word, Word>{base + 64, 64}));
}

TEST_F(VSpaceKernelTest, AFramesPhysicalAddressIsTold) {
    const Word frame = make(ObjectType::SmallPage);
    EXPECT_EQ(invoke(frame, I::PageGetAddress),
              (Answer{Error::None, {slot_at(frame).cap.address.value()}}));
}

TEST_F(VSpaceKernelTest, AllMappingsAreVisitedInOrder) {
    map_tables(base);
    ASSERT_EQ(map(make(ObjectType::SmallPage), base + page_size), ok);
    ASSERT_EQ(map(make(ObjectType::SmallPage), base), ok);
    std::vector<Word> addresses;
    kernel.for_each_mapping(own(), [&](VirtualAddress address, const Mapping&) {
        addresses.push_back(address.value());
    });
    // Image, IPC buffer, boot information, and the two.
    EXPECT_EQ(addresses,
              (std::vector<Word>{0x40'0000, 0x40'1000, 0x40'2000, base, base + page_size}));
}

TEST_F(VSpaceKernelTest, FlushesThroughAVSpaceStayInOnePage) {
    const Word page = make(ObjectType::SmallPage);
    const Word at = 0x40'0000 + 16 * page_size;
    ASSERT_EQ(invoke(page, I::PageMap, {at, 3, 1}, {vspace.value}), ok);
    EXPECT_EQ(invoke(vspace, I::VSpaceUnifyInstruction, {at + 64, at + 4096}), ok);
    EXPECT_EQ(listener.last_unified, (std::pair<Word, Word>{at + 64, 4032}));
    EXPECT_EQ(invoke(vspace, I::VSpaceCleanData, {at + 64, at + 4097}),
              failure(Error::RangeError, {at + 64, at + 4095}));
    EXPECT_EQ(invoke(vspace, I::VSpaceCleanData, {at, at}), failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(invoke(vspace, I::VSpaceCleanData, {at, user_top + 1}),
              failure(Error::IllegalOperation));
    // Nothing is mapped there: nothing to do, whatever the range.
    EXPECT_EQ(invoke(vspace, I::VSpaceCleanData, {0x1000'0000, 0x2000'0000}), ok);
    EXPECT_EQ(invoke(make(ObjectType::VSpace), I::VSpaceCleanData, {0, 64}),
              failure(Error::InvalidCapability, {0}));
}

}  // namespace
}  // namespace kos::sim
