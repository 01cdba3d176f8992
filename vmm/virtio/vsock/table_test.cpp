// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/vsock/table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

namespace kos::virtio {
namespace {

TEST(ConnectionTable, AFullTableTakesNoMore) {
    std::vector<Connection> storage(2);
    ConnectionTable table{storage};
    const auto first = table.add({1, 1});
    ASSERT_TRUE(first && table.add({2, 1}));
    EXPECT_FALSE(table.add({3, 1}));
    table.remove(*first);
    EXPECT_FALSE(table.find({1, 1}));
    EXPECT_EQ(table.add({3, 1}), first);
}

/// The table against a map, and its queue against a deque.
RC_GTEST_PROP(ConnectionTableProperty, ItIsAMapAndAQueue, ()) {
    std::vector<Connection> storage(20);
    ConnectionTable table{storage};
    std::map<StreamPorts, StreamId> model;
    std::deque<StreamId> queue;
    for (int i = 0; i < 200; ++i) {
        const StreamPorts ports{*rc::gen::inRange(0u, 30u), 1000};
        const auto found = table.find(ports);
        const auto expected = model.find(ports);
        RC_ASSERT(found.has_value() == (expected != model.end()));
        if (found) RC_ASSERT(*found == expected->second);
        switch (*rc::gen::inRange(0, 5)) {
            case 0:
                if (found) break;
                if (const auto id = table.add(ports)) model[ports] = *id;
                break;
            case 1:
                if (!found) break;
                table.remove(*found);
                model.erase(ports);
                std::erase(queue, *found);
                break;
            case 2:
                if (!found) break;
                table.make_ready(*found);
                if (std::ranges::find(queue, *found) == queue.end()) queue.push_back(*found);
                break;
            case 3:
                if (!found) break;
                table.put_back(*found);
                if (std::ranges::find(queue, *found) == queue.end()) queue.push_front(*found);
                break;
            default: {
                const auto id = table.take_ready();
                RC_ASSERT(id.has_value() == !queue.empty());
                if (!id) break;
                RC_ASSERT(*id == queue.front());
                queue.pop_front();
            }
        }
        RC_ASSERT(table.size() == model.size());
    }
}

}  // namespace
}  // namespace kos::virtio
