// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/inprocess/system.hpp"

#include "lib/sel4/invoke.hpp"
#include "lib/sel4/syscall.hpp"

#include <gtest/gtest.h>

namespace kos::inprocess {
namespace {

using namespace sel4;

/// A system, and the largest normal untyped of its initial thread.
class SystemTest : public ::testing::Test {
   protected:
    SystemTest() : system(must(System::create(), "a default system boots")) {
        const BootInfo& info = system->boot_info();
        free_slot = info.empty.start;
        unsigned largest = 0;
        for (Word i = 0; i < info.untyped.count(); ++i) {
            const UntypedDescription& description = info.untypeds[i];
            if (description.is_device != 0 || description.size_bits <= largest) continue;
            largest = description.size_bits;
            untyped = Cap<Untyped>{info.untyped.start + i};
        }
    }

    Word make(ObjectType type, unsigned size_bits = 0) {
        const Word slot = free_slot++;
        EXPECT_TRUE(
            untyped_retype(untyped, type, size_bits, {.root = root, .offset = slot}, 1).ok());
        return slot;
    }
    /// A thread in the initial thread's spaces that starts at `entry`.
    Cap<Tcb> make_thread(Word entry, Word priority, Cap<Endpoint> fault_endpoint = {}) {
        const Cap<Tcb> tcb{make(ObjectType::Tcb)};
        const Cap<SchedContext> context{make(ObjectType::SchedContext, 7)};
        const BootInfo& info = system->boot_info();
        EXPECT_TRUE(sched_control_configure(Cap<SchedControl>{info.sched_control.start}, context,
                                            {.budget = 1000, .period = 1000})
                        .ok());
        EXPECT_TRUE(tcb_configure(tcb,
                                  {.cspace = root,
                                   .cspace_guard = cnode_guard(0, 52),
                                   .vspace = Cap<VSpace>{root_slot::vspace}},
                                  0, {})
                        .ok());
        EXPECT_TRUE(tcb_set_sched_params(tcb, Cap<Tcb>{root_slot::tcb}, 255, priority, context,
                                         fault_endpoint)
                        .ok());
        UserContext registers{};
        registers.pc = entry;
        EXPECT_TRUE(tcb_write_registers(tcb, true, registers).ok());
        return tcb;
    }

    std::unique_ptr<System> system;
    Cap<Untyped> untyped;
    Word free_slot = 0;
    const Cap<CNode> root{root_slot::cnode};
};

TEST_F(SystemTest, TheInitialThreadCanReadItsBootInformation) {
    const BootInfo& info = system->boot_info();
    EXPECT_EQ(info.root_cnode_bits, 12u);
    EXPECT_EQ(info.user_image_frames.count(), 1u);
    EXPECT_GT(info.untyped.count(), 1u);
    EXPECT_EQ(info.empty.end, 4096u);
}

TEST_F(SystemTest, AFrameThatIsMappedCanBeWrittenThroughTheVSpace) {
    const Cap<Frame> frame{make(ObjectType::SmallPage)};
    const Cap<VSpace> vspace{root_slot::vspace};
    constexpr Word address = 0x50'0000;
    const Cap<PageTable> table{make(ObjectType::PageTable)};
    // 0x50'0000 lies in the same 2 MiB as the image, which has its table.
    ASSERT_EQ(page_table_map(table, vspace, address, VmAttributes::Cacheable).error().error,
              Error::DeleteFirst);
    ASSERT_TRUE(page_map(frame, vspace, address, read_write, VmAttributes::Cacheable).ok());
    *vspace_pointer(address) = std::byte{42};

    const auto physical = page_get_address(frame);
    ASSERT_TRUE(physical.ok());
    EXPECT_EQ(system->kernel().memory().bytes(PhysicalAddress{*physical}, 1)[0], std::byte{42});
}

TEST_F(SystemTest, ACallIsAnsweredByAnotherThread) {
    const Cap<Endpoint> endpoint{make(ObjectType::Endpoint)};
    const Cap<Reply> reply{make(ObjectType::Reply)};
    system->set_program(VirtualAddress{0x1000}, [&](sim::Thread&) {
        Message message{MessageInfo{7, 0, 1}, {41}};
        const Message answer = call(endpoint.cptr(), message);
        send(endpoint.cptr(), {MessageInfo{8, 0, 1}, {answer.words[0]}});
    });
    make_thread(0x1000, 100);

    const Message request = recv(endpoint.cptr(), reply);
    EXPECT_EQ(request.info.label(), 7u);
    EXPECT_EQ(request.words[0], 41u);
    const Message second =
        reply_recv(endpoint.cptr(), {MessageInfo{0, 0, 1}, {request.words[0] + 1}}, reply);
    EXPECT_EQ(second.info.label(), 8u);
    EXPECT_EQ(second.words[0], 42u);
}

TEST_F(SystemTest, AFaultReachesTheHandlerAndItsAnswerLetsTheThreadGoOn) {
    const Cap<Endpoint> endpoint{make(ObjectType::Endpoint)};
    const Cap<Reply> reply{make(ObjectType::Reply)};
    bool went_on = false;
    system->set_default_program([&](sim::Thread&) {
        raise_vm_fault(
            {.address = VirtualAddress{0xdead'0000}, .is_write = true, .syndrome = 0x47});
        went_on = true;
        call(endpoint.cptr(), {});
    });
    make_thread(0x2000, 100, endpoint);

    const Message fault = recv(endpoint.cptr(), reply);
    EXPECT_EQ(fault.info.label(), 6u);
    EXPECT_EQ(fault.words[0], 0x2000u);
    EXPECT_EQ(fault.words[1], 0xdead'0000u);
    EXPECT_FALSE(went_on);
    reply_recv(endpoint.cptr(), {}, reply);
    EXPECT_TRUE(went_on);
}

TEST_F(SystemTest, ACallThatNobodyWillAnswerIsADeadlock) {
    const Cap<Endpoint> endpoint{make(ObjectType::Endpoint)};
    EXPECT_THROW(call(endpoint.cptr(), {}), Deadlock);
}

}  // namespace
}  // namespace kos::inprocess
