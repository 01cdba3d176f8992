// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/control/session.hpp"

#include "kosinit/supervise/container_state.hpp"
#include "lib/linux/file.hpp"

#include <cstdlib>
#include <signal.h>
#include <time.h>

namespace kos::init {

using guest::FrameType;

namespace {

/// A line of /proc/meminfo, in bytes.
std::uint64_t kilobytes(const std::string& text, std::string_view key) {
    const std::size_t at = text.find(key);
    if (at == std::string::npos) return 0;
    return std::strtoull(text.c_str() + at + key.size(), nullptr, 10) * 1024;
}

}  // namespace

Session::Session(Context& context, Supervisor& supervisor, sys::UniqueFd socket,
                 std::function<void()> on_gone)
    : context_(context),
      supervisor_(supervisor),
      connection_(context, std::move(socket),
                  {.frame = [this](const guest::Frame& frame) { on_frame(frame); },
                   .nonsense =
                       [this] {
                           refuse(ErrorCode::Usage, "what came is no frame");
                           connection_.finish();
                       },
                   .room = [this] { on_room(); },
                   .closed = std::move(on_gone)}) {
    send(guest::Hello{});
}

Session::~Session() {
    if (attachment_) context_.journal.forget(attachment_->listener);
}

void Session::refuse(ErrorCode code, const std::string& text) {
    send(guest::Failed{entry_of(code).code, text});
}

template <class T>
bool Session::answer(const guest::Frame& frame, void (Session::*handler)(const T&)) {
    const auto message = guest::decode<T>(frame.payload);
    if (message) {
        (this->*handler)(*message);
    } else {
        refuse(ErrorCode::Usage, "the frame's payload is malformed");
    }
    return true;
}

void Session::on_frame(const guest::Frame& frame) {
    if (!is_greeted_) return greet(frame);
    if (handle_process(frame)) return;
    if (attachment_ || process_) return refuse(ErrorCode::Usage, "the connection is taken");
    if (handle_query(frame)) return;
    refuse(ErrorCode::Unsupported,
           "frame type " + std::to_string(static_cast<unsigned>(frame.type)) + " is unknown");
}

void Session::greet(const guest::Frame& frame) {
    const auto hello = frame.type == FrameType::Hello ? guest::decode<guest::Hello>(frame.payload)
                                                      : std::optional<guest::Hello>{};
    if (hello && hello->version == guest::protocol_version) {
        is_greeted_ = true;
        return;
    }
    refuse(ErrorCode::Unsupported,
           hello ? "this is version " + std::to_string(guest::protocol_version) + " of the protocol"
                 : "the first frame must be Hello");
    connection_.finish();
}

bool Session::handle_query(const guest::Frame& frame) {
    switch (frame.type) {
        case FrameType::QueryStatus:
            return answer(frame, &Session::report);
        case FrameType::Attach:
            return answer(frame, &Session::attach);
        case FrameType::Exec:
            return answer(frame, &Session::execute);
        case FrameType::Signal:
            return answer(frame, &Session::signal);
        case FrameType::QueryUsage:
            return answer(frame, &Session::report_usage);
        case FrameType::SetTime:
            return answer(frame, &Session::set_time);
        case FrameType::Shutdown:
            return answer(frame, &Session::shut_down);
        default:
            return false;
    }
}

void Session::report(const guest::QueryStatus&) {
    const std::string memory = sys::read_file(AT_FDCWD, "/proc/meminfo").value_or("");
    send(guest::GuestStatus{supervisor_.state(), boot_time_ns(), kilobytes(memory, "MemTotal:"),
                            kilobytes(memory, "MemAvailable:")});
    bool is_all_over = true;
    for (const auto& container : supervisor_.containers()) {
        send(container->status());
        is_all_over = is_all_over && supervisor_.is_over(*container);
    }
    was_told_ = was_told_ || is_all_over;
    done();
}

void Session::signal(const guest::Signal& request) {
    const Container* container = supervisor_.find(request.container);
    if (container == nullptr || !container->is_running()) {
        return refuse(ErrorCode::GuestContainer, "it does not run");
    }
    if (request.number > static_cast<std::uint32_t>(SIGRTMAX))
        return refuse(ErrorCode::Usage, "there is no such signal");
    container->signal(static_cast<int>(request.number),
                      (request.flags & guest::Signal::all_processes) != 0);
    done();
}

void Session::report_usage(const guest::QueryUsage& request) {
    const auto usage = usage_of(std::string{request.container});
    if (!usage) return refuse(usage.error().code, usage.error().detail);
    send(*usage);
    done();
}

void Session::set_time(const guest::SetTime& request) {
    const timespec time{static_cast<time_t>(request.seconds),
                        static_cast<long>(request.nanoseconds)};
    if (::clock_settime(CLOCK_REALTIME, &time) != 0) {
        return refuse(ErrorCode::GuestInternal, sys::describe(sys::Errno{errno}));
    }
    done();
}

void Session::shut_down(const guest::Shutdown& request) {
    const bool is_default = request.deadline_ms == guest::Shutdown::default_deadline;
    done();
    supervisor_.shut_down(is_default ? supervisor_.default_deadline_ms() : request.deadline_ms,
                          (request.flags & guest::Shutdown::restart) != 0);
}

}  // namespace kos::init
