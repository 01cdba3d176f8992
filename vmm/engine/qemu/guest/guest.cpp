// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/guest/guest.hpp"

#include "vmm/engine/qemu/backend/entropy.hpp"
#include "vmm/engine/qemu/backend/file_disk.hpp"
#include "vmm/engine/qemu/backend/stream_link.hpp"
#include "vmm/engine/qemu/backend/unix_sockets.hpp"
#include "vmm/engine/qemu/guest/control_stream.hpp"
#include "vmm/engine/qemu/guest/message_streams.hpp"
#include "vmm/engine/qemu/guest/passt.hpp"
#include "vmm/engine/qemu/guest/process.hpp"
#include "vmm/engine/qemu/network/switch_link.hpp"
#include "vmm/engine/qemu/vhost_user/server.hpp"
#include "vmm/virtio/blk/block.hpp"
#include "vmm/virtio/blk/memory_disk.hpp"
#include "vmm/virtio/net/net.hpp"
#include "vmm/virtio/net/no_link.hpp"
#include "vmm/virtio/rng/entropy.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <deque>
#include <optional>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kos::qemu {

namespace {

constexpr std::uint32_t control_port = 1001;
constexpr std::uint64_t guest_cid = 3;
constexpr std::size_t most_streams = 64;
constexpr std::size_t most_console_lines = 100;
constexpr std::size_t longest_console_line = 4096;  // a longer one is taken apart
/// Between two attempts to reach the control service.
constexpr long retry_nanoseconds = 20'000'000;

Err<Error> system_error(const std::string& what) {
    return fail(ErrorCode::Target, what, std::strerror(errno));
}

/// A file without a name, for QEMU to read.
Outcome<sys::UniqueFd> anonymous_file(const char* name, Bytes content) {
    sys::UniqueFd file{::memfd_create(name, MFD_CLOEXEC)};
    for (std::size_t done = 0; file && done < content.size();) {
        const ssize_t written = ::write(file.get(), content.data() + done, content.size() - done);
        if (written < 0 && errno != EINTR) file.reset();
        if (written > 0) done += static_cast<std::size_t>(written);
    }
    if (!file) return system_error(name);
    return file;
}

/// A device and the socket by which QEMU has it.
struct Served {
    std::unique_ptr<vhost_user::Server> server;
    sys::UniqueFd theirs;
};

struct ServedDisk {
    ServedDisk(Bytes content, std::string_view serial) : disk(content), device(disk, serial) {}
    virtio::MemoryDisk disk;
    virtio::Block device;
    Served served;
};

struct ServedVolume {
    ServedVolume(FileDisk file, std::string_view serial)
        : disk(std::move(file)), device(disk, serial) {}
    FileDisk disk;
    virtio::Block device;
    Served served;
};

struct ServedInterface {
    explicit ServedInterface(const virtio::MacAddress& mac) : device(none, mac) {}
    ServedInterface(std::unique_ptr<SwitchLink> link, const virtio::MacAddress& mac)
        : joined(std::move(link)), device(*joined, mac) {
        joined->attach(device);
    }
    ServedInterface(Process process, std::unique_ptr<StreamLink> link,
                    const virtio::MacAddress& mac)
        : passt(std::move(process)), outwards(std::move(link)), device(*outwards, mac) {
        outwards->attach(device);
    }
    virtio::NoLink none;
    std::unique_ptr<SwitchLink> joined;
    std::optional<Process> passt;
    std::unique_ptr<StreamLink> outwards;
    virtio::Net device;
    Served served;
};

Outcome<std::unique_ptr<ServedInterface>> make_uplink(sys::EventLoop& loop,
                                                      const virtio::MacAddress& mac) {
    Passt passt = KOS_TRY(start_passt());
    auto link = StreamLink::create(loop, std::move(passt.socket));
    if (!link) return fail(ErrorCode::Target, "passt", sys::describe(link.error()));
    return std::make_unique<ServedInterface>(std::move(passt.process), std::move(link).value(),
                                             mac);
}

Outcome<std::unique_ptr<ServedInterface>> make_interface(sys::EventLoop& loop,
                                                         const GuestInterface& interface) {
    if (interface.is_uplink) return make_uplink(loop, interface.mac);
    if (interface.network == nullptr) return std::make_unique<ServedInterface>(interface.mac);
    auto link = SwitchLink::join(*interface.network, interface.mac);
    if (link) return std::make_unique<ServedInterface>(std::move(link), interface.mac);
    return fail(ErrorCode::Target, "a network interface",
                "its address is on the network already, or the network has no port left");
}

/// The VMM's own stream, those that the guest asks the VMM for, and those of other programs on the
/// host.
class Streams final : public virtio::SocketHost {
   public:
    Streams(ControlStream& own, MessageStreams& asked, UnixSockets& others)
        : own_(own), asked_(asked), others_(others) {}

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override {
        asked_.connect_requested(id, ports);
    }
    void connected(virtio::StreamId id) override { of(id).connected(id); }
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override {
        of(id).received(id, bytes);
    }
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override {
        return of(id).send(id, target);
    }
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override {
        of(id).guest_finished(id, sending, receiving);
    }
    void closed(virtio::StreamId id) override { of(id).closed(id); }

