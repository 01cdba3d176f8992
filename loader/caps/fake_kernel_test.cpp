// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/fake_kernel_test.hpp"

#include "lib/sel4/abi.hpp"
#include "lib/sel4/syscall.hpp"

namespace kos::caps::testing {

namespace {

FakeKernel* running = nullptr;
sel4::IpcBuffer buffer;

}  // namespace

FakeKernel::FakeKernel() { running = this; }
FakeKernel::~FakeKernel() { running = nullptr; }

sel4::Error FakeKernel::answer(std::uint64_t invocation, std::uint64_t target,
                               const std::uint64_t (&words)[6]) {
    if (calls_++ == refused_) return sel4::Error::NotEnoughMemory;
    if (invocation == sel4::abi().label(sel4::Invocation::UntypedRetype)) {
        return retype(target, static_cast<unsigned>(words[1]), words[4], words[5]);
    }
    if (invocation == sel4::abi().label(sel4::Invocation::CNodeRevoke)) {
        delete_children(words[0]);
        return untypeds_.contains(words[0]) ? sel4::Error::None : sel4::Error::FailedLookup;
    }
    return sel4::Error::IllegalOperation;
}

sel4::Error FakeKernel::retype(std::uint64_t target, unsigned size_bits, std::uint64_t first_slot,
                               std::uint64_t count) {
    const auto parent = untypeds_.find(target);
    if (parent == untypeds_.end()) return sel4::Error::InvalidCapability;
    for (const auto& [slot, untyped] : untypeds_) {
        if (untyped.parent == target) return sel4::Error::NotEnoughMemory;  // nothing is left of it
        if (slot >= first_slot && slot < first_slot + count) return sel4::Error::DeleteFirst;
    }
    if (count << size_bits > std::uint64_t{1} << parent->second.size_bits) {
        return sel4::Error::NotEnoughMemory;
    }
    for (std::uint64_t slot = first_slot; slot < first_slot + count; ++slot) {
        untypeds_[slot] = {size_bits, target};
    }
    return sel4::Error::None;
}

void FakeKernel::delete_children(std::uint64_t slot) {
    for (auto it = untypeds_.begin(); it != untypeds_.end();) {
        if (it->second.parent == slot) {
            delete_children(it->first);
            it = untypeds_.erase(it);
        } else {
            ++it;
        }
    }
}

}  // namespace kos::caps::testing

namespace kos::sel4 {

IpcBuffer& ipc_buffer() { return caps::testing::buffer; }

Message call(CPtr destination, const Message& message) {
    const auto& further = ipc_buffer().message;
    const std::uint64_t words[6]{message.words[0], message.words[1], message.words[2],
                                 message.words[3], further[4],       further[5]};
    const Error error =
        caps::testing::running->answer(message.info.label(), destination.value, words);
    return {MessageInfo{static_cast<Word>(error), 0, 0}, {}, 0};
}

}  // namespace kos::sel4
