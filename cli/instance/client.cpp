// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/client.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace kos::instance {

using msg::CommandResult;
using msg::FrameType;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds ending{10};
/// From the end of the connection to that of the process.
constexpr std::chrono::seconds farewell{2};

Err<Error> silent(const std::string& name, const std::string& detail) {
    return fail(ErrorCode::InstanceSilent, name, detail);
}

Outcome<void> result_of(CommandResult result, const std::string& name, const std::string& what) {
    switch (result) {
        case CommandResult::Done:
            return {};
        case CommandResult::NoSuchApp:
            return fail(ErrorCode::InstanceMissing, what, "the system has no such app");
        case CommandResult::NotRunning:
        case CommandResult::Stopped:
            return fail(ErrorCode::InstanceStopped, what);
        case CommandResult::Running:
            return fail(ErrorCode::InstanceRunning, what);
        case CommandResult::Malformed:
        case CommandResult::Busy:
            break;
    }
    return silent(name, "it does not understand the command");
}

}  // namespace

Client::Client(std::string name, sys::UniqueFd socket)
    : name_(std::move(name)), socket_(std::move(socket)) {}

Outcome<Client> Client::connect(const Folder& folder) {
    if (!folder.is_running()) return fail(ErrorCode::InstanceStopped, folder.name());
    auto socket = sys::connect_stream(folder.path_to("control"));
    if (!socket) return silent(folder.name(), "control: " + sys::describe(socket.error()));
    if (!sys::has_own_peer(socket->get())) {
        return silent(folder.name(), "its socket is another user's");
    }
    Client client{folder.name(), std::move(socket).value()};
    const Answer welcome = KOS_TRY(client.receive());
    const auto record = read_at<msg::WelcomeRecord>(as_bytes(welcome.payload), 0);
    if (welcome.type != FrameType::Welcome || !record ||
        record->version != msg::WelcomeRecord::current_version) {
        return silent(folder.name(), "it speaks another version");
    }
    return client;
}

/// Its process has ended, or goes on and did not take what it got for a command.
Err<Error> Client::closed() const {
    for (const auto deadline = Clock::now() + farewell;;) {
        const auto folder = Folder::find(name_);
        if (!folder || !folder->is_running()) {
            return fail(ErrorCode::InstanceStopped, name_, "it ended meanwhile");
        }
        if (Clock::now() > deadline) return silent(name_, "it has ended the connection");
        std::this_thread::sleep_for(ending);
    }
}

Outcome<Answer> Client::receive() {
    const auto deadline = Clock::now() + patience;
    for (;;) {
        auto event = reader_->next();
        if (event.frame) {
            return Answer{event.frame->type, event.frame->app,
                          std::string{as_text(event.frame->payload)}};
        }
        if (!event.text.empty()) return silent(name_, "what it sends is no frame");
        if (!unread_.empty()) {
            const std::size_t taken = reader_->feed(unread_);
            unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(taken));
            continue;
        }
        if (!sys::wait_readable(socket_.get(), deadline)) return silent(name_, "it took too long");
        std::array<std::byte, 512> bytes{};
        const ssize_t got = ::read(socket_.get(), bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return closed();
        unread_.insert(unread_.end(), bytes.begin(), bytes.begin() + got);
    }
}

Outcome<std::vector<Answer>> Client::request(const std::string& what, FrameType type,
                                             std::uint8_t app, Bytes payload) {
    const std::uint32_t sequence = ++sequence_;
    const std::string frame = frame_of(type, app, sequence, payload);
    if (::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL) < 0) return closed();
    std::vector<Answer> answers;
    for (;;) {
        Answer answer = KOS_TRY(receive());
        if (answer.type != FrameType::Acknowledged) {
            answers.push_back(std::move(answer));
            continue;
        }
        const auto record = read_at<msg::AckRecord>(as_bytes(answer.payload), 0);
        if (!record || record->sequence != sequence) return silent(name_, "it answers another one");
        const std::uint32_t result = record->result;
        KOS_TRY(result_of(static_cast<CommandResult>(result), name_, what));
        return answers;
    }
}

Outcome<Watch> Watch::create(const Folder& folder) {
    sys::UniqueFd changes{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    const std::string path = folder.path_to(".");
    if (!changes || ::inotify_add_watch(changes.get(), path.c_str(),
                                        IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF) < 0) {
        return fail(ErrorCode::InstanceFolder, folder.path(), sys::describe({errno}));
    }
    // Without one it has ended already, and there is nothing to wait for.
    auto life = sys::connect_stream(folder.path_to("control"));
    return Watch{std::move(changes), life ? std::move(life).value() : sys::UniqueFd{}};
}

bool Watch::wait(std::optional<std::chrono::milliseconds> timeout) {
    // Between the end of the connection and that of the process there is nothing to wait for.
    if (!life_) timeout = std::min(timeout.value_or(ending), ending);
    // poll(2) passes over a descriptor that is not there.
    std::array<pollfd, 2> waiting{pollfd{changes_.get(), POLLIN, 0},
                                  pollfd{life_.get(), POLLRDHUP, 0}};
    const int ready =
        ::poll(waiting.data(), waiting.size(),
               timeout ? static_cast<int>(std::max<std::int64_t>(0, timeout->count())) : -1);
    if (ready <= 0) return false;
    std::array<char, 4096> events{};
    while (::read(changes_.get(), events.data(), events.size()) > 0) {
    }
    if (waiting[1].revents != 0) life_.reset();
    return true;
}

}  // namespace kos::instance