   private:
    virtio::SocketHost& of(virtio::StreamId id) {
        if (own_.has(id)) return own_;
        if (asked_.has(id)) return asked_;
        return others_;
    }
    ControlStream& own_;
    MessageStreams& asked_;
    UnixSockets& others_;
};

class QemuGuest final : public Guest {
   public:
    QemuGuest(sys::EventLoop& loop, Events events)
        : loop_(loop),
          events_(std::move(events)),
          stream_({.opened = [this] { link_is(true); },
                   .closed = [this] { link_is(false); },
                   .refused = [this] { retry_later(); },
                   .received = [this](Bytes bytes) { events_.received(bytes); }}),
          asked_([this](Bytes records) { events_.records(records); }),
          others_(loop),
          sockets_(streams_, guest_cid, connections_),
          entropy_(host_entropy_) {
        stream_.attach(sockets_);
        asked_.attach(sockets_);
        others_.attach(sockets_);
    }

    ~QemuGuest() override {
        if (process_) {
            loop_.remove(process_->messages());
            loop_.remove(process_->pidfd());
        }
        if (timer_) loop_.remove(timer_.get());
        for (const auto& interface : interfaces_) {
            if (interface->passt) loop_.remove(interface->passt->messages());
        }
    }

    Outcome<void> start(const GuestSpec& spec) {
        const sys::UniqueFd kernel = KOS_TRY(anonymous_file("guest-kernel", spec.kernel));
        sys::UniqueFd initrd;
        GuestDescriptors numbers;
        numbers.kernel = kernel.get();
        if (!spec.initrd.empty()) {
            initrd = KOS_TRY(anonymous_file("guest-initrd", spec.initrd));
            numbers.initrd = initrd.get();
        }
        for (const GuestDisk& disk : spec.disks) {
            auto& made =
                *disks_.emplace_back(std::make_unique<ServedDisk>(disk.content, disk.serial));
            numbers.disks.push_back(KOS_TRY(serve(made.device, made.served)));
        }
        for (const GuestVolume& volume : spec.volumes) {
            auto file = FileDisk::open(volume.path, false);
            if (!file) return fail(ErrorCode::File, volume.path, sys::describe(file.error()));
            auto& made = *volumes_.emplace_back(
                std::make_unique<ServedVolume>(std::move(file).value(), volume.serial));
            numbers.disks.push_back(KOS_TRY(serve(made.device, made.served)));
        }
        for (const GuestInterface& interface : spec.interfaces) {
            auto& made = *interfaces_.emplace_back(KOS_TRY(make_interface(loop_, interface)));
            numbers.interfaces.push_back(KOS_TRY(listen(made.device, made.served)));
            if (made.passt) KOS_TRY(watch_passt(*made.passt));
        }
        numbers.vsock = KOS_TRY(serve(sockets_, served_sockets_));
        numbers.entropy = KOS_TRY(serve(entropy_, served_entropy_));
        KOS_TRY(make_timer());
        return run(command_for(spec, numbers), numbers);
    }

    void set_link(bool is_open) override {
        wants_link_ = is_open;
        if (is_open) {
            stream_.open(control_port);
        } else {
            stream_.close();
        }
    }
    void send(Bytes bytes) override { stream_.send(bytes); }
    void consumed(std::uint32_t count) override { stream_.consumed(count); }
    void send_records(Bytes records) override { asked_.take(records); }
    void connect(sys::UniqueFd socket) override {
        others_.connect(std::move(socket), control_port);
    }
    [[nodiscard]] std::vector<std::string> console() const override {
        return {console_.begin(), console_.end()};
    }

   private:
    /// Serves a device on one end of a pair of sockets; the number of the other.
    Outcome<int> serve(virtio::Device& device, Served& served) {
        std::array<int, 2> fds{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
            return system_error("socketpair");
        }
        sys::UniqueFd ours{fds[0]};
        served.theirs = sys::UniqueFd{fds[1]};
        auto server = vhost_user::Server::connected(
            loop_, device, std::move(ours), [this](const std::string& line) { note(line); });
        if (!server) return fail(ErrorCode::Target, "vhost-user", sys::describe(server.error()));
        served.server = std::move(server).value();
        return served.theirs.get();
    }

    /// Serves a device on an abstract socket that the kernel names; the name. QEMU takes no other
    /// socket for an interface.
    Outcome<std::string> listen(virtio::Device& device, Served& served) {
        sys::UniqueFd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socklen_t size = sizeof(sa_family_t);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (!listener || ::bind(listener.get(), generic, size) != 0 ||
            ::listen(listener.get(), 1) != 0) {
            return system_error("a socket for an interface");
        }
        size = sizeof(address);
        if (::getsockname(listener.get(), generic, &size) != 0) return system_error("getsockname");
        const std::size_t at_name = offsetof(sockaddr_un, sun_path) + 1;
        const std::string name{address.sun_path + 1, size - at_name};
        auto server = vhost_user::Server::adopt(loop_, device, std::move(listener),
                                                [this](const std::string& line) { note(line); });
        if (!server) return fail(ErrorCode::Target, "vhost-user", sys::describe(server.error()));
        served.server = std::move(server).value();
        return name;
    }

