// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/guests/qemu_runner.hpp"

#include "lib/vm/guest_panic.hpp"
#include "lib/vm/uplink.hpp"
#include "vmm/engine/qemu/guest/guest.hpp"
#include "vmm/engine/qemu/network/network.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace kos::guests {

namespace {

using external::State;

Outcome<sys::UniqueFd> make_event() {
    sys::UniqueFd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!event) return fail(ErrorCode::Target, "eventfd", std::strerror(errno));
    return event;
}

void raise(sys::Fd event) {
    const std::uint64_t one = 1;
    (void)!::write(event, &one, sizeof(one));
}

void clear(sys::Fd event) {
    std::uint64_t count = 0;
    (void)!::read(event, &count, sizeof(count));
}

qemu::GuestSpec spec_of(const manifest::ImageView& view, Bytes image,
                        const std::vector<Volume>& volumes, std::uint32_t number) {
    const manifest::App app = view.app(number);
    const manifest::Vm vm = view.vm(app);
    const auto bytes = [&](std::uint32_t blob) {
        const manifest::Blob entry = view.blob(blob);
        return image.subspan(static_cast<std::size_t>(entry.offset),
                             static_cast<std::size_t>(entry.size));
    };
    qemu::GuestSpec spec;
    spec.name = view.text(app.name);
    spec.memory = vm.memory;
    spec.vcpus = vm.vcpus;
    spec.kernel = bytes(vm.kernel);
    if (vm.initrd != 0) spec.initrd = bytes(vm.initrd - 1);
    spec.command_line = view.text(vm.command_line);
    for (std::uint32_t i = 0; i < vm.disks.count; ++i) {
        const manifest::Disk disk = view.disk(vm, i);
        if (disk.volume != 0) continue;
        spec.disks.push_back({std::string{view.text(disk.serial)}, bytes(disk.blob)});
    }
    for (const Volume& volume : volumes) {
        if (volume.app == spec.name) spec.volumes.push_back({volume.serial, volume.path});
    }
    return spec;
}

}  // namespace

QemuRunner::QemuRunner(const manifest::ImageView& view, Bytes image, HostParts host, Log log,
                       sys::EventLoop loop, sys::UniqueFd task_event, sys::UniqueFd news_event)
    : view_(view),
      image_(image),
      host_(std::move(host)),
      log_(std::move(log)),
      loop_(std::move(loop)),
      task_event_(std::move(task_event)),
      news_event_(std::move(news_event)) {}

Outcome<std::unique_ptr<QemuRunner>> QemuRunner::create(const manifest::ImageView& view,
                                                        Bytes image, HostParts host, Log log) {
    auto loop = sys::EventLoop::create();
    if (!loop) return fail(ErrorCode::Target, "epoll", sys::describe(loop.error()));
    sys::UniqueFd tasks = KOS_TRY(make_event());
    sys::UniqueFd news = KOS_TRY(make_event());
    std::unique_ptr<QemuRunner> runner{new QemuRunner{view, image, std::move(host), std::move(log),
                                                      std::move(loop).value(), std::move(tasks),
                                                      std::move(news)}};
    QemuRunner* const self = runner.get();
    const auto added = self->loop_.add(self->task_event_.get(), EPOLLIN,
                                       [self](std::uint32_t) { self->run_tasks(); });
    if (!added) return fail(ErrorCode::Target, "epoll", sys::describe(added.error()));
    runner->thread_ = std::thread{[self] {
        // Signals are for the thread that looks after the run.
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        (void)self->loop_.run();
        self->guests_.clear();
    }};
    return runner;
}

QemuRunner::~QemuRunner() {
    if (!thread_.joinable()) return;
    post([this] { loop_.stop(); });
    thread_.join();
}

void QemuRunner::post(Task task) {
    {
        const std::lock_guard lock{mutex_};
        tasks_.push_back(std::move(task));
    }
    raise(task_event_.get());
}

void QemuRunner::tell(News news) {
    {
        const std::lock_guard lock{mutex_};
        news_.push_back(std::move(news));
    }
    raise(news_event_.get());
}

void QemuRunner::run_tasks() {
    clear(task_event_.get());
    std::vector<Task> tasks;
    {
        const std::lock_guard lock{mutex_};
        tasks.swap(tasks_);
    }
    for (const Task& task : tasks) task();
}

bool QemuRunner::deliver(sim::GuestEvents& events) {
    clear(news_event_.get());
    std::vector<News> news;
    {
        const std::lock_guard lock{mutex_};
        news.swap(news_);
    }
    for (const News& item : news) item(events);
    return !news.empty();
}

qemu::Guest* QemuRunner::find(std::uint32_t app) {
    const auto found = guests_.find(app);
    return found == guests_.end() ? nullptr : found->second.get();
}

void QemuRunner::start(std::uint32_t app) {
    const std::uint64_t incarnation = ++incarnations_[app];
    if (!std::exchange(is_running_[app], true)) ++running_;
    post([this, app, incarnation] { start_guest(app, incarnation); });
}

