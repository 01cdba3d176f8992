// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/guest_client.hpp"

#include "cli/instance/guest_sockets.hpp"
#include "lib/guest/encode.hpp"
#include "lib/linux/file.hpp"
#include "lib/linux/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace kos::instance {

using guest::FrameType;

namespace {

constexpr std::chrono::milliseconds pause{50};
constexpr std::chrono::seconds patience_for_the_end{2};

}  // namespace

Error error_of(const guest::Failed& failed, const std::string& name) {
    const auto code = error_code_of(failed.code);
    return {code.value_or(ErrorCode::Target), name, std::string{failed.text}};
}

Err<Error> GuestClient::not_understood() const {
    return fail(ErrorCode::InstanceSilent, name_, "what its guest sends is not understood");
}

Outcome<GuestClient> GuestClient::connect(const Folder& folder, const State& state, const App& app,
                                          std::chrono::seconds patience) {
    const std::string name = state.name + "/" + app.name;
    if (app.kind != kind_microvm) {
        return fail(ErrorCode::Unsupported, name, "it is a native app, and no guest");
    }
    if (app.state != AppState::Running || !folder.is_running()) {
        return fail(ErrorCode::InstanceStopped, name);
    }
    const auto deadline = Clock::now() + patience;
    for (;;) {
        auto socket = sys::connect_stream(folder.path_to(guest_socket_name(app.number)));
        if (!socket) {
            return fail(ErrorCode::Unsupported, name,
                        "the target " + state.target + " carries no streams to its guests yet");
        }
        if (!sys::has_own_peer(socket->get())) {
            return fail(ErrorCode::InstanceSilent, name, "its socket is another user's");
        }
        GuestClient client{folder, state, app, name, std::move(socket).value(), patience};
        if (client.is_open(deadline)) {
            KOS_TRY(client.greet());
            return client;
        }
        if (!client.still_runs()) return fail(ErrorCode::InstanceStopped, name);
        if (Clock::now() > deadline)
            return fail(ErrorCode::InstanceSilent, name, "its guest does not boot");
        std::this_thread::sleep_for(pause);
    }
}

/// Whether the instance's process says so: the stream is closed where nobody listens in the guest.
bool GuestClient::is_open(Clock::time_point deadline) {
    const auto end_of_line = [&] { return std::ranges::find(bytes_, std::byte{'\n'}); };
    while (end_of_line() == bytes_.end()) {
        const auto read = read_some(deadline);
        if (!read || !*read) return false;
    }
    taken_ = static_cast<std::size_t>(end_of_line() - bytes_.begin()) + 1;
    return true;
}

Outcome<void> GuestClient::greet() {
    KOS_TRY(send(guest::encode(guest::Hello{})));
    const guest::Frame frame = KOS_TRY(receive());
    const auto hello = guest::decode<guest::Hello>(frame.payload);
    const bool is_ours = frame.type == FrameType::Hello && hello &&
                         hello->magic == guest::protocol_magic &&
                         hello->version == guest::protocol_version;
    return is_ours ? Outcome<void>{} : not_understood();
}

Outcome<void> GuestClient::send(std::string_view frame) {
    std::string left{frame};
    while (!left.empty()) {
        pollfd waiting{socket_.get(), POLLOUT, 0};
        (void)::poll(&waiting, 1, -1);
        KOS_TRY(send_some(left));
    }
    return {};
}

Outcome<void> GuestClient::send_some(std::string& bytes) {
    const ssize_t sent =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return broken_off();
    if (sent > 0) bytes.erase(0, static_cast<std::size_t>(sent));
    return {};
}

Outcome<void> GuestClient::fill(std::optional<Clock::time_point> deadline) {
    if (KOS_TRY(read_some(deadline))) return {};
    return broken_off();
}

bool GuestClient::still_runs() const {
    if (!folder_->is_running()) return false;
    const auto state = read_state(*folder_);
    const App* app = state ? state->find(app_) : nullptr;
    return app != nullptr && app->state == AppState::Running && app->starts == starts_;
}

Err<Error> GuestClient::broken_off() const {
    // The end of an app is told a little later than that of its streams.
    const auto deadline = Clock::now() + patience_for_the_end;
    while (still_runs()) {
        if (Clock::now() > deadline) {
            return fail(is_on_serial_line_ ? ErrorCode::SerialNoise : ErrorCode::InstanceSilent,
                        name_, "the stream to its guest broke off; kos logs may tell why");
        }
        std::this_thread::sleep_for(pause);
    }
    return fail(ErrorCode::InstanceStopped, name_, "it ended meanwhile");
}

Outcome<bool> GuestClient::read_some(std::optional<Clock::time_point> deadline) {
    std::array<std::byte, 16 << 10> buffer;
    for (;;) {
        if (deadline && !sys::wait_readable(socket_.get(), *deadline)) {
            return fail(ErrorCode::InstanceSilent, name_, "its guest took too long");
        }
        const ssize_t got = ::read(socket_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;
        bytes_.insert(bytes_.end(), buffer.begin(), buffer.begin() + got);
        return true;
    }
}

Outcome<std::optional<guest::Frame>> GuestClient::take() {
    const auto taken = guest::take_frame(Bytes{bytes_}.subspan(taken_));
    if (!taken) return not_understood();
    if (!*taken) return std::optional<guest::Frame>{};
    taken_ += (*taken)->size;
    return std::optional{(*taken)->frame};
}

Outcome<guest::Frame> GuestClient::receive() {
    const auto deadline = Clock::now() + patience_;
    for (;;) {
        const auto frame = KOS_TRY(take());
        if (!frame) {
            KOS_TRY(fill(deadline));
            continue;
        }
        if (frame->type != FrameType::Failed) return *frame;
        const auto failed = guest::decode<guest::Failed>(frame->payload);
        if (!failed) return not_understood();
        return Err{error_of(*failed, name_)};
    }
}

Outcome<std::vector<GuestClient::Container>> GuestClient::containers() {
    KOS_TRY(send(guest::encode(guest::QueryStatus{})));
    std::vector<Container> all;
    for (;;) {
        const guest::Frame frame = KOS_TRY(receive());
        if (frame.type == FrameType::Done) return all;
        if (frame.type != FrameType::ContainerStatus) continue;
        const auto status = guest::decode<guest::ContainerStatus>(frame.payload);
        if (!status) return not_understood();
        all.push_back({std::string{status->name}, status->state});
    }
}

Outcome<std::string> GuestClient::container(std::string_view wanted) {
    const auto deadline = Clock::now() + patience_;
    for (;;) {
        const auto all = KOS_TRY(containers());
        std::string names;
        for (const Container& each : all) names += (names.empty() ? "" : ", ") + each.name;
        if (wanted.empty() && all.size() > 1) {
            return fail(
                ErrorCode::Usage, name_,
                "its guest has several containers, name one as INSTANCE/CONTAINER: " + names);
        }
        const auto found = std::ranges::find_if(
            all, [&](const Container& each) { return wanted.empty() || each.name == wanted; });
        if (found == all.end() && !wanted.empty()) {
            return fail(ErrorCode::InstanceMissing, name_ + "/" + std::string{wanted},
                        "its guest has no such container, but " + names);
        }
        if (found != all.end() && found->state != guest::ContainerState::Waiting) {
            return found->name;
        }
        if (Clock::now() > deadline) {
            return fail(ErrorCode::InstanceSilent, name_, "its container does not start");
        }
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace kos::instance
