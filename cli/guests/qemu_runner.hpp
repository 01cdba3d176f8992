// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Runs the guests of a system image with a stock QEMU each.
//
//   machine's thread ──► tasks ──► event loop's thread: QEMU, devices
//                    ◄── news ◄──
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/guests/volume.hpp"
#include "hostsim/machine/guest_runner.hpp"
#include "lib/base/error.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/linux/unique_fd.hpp"
#include "lib/manifest/view.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kos::qemu {
class Guest;
class Network;
}  // namespace kos::qemu

namespace kos::guests {

/// What guests have of the host.
struct HostParts {
    std::vector<Volume> volumes{};
    bool uplink = false;  ///< interfaces of vm::uplink_network lead to its network
};

class QemuRunner final : public sim::GuestRunner, public control::GuestLinks {
   public:
    /// Gets a line about a guest that failed; on the machine's thread.
    using Log = std::function<void(std::uint32_t app, const std::string& line)>;

    /// \p image holds \p view and outlives the runner.
    static Outcome<std::unique_ptr<QemuRunner>> create(const manifest::ImageView& view, Bytes image,
                                                       HostParts host, Log log);
    /// Ends all guests.
    ~QemuRunner() override;
    QemuRunner(const QemuRunner&) = delete;
    QemuRunner& operator=(const QemuRunner&) = delete;

    /// Readable where deliver() has something to hand on.
    [[nodiscard]] sys::Fd fd() const { return news_event_.get(); }

    void start(std::uint32_t app) override;
    void end(std::uint32_t app) override;
    void set_link(std::uint32_t app, bool is_open) override;
    void send(std::uint32_t app, Bytes bytes) override;
    void consumed(std::uint32_t app, std::uint32_t bytes) override;
    void send_records(std::uint32_t app, Bytes records) override;
    void connect(std::uint32_t app, sys::UniqueFd socket) override;
    bool deliver(sim::GuestEvents& events) override;
    [[nodiscard]] bool is_busy() const override { return running_ != 0; }

   private:
    using Task = std::function<void()>;
    using News = std::function<void(sim::GuestEvents&)>;

    QemuRunner(const manifest::ImageView& view, Bytes image, HostParts host, Log log,
               sys::EventLoop loop, sys::UniqueFd task_event, sys::UniqueFd news_event);

    void post(Task task);
    void tell(News news);
    void run_tasks();

    // On the loop's thread.
    void start_guest(std::uint32_t app, std::uint64_t incarnation);
    /// The switch of the network, made when it is first asked for; null without a name.
    [[nodiscard]] qemu::Network* network(std::string_view name);
    void guest_over(std::uint32_t app, std::uint64_t incarnation, bool switched_off);
    /// Tells that the guest is over, with the lines of its console where it failed.
    void over(std::uint32_t app, std::uint64_t incarnation, std::vector<std::string> lines,
              external::State state);
    [[nodiscard]] qemu::Guest* find(std::uint32_t app);

    manifest::ImageView view_;
    Bytes image_;
    HostParts host_;
    Log log_;
    sys::EventLoop loop_;
    sys::UniqueFd task_event_, news_event_;
    std::mutex mutex_;
    std::vector<Task> tasks_;
    std::vector<News> news_;
    // Of the loop's thread.
    std::map<std::string, std::unique_ptr<qemu::Network>, std::less<>> networks_;
    std::map<std::uint32_t, std::unique_ptr<qemu::Guest>> guests_;
    // Of the machine's thread: which guest of an app news are of, and how many run.
    std::map<std::uint32_t, std::uint64_t> incarnations_;
    std::map<std::uint32_t, bool> is_running_;
    std::map<std::uint32_t, bool> is_linked_;  ///< as the VMM wants it
    std::size_t running_ = 0;
    std::thread thread_;
};

}  // namespace kos::guests
