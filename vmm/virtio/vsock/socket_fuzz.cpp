// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A driver of a socket device that goes by the input, and a host's end that does as well; see
// testing/fuzz_device.hpp.

#include "vmm/virtio/vsock/socket.hpp"

#include "vmm/virtio/testing/fuzz_device.hpp"

#include <set>

namespace {

using namespace kos;
using namespace kos::virtio;

struct Host final : SocketHost {
    void connect_requested(StreamId id, StreamPorts ports) override {
        if (!streams.insert(id).second) panic("a stream was opened twice");
        if (ports.host % 3 == 0) {
            streams.erase(id);
            device->refuse(id);
        } else if (ports.host % 3 == 1) {
            device->accept(id, 1 + ports.guest % 300);
        }
    }
    void connected(StreamId id) override { expect(id); }
    void received(StreamId id, ReadableBuffers bytes) override {
        expect(id);
        bytes.each(bytes.size(), [this](Bytes part) { sum += static_cast<unsigned>(part.back()); });
        if (sum % 2 == 0) device->consumed(id, static_cast<std::uint32_t>(bytes.size()));
        if (sum % 7 == 0) device->wake(id);
        if (sum % 11 == 0) device->close(id);
    }
    std::uint64_t send(StreamId id, WritableBuffers target) override {
        expect(id);
        const std::uint64_t size = std::min<std::uint64_t>(target.size(), sum++ % 100);
        target.fill_zero(size);
        return size;
    }
    void guest_finished(StreamId id, bool, bool) override {
        expect(id);
        if (sum % 2 == 0) device->close(id);
    }
    void closed(StreamId id) override {
        expect(id);
        streams.erase(id);
    }
    void expect(StreamId id) const {
        if (!streams.contains(id)) panic("a stream that is none");
    }

    Socket* device = nullptr;
    std::set<StreamId> streams;
    unsigned sum = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::array<Connection, 5> storage;
    Host host;
    Socket device{host, 3, storage};
    host.device = &device;
    fuzz_device(device, 0, FuzzInput{data, size}, [&](FuzzInput& rest) {
        const StreamId id{static_cast<std::uint16_t>(rest.take() % 6)};
        const bool known = host.streams.contains(id);
        switch (rest.take() % 7) {
            case 0:
                device.wake(id);
                break;
            case 1:
                device.consumed(id, rest.take<std::uint16_t>());
                break;
            case 2:
                device.finish(id);
                break;
            case 3:
                if (known) device.close(id);
                break;
            case 4:
                if (!known) break;
                host.streams.erase(id);
                device.abort(id);
                break;
            case 5:
                device.accept(id, rest.take<std::uint16_t>());
                break;
            default:
                if (const auto made = device.connect({rest.take(), 1}, 100))
                    host.streams.insert(*made);
        }
    });
    return 0;
}
