// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/memory/address_space.hpp"

#include "lib/native/manager.hpp"
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace kos::libos {
namespace {

using testing::FakeManager;

constexpr std::uint8_t read_write = 3;
constexpr Range window{FakeManager::window.start, 4u << 20};
constexpr std::uint64_t heap = 1u << 20;

class AddressSpaceTest : public ::testing::Test {
   protected:
    VirtualAddress map(std::uint64_t page_count, std::uint8_t protection = read_write) {
        return memory_.map({{}, page_count * page_size, protection}).value();
    }
    static Range pages(VirtualAddress start, std::uint64_t first, std::uint64_t count) {
        return {start + first * page_size, count * page_size};
    }
    std::byte& byte_at(VirtualAddress address) { return *manager_.memory(address.value()); }

    FakeManager manager_;
    std::vector<Area> storage_ = std::vector<Area>(256);
    AddressSpace memory_{FakeManager::brk_area, window, heap, storage_};
};

TEST_F(AddressSpaceTest, MapsAtTheLowestFreePlace) {
    const auto first = map(2), second = map(1);
    EXPECT_EQ(first, window.start);
    EXPECT_EQ(second, window.start + 2 * page_size);
}

TEST_F(AddressSpaceTest, AReservationCostsNoRequest) {
    const auto before = manager_.requests;
    const auto reserved = map(100, native::protect_none);
    EXPECT_EQ(manager_.requests, before);
    ASSERT_TRUE(memory_.protect(pages(reserved, 3, 2), read_write).ok());
    EXPECT_EQ(manager_.protection((reserved + 3 * page_size).value()), read_write);
    EXPECT_FALSE(manager_.protection((reserved + 2 * page_size).value()));
}

TEST_F(AddressSpaceTest, AHintIsHonouredWhereItIsFree) {
    const auto wanted = window.start + 100 * page_size;
    EXPECT_EQ(memory_.map({wanted, page_size, read_write}).value(), wanted);
    EXPECT_NE(memory_.map({wanted, page_size, read_write}).value(), wanted);
}

TEST_F(AddressSpaceTest, AFixedPlaceIsReplacedOrRefused) {
    const auto old = map(4);
    byte_at(old) = std::byte{1};
    EXPECT_EQ(memory_.map({old, page_size, read_write, true, false}).error(), Errno::Eexist);
    EXPECT_EQ(memory_.map({old, page_size, read_write, true, true}).value(), old);
    EXPECT_EQ(byte_at(old), std::byte{0});
    EXPECT_EQ(memory_.map({VirtualAddress{0x1000}, page_size, read_write, true}).error(),
              Errno::Enomem);
}

TEST_F(AddressSpaceTest, MemoryThatIsUsedAgainIsZeroAndCostsNoRequest) {
    const auto first = map(8);
    std::memset(&byte_at(first), 0xff, 8 * page_size);
    const auto before = manager_.requests;
    ASSERT_TRUE(memory_.unmap(pages(first, 0, 8)).ok());
    EXPECT_EQ(map(8), first);
    EXPECT_EQ(manager_.requests, before);
    const std::byte* const bytes = &byte_at(first);
    EXPECT_TRUE(std::all_of(bytes, bytes + 8 * page_size,
                            [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST_F(AddressSpaceTest, SpareMemoryIsFreeToWhoNamesItsPlace) {
    const auto first = map(8);
    ASSERT_TRUE(memory_.unmap(pages(first, 0, 8)).ok());
    EXPECT_EQ(memory_.protect(pages(first, 0, 8), 1).error(), Errno::Enomem);
    EXPECT_FALSE(manager_.protection(first.value()));
    EXPECT_EQ(memory_.map({first + page_size, page_size, read_write}).value(), first + page_size);
}

TEST_F(AddressSpaceTest, NoMoreThanAnEighthOfTheHeapIsKeptSpare) {
    const std::uint64_t eighth = heap / 8 / page_size;
    const auto kept = map(eighth), given_back = map(1);
    ASSERT_TRUE(memory_.unmap(pages(kept, 0, eighth)).ok());
    ASSERT_TRUE(memory_.unmap(pages(given_back, 0, 1)).ok());
    EXPECT_TRUE(manager_.protection(kept.value()));
    EXPECT_FALSE(manager_.protection(given_back.value()));
}

TEST_F(AddressSpaceTest, APartOfAMappingGoes) {
    const auto whole = map(3);
    ASSERT_TRUE(memory_.unmap(pages(whole, 1, 1)).ok());
    EXPECT_EQ(memory_.protect(pages(whole, 0, 3), 1).error(), Errno::Enomem);
    EXPECT_TRUE(memory_.protect(pages(whole, 0, 1), 1).ok());
    EXPECT_TRUE(memory_.protect(pages(whole, 2, 1), 1).ok());
    EXPECT_FALSE(manager_.protection((whole + page_size).value()));
}

TEST_F(AddressSpaceTest, DiscardedMemoryReadsAsZeros) {
    const auto address = map(2);
    byte_at(address) = byte_at(address + page_size) = std::byte{7};
    ASSERT_TRUE(memory_.discard(pages(address, 1, 1)).ok());
    EXPECT_EQ(byte_at(address), std::byte{7});
    EXPECT_EQ(byte_at(address + page_size), std::byte{0});
}

TEST_F(AddressSpaceTest, GrowsInPlaceWhereThereIsRoom) {
    const auto address = map(1);
    byte_at(address) = std::byte{9};
    EXPECT_EQ(memory_.resize(pages(address, 0, 1), 3 * page_size, false).value(), address);
    EXPECT_EQ(byte_at(address), std::byte{9});
    EXPECT_EQ(manager_.protection((address + 2 * page_size).value()), read_write);
}

TEST_F(AddressSpaceTest, MovesWhereThereIsNoRoom) {
    const auto address = map(1);
    map(1);
    byte_at(address) = std::byte{9};
    EXPECT_EQ(memory_.resize(pages(address, 0, 1), 3 * page_size, false).error(), Errno::Enomem);
    const auto moved = memory_.resize(pages(address, 0, 1), 3 * page_size, true).value();
    EXPECT_NE(moved, address);
    EXPECT_EQ(byte_at(moved), std::byte{9});
}

TEST_F(AddressSpaceTest, ShrinksInPlace) {
    const auto address = map(3);
    EXPECT_EQ(memory_.resize(pages(address, 0, 3), page_size, false).value(), address);
    EXPECT_EQ(memory_.protect(pages(address, 1, 1), 1).error(), Errno::Enomem);
    EXPECT_TRUE(memory_.protect(pages(address, 0, 1), 1).ok());
}

TEST_F(AddressSpaceTest, TheBreakMovesBothWays) {
    const auto base = FakeManager::brk_area.start;
    EXPECT_EQ(memory_.set_break({}), base);
    EXPECT_EQ(memory_.set_break(base + 10), base + 10);
    EXPECT_EQ(manager_.protection(base.value()), read_write);
    byte_at(base + 5) = std::byte{1};
    EXPECT_EQ(memory_.set_break(base + 3 * page_size), base + 3 * page_size);
    EXPECT_EQ(byte_at(base + 5), std::byte{1});
    EXPECT_EQ(memory_.set_break(base), base);
    EXPECT_FALSE(manager_.protection(base.value()));
    EXPECT_EQ(memory_.set_break(FakeManager::brk_area.end() + 1), base);
}

TEST_F(AddressSpaceTest, TheBreakStaysWhereTheManagerRefuses) {
    manager_.refuse_with = static_cast<std::uint64_t>(Errno::Enomem);
    const auto base = FakeManager::brk_area.start;
    EXPECT_EQ(memory_.set_break(base + page_size), base);
}

TEST_F(AddressSpaceTest, AGuardFitsIntoTheBreakArea) {
    const auto base = FakeManager::brk_area.start;
    memory_.set_break(base + 2 * page_size);
    EXPECT_EQ(memory_.map({base, page_size, native::protect_none, true}).value(), base);
    EXPECT_FALSE(manager_.protection(base.value()));
    EXPECT_EQ(memory_.set_break(base + 3 * page_size), base + 3 * page_size);
    EXPECT_FALSE(manager_.protection(base.value()));
}

TEST_F(AddressSpaceTest, AFullWindowIsSaid) {
    EXPECT_EQ(memory_.map({{}, window.size + page_size, read_write}).error(), Errno::Enomem);
    map(window.size / page_size);
    EXPECT_EQ(memory_.map({{}, page_size, native::protect_none}).error(), Errno::Enomem);
}

/// Every page has the protection that the app gave it, with the manager and in the areas, and
/// holds what the app wrote or zero.
class PageModel {
   public:
    struct Page {
        std::uint64_t protection;
        std::byte value;
    };

    void set(const Range& range, std::uint64_t protection) {
        for (auto at = range.start; at < range.end(); at = at + page_size) {
            pages_[at.value()] = {protection, std::byte{0}};
        }
    }
    void clear(const Range& range) {
        pages_.erase(pages_.lower_bound(range.start.value()),
                     pages_.lower_bound(range.end().value()));
    }
    void protect(const Range& range, std::uint64_t protection) {
        for (auto at = range.start; at < range.end(); at = at + page_size) {
            pages_.at(at.value()).protection = protection;
        }
    }
    [[nodiscard]] bool covers(const Range& range) const {
        for (auto at = range.start; at < range.end(); at = at + page_size) {
            if (!pages_.contains(at.value())) return false;
        }
        return true;
    }
    void write(std::uint64_t page, std::byte value, FakeManager& manager) {
        pages_.at(page).value = value;
        *manager.memory(page) = value;
    }
    void check(const FakeManager& manager) const {
        for (const auto& [address, page] : pages_) {
            const auto mapped = manager.protection(address);
            RC_ASSERT(mapped.value_or(native::protect_none) == page.protection);
            if (page.protection != native::protect_none) {
                RC_ASSERT(*manager.memory(address) == page.value);
            }
        }
    }
    [[nodiscard]] const std::map<std::uint64_t, Page>& pages() const { return pages_; }

   private:
    std::map<std::uint64_t, Page> pages_;
};

RC_GTEST_PROP(AddressSpaceProperty, WhatTheAppAskedForIsWhatTheManagerHas, ()) {
    FakeManager manager;
    std::vector<Area> storage(256);
    AddressSpace memory{
        FakeManager::brk_area, {FakeManager::window.start, 64 * page_size}, heap, storage};
    PageModel model;
    const auto some_range = [] {
        const auto first = *rc::gen::inRange<std::uint64_t>(0, 56);
        const auto count = *rc::gen::inRange<std::uint64_t>(1, 9);
        return Range{FakeManager::window.start + first * page_size, count * page_size};
    };
    for (int step = 0; step < 30; ++step) {
        const Range range = some_range();
        const auto protection = *rc::gen::element<std::uint8_t>(0, 1, 3);
        switch (*rc::gen::inRange(0, 6)) {
            case 0: {
                const auto address = memory.map({{}, range.size, protection});
                if (!address) break;
                RC_ASSERT(!model.covers({*address, page_size}));
                model.set({*address, range.size}, protection);
                break;
            }
            case 1:
                RC_ASSERT(memory.map({range.start, range.size, protection, true}).ok());
                model.set(range, protection);
                break;
            case 2:
                RC_ASSERT(memory.unmap(range).ok());
                model.clear(range);
                break;
            case 3: {
                const bool covered = model.covers(range);
                // What was reserved and is made accessible is fresh; the rest keeps its bytes.
                RC_ASSERT(memory.protect(range, protection).ok() == covered);
                if (covered) model.protect(range, protection);
                break;
            }
            case 4:
                for (const auto& [address, page] : model.pages()) {
                    if (page.protection == read_write) {
                        model.write(address, std::byte{0x5a}, manager);
                    }
                }
                break;
            default:
                RC_ASSERT(memory.discard(range).ok() == model.covers(range));
                if (model.covers(range)) {
                    for (auto at = range.start; at < range.end(); at = at + page_size) {
                        model.set({at, page_size}, model.pages().at(at.value()).protection);
                    }
                }
                break;
        }
        model.check(manager);
    }
}

}  // namespace
}  // namespace kos::libos
