// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any messages in any order, with shared memory of 64 KiB that holds the rest of the input.
//
// Input: records of request (1), descriptors (1), payload's size (1), payload; request 0 ends them.
// Request 255 kicks the queue that its descriptors field names.

#include "vmm/engine/qemu/vhost_user/session.hpp"

#include "vmm/virtio/testing/echo_device.hpp"
#include "vmm/virtio/testing/fuzz_device.hpp"

#include <set>
#include <sys/eventfd.h>
#include <sys/mman.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos;
    using namespace kos::vhost_user;
    struct Watcher final : KickWatcher {
        void watch(unsigned /*queue*/, sys::Fd kick) override {
            if (!kicks.insert(kick).second) panic("watched twice");
        }
        void unwatch(sys::Fd kick) override {
            if (kicks.erase(kick) == 0) panic("was not watched");
        }
        std::set<sys::Fd> kicks;
    } watcher;
    constexpr std::size_t memory = 16 * page_size;
    const sys::UniqueFd file{::memfd_create("guest", MFD_CLOEXEC)};
    const sys::UniqueFd event{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (::ftruncate(file.get(), memory) != 0) return 0;
    if (::pwrite(file.get(), data, std::min<std::size_t>(size, memory), 0) < 0) return 0;
    {
        virtio::EchoDevice device;
        Session session{device, watcher, [](const std::string&) {}};
        virtio::FuzzInput input{data, size};
        for (int count = 0; !input.empty() && count < 200; ++count) {
            const std::uint8_t request = input.take();
            const std::uint8_t descriptors = input.take();
            if (request == 0) break;
            if (request == 255) {
                session.kicked(descriptors % 2);
                continue;
            }
            Message message;
            message.request = static_cast<Request>(request);
            const Bytes payload = input.bytes(input.take());
            message.payload.assign(payload.begin(), payload.end());
            const sys::Fd source =
                message.request == Request::SetMemTable ? file.get() : event.get();
            for (int i = 0; i < descriptors % 4; ++i)
                message.descriptors.emplace_back(::dup(source));
            (void)session.handle(message);
        }
    }
    if (!watcher.kicks.empty()) panic("a descriptor is still watched");
    return 0;
}