    Outcome<void> make_timer() {
        timer_ = sys::UniqueFd{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
        if (!timer_) return system_error("timerfd");
        return watch(timer_.get(), [this](std::uint32_t) {
            std::uint64_t times = 0;
            (void)!::read(timer_.get(), &times, sizeof(times));
            if (wants_link_) stream_.open(control_port);
        });
    }

    Outcome<void> watch(sys::Fd fd, sys::EventLoop::Handler handler) {
        if (auto added = loop_.add(fd, EPOLLIN, std::move(handler)); !added) {
            return fail(ErrorCode::Target, "epoll", sys::describe(added.error()));
        }
        return {};
    }

    Outcome<void> run(const std::vector<std::string>& command, const GuestDescriptors& numbers) {
        std::vector<sys::Fd> inherited{numbers.kernel, numbers.vsock, numbers.entropy};
        if (numbers.initrd >= 0) inherited.push_back(numbers.initrd);
        inherited.insert(inherited.end(), numbers.disks.begin(), numbers.disks.end());
        process_.emplace(KOS_TRY(Process::start(command, inherited, "qemu-system-arm")));
        // QEMU's alone from here on: where it dies, its ends close.
        for (auto& disk : disks_) disk->served.theirs.reset();
        for (auto& volume : volumes_) volume->served.theirs.reset();
        served_sockets_.theirs.reset();
        served_entropy_.theirs.reset();
        KOS_TRY(watch(process_->messages(), [this](std::uint32_t) { read_console(); }));
        return watch(process_->pidfd(), [this](std::uint32_t) { ended(); });
    }

    void read_console() {
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(process_->messages(), buffer.data(), buffer.size());
        if (got == 0) loop_.remove(process_->messages());
        for (ssize_t i = 0; i < got; ++i) {
            const char byte = buffer[static_cast<std::size_t>(i)];
            if (byte != '\n' && byte != '\r') line_ += byte;
            if (byte == '\n' || line_.size() == longest_console_line) {
                note(line_);
                line_.clear();
            }
        }
    }

    /// What it says is told where the guest fails.
    Outcome<void> watch_passt(const Process& passt) {
        const sys::Fd messages = passt.messages();
        return watch(messages, [this, messages](std::uint32_t) {
            std::array<char, 1024> buffer{};
            const ssize_t got = ::read(messages, buffer.data(), buffer.size());
            if (got > 0)
                note("passt: " + std::string{buffer.data(), static_cast<std::size_t>(got)});
            if (got == 0) {
                note("passt has ended");
                loop_.remove(messages);
            }
        });
    }

    void note(const std::string& line) {
        console_.push_back(line);
        if (console_.size() > most_console_lines) console_.pop_front();
    }

    void ended() {
        loop_.remove(process_->pidfd());
        read_console();
        if (!line_.empty()) note(line_);
        loop_.remove(process_->messages());
        const int status = process_->reap();
        process_.reset();
        const bool switched_off = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (WIFSIGNALED(status))
            note("QEMU was killed by signal " + std::to_string(WTERMSIG(status)));
        if (WIFEXITED(status) && !switched_off) {
            note("QEMU ended with status " + std::to_string(WEXITSTATUS(status)));
        }
        events_.over(switched_off);
    }

    void link_is(bool is_open) { events_.link(is_open); }

    void retry_later() {
        if (!wants_link_) return;
        itimerspec due{};
        due.it_value.tv_nsec = retry_nanoseconds;
        (void)::timerfd_settime(timer_.get(), 0, &due, nullptr);
    }

    sys::EventLoop& loop_;
    Events events_;
    std::vector<virtio::Connection> connections_ = std::vector<virtio::Connection>(most_streams);
    ControlStream stream_;
    MessageStreams asked_;
    UnixSockets others_;
    Streams streams_{stream_, asked_, others_};
    virtio::Socket sockets_;
    HostEntropy host_entropy_;
    virtio::Entropy entropy_;
    std::vector<std::unique_ptr<ServedDisk>> disks_;
    std::vector<std::unique_ptr<ServedVolume>> volumes_;
    std::vector<std::unique_ptr<ServedInterface>> interfaces_;
    Served served_sockets_, served_entropy_;
    std::optional<Process> process_;
    sys::UniqueFd timer_;
    bool wants_link_ = false;
    std::string line_;
    std::deque<std::string> console_;
};

}  // namespace

Outcome<std::unique_ptr<Guest>> Guest::start(sys::EventLoop& loop, const GuestSpec& spec,
                                             Events events) {
    auto guest = std::make_unique<QemuGuest>(loop, std::move(events));
    KOS_TRY(guest->start(spec));
    return std::unique_ptr<Guest>{std::move(guest)};
}

}  // namespace kos::qemu
