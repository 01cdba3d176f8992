// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest that a stock QEMU runs, its devices served over vhost-user on the caller's event loop.
// Nothing of it has a name in the file system: files and sockets are inherited descriptors.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/linux/unique_fd.hpp"
#include "vmm/virtio/net/layout.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kos::qemu {

struct GuestDisk {
    std::string serial;
    Bytes content;
};

/// A file, read and written.
struct GuestVolume {
    std::string serial;
    std::string path;
};

/// Bytes are borrowed and outlive the guest.
class Network;

struct GuestInterface {
    virtio::MacAddress mac{};
    Network* network = nullptr;  ///< outlives the guest; null: it leads nowhere
    bool is_uplink = false;      ///< to the host's network, by passt
};

struct GuestSpec {
    std::string name;          ///< in messages
    std::uint64_t memory = 0;  ///< bytes
    std::uint32_t vcpus = 1;
    Bytes kernel, initrd;  ///< the initrd may be empty
    std::string command_line;
    std::vector<GuestDisk> disks;      ///< read-only
    std::vector<GuestVolume> volumes;  ///< behind the disks
    std::vector<GuestInterface> interfaces;
};

class Guest {
   public:
    /// Called on the event loop's thread, never from within a call of the guest's own functions.
    struct Events {
        /// QEMU has ended, by the guest's own doing or not. The last event.
        std::function<void(bool switched_off)> over;
        std::function<void(bool is_open)> link;
        std::function<void(Bytes)> received;
        /// Whole records (lib/vm/external.hpp) about streams that the guest asks for.
        std::function<void(Bytes)> records;
    };

    /// KOS-E-TARGET where QEMU cannot be started.
    static Outcome<std::unique_ptr<Guest>> start(sys::EventLoop& loop, const GuestSpec& spec,
                                                 Events events);
    virtual ~Guest() = default;

    /// Opens or closes the stream to the control service. Opening is tried until the guest answers.
    virtual void set_link(bool is_open) = 0;
    virtual void send(Bytes bytes) = 0;
    virtual void consumed(std::uint32_t count) = 0;
    /// Whole records of the VMM's about such streams.
    virtual void send_records(Bytes records) = 0;
    /// Another stream to the control service, for \p socket (lib/linux's, which must not block): it
    /// reads "OK PORT" and a newline first, or is closed.
    virtual void connect(sys::UniqueFd socket) = 0;
    /// The last lines of its console, oldest first.
    [[nodiscard]] virtual std::vector<std::string> console() const = 0;

   protected:
    Guest() = default;
};

/// The QEMU command for a guest whose descriptors have these numbers; exposed for tests.
struct GuestDescriptors {
    int kernel = -1, initrd = -1;
    std::vector<int> disks;
    std::vector<std::string> interfaces;  ///< names of abstract sockets
    int vsock = -1, entropy = -1;
};
[[nodiscard]] std::vector<std::string> command_for(const GuestSpec& spec,
                                                   const GuestDescriptors& descriptors);

}  // namespace kos::qemu