void QemuRunner::end(std::uint32_t app) {
    ++incarnations_[app];
    if (std::exchange(is_running_[app], false)) --running_;
    post([this, app] { guests_.erase(app); });
}

void QemuRunner::set_link(std::uint32_t app, bool is_open) {
    is_linked_[app] = is_open;
    post([this, app, is_open] {
        if (qemu::Guest* guest = find(app)) guest->set_link(is_open);
    });
}

void QemuRunner::send(std::uint32_t app, Bytes bytes) {
    post([this, app, copy = std::string{as_text(bytes)}] {
        if (qemu::Guest* guest = find(app)) guest->send(as_bytes(copy));
    });
}

void QemuRunner::consumed(std::uint32_t app, std::uint32_t bytes) {
    post([this, app, bytes] {
        if (qemu::Guest* guest = find(app)) guest->consumed(bytes);
    });
}

void QemuRunner::send_records(std::uint32_t app, Bytes records) {
    post([this, app, copy = std::string{as_text(records)}] {
        if (qemu::Guest* guest = find(app)) guest->send_records(as_bytes(copy));
    });
}

void QemuRunner::connect(std::uint32_t app, sys::UniqueFd socket) {
    // std::function wants what can be copied.
    const auto shared = std::make_shared<sys::UniqueFd>(std::move(socket));
    post([this, app, shared] {
        if (qemu::Guest* guest = find(app)) guest->connect(std::move(*shared));
    });
}

void QemuRunner::start_guest(std::uint32_t app, std::uint64_t incarnation) {
    guests_.erase(app);
    // News of a guest that was ended meanwhile are of no interest.
    const auto tell_of = [this, app, incarnation](auto news) {
        tell([this, app, incarnation, news = std::move(news)](sim::GuestEvents& events) {
            if (incarnations_[app] == incarnation) news(events);
        });
    };
    qemu::Guest::Events events{
        .over =
            [this, app, incarnation](bool switched_off) {
                // Not from within the guest's own function.
                post([this, app, incarnation, switched_off] {
                    guest_over(app, incarnation, switched_off);
                });
            },
        .link =
            [tell_of, app](bool is_open) {
                tell_of([app, is_open](sim::GuestEvents& to) { to.link_changed(app, is_open); });
            },
        .received =
            [tell_of, app](Bytes bytes) {
                tell_of([app, copy = std::string{as_text(bytes)}](sim::GuestEvents& to) {
                    to.received(app, as_bytes(copy));
                });
            },
        .records =
            [tell_of, app](Bytes records) {
                tell_of([app, copy = std::string{as_text(records)}](sim::GuestEvents& to) {
                    to.records_came(app, as_bytes(copy));
                });
            },
    };
    qemu::GuestSpec spec = spec_of(view_, image_, host_.volumes, app);
    const manifest::Vm vm = view_.vm(view_.app(app));
    for (std::uint32_t i = 0; i < vm.interfaces.count; ++i) {
        const manifest::Interface interface = view_.interface(vm, i);
        const std::string_view name = view_.text(interface.network);
        const bool is_uplink = name == vm::uplink_network;
        spec.interfaces.push_back({.mac = interface.mac,
                                   .network = is_uplink ? nullptr : network(name),
                                   .is_uplink = is_uplink && host_.uplink});
    }
    auto guest = qemu::Guest::start(loop_, spec, std::move(events));
    if (!guest) return over(app, incarnation, {to_string(guest.error())}, State::Failed);
    guests_[app] = std::move(guest).value();
}

qemu::Network* QemuRunner::network(std::string_view name) {
    if (name.empty()) return nullptr;
    auto found = networks_.find(name);
    if (found == networks_.end()) {
        found = networks_.emplace(name, std::make_unique<qemu::Network>()).first;
    }
    return found->second.get();
}

void QemuRunner::guest_over(std::uint32_t app, std::uint64_t incarnation, bool switched_off) {
    const qemu::Guest* guest = find(app);
    if (guest == nullptr) return;
    std::vector<std::string> lines = guest->console();
    guests_.erase(app);
    const bool has_panicked = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find(vm::kernel_panic) != std::string::npos;
    });
    const State state = has_panicked   ? State::Panicked
                        : switched_off ? State::Ended
                                       : State::Failed;
    over(app, incarnation, std::move(lines), state);
}

void QemuRunner::over(std::uint32_t app, std::uint64_t incarnation, std::vector<std::string> lines,
                      State state) {
    tell([this, app, incarnation, lines = std::move(lines), state](sim::GuestEvents& events) {
        if (incarnations_[app] != incarnation) return;
        if (std::exchange(is_running_[app], false)) --running_;
        // The VMM closes the stream when it has everything. A guest that switches itself off
        // before (a panic resets it) has failed too, and its console says how.
        if (state != State::Ended || is_linked_[app]) {
            for (const std::string& line : lines) log_(app, line);
        }
        events.state_changed(app, state);
    });
}

}  // namespace kos::guests
