// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/guest_line.hpp"

#include "cli/instance/channel.hpp"
#include "lib/base/error_catalogue.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace kos::instance {

using msg::StreamEvent;
using msg::StreamHeader;

namespace {

std::string piece_of(std::uint8_t number, StreamEvent event, std::uint32_t position,
                     std::string_view data = {}, std::uint16_t port = 0) {
    StreamHeader header;
    header.port = port;
    header.stream = number;
    header.event = static_cast<std::uint8_t>(event);
    header.position = position;
    return std::string{as_text(bytes_of(header))}.append(data);
}

}  // namespace

GuestLine::GuestLine(sys::EventLoop& loop, Log log)
    : loop_(loop),
      log_(std::move(log)),
      next_name_(std::random_device{}()),
      sequence_(std::random_device{}()) {
    // Without one, pieces go when something else happens.
    if (auto timer = sys::Timer::create(loop, [] {})) timer_.emplace(std::move(timer).value());
}

GuestLine::~GuestLine() {
    for (auto& [id, stream] : streams_) drop_client(stream);
}

void GuestLine::connect(std::uint32_t app, sys::UniqueFd socket) {
    // As where nobody answers: it tries again.
    if (streams_.size() - port_clients() >= most_clients) return;
    add({.app = static_cast<std::uint8_t>(app), .client = LineClient{std::move(socket)}});
}

void GuestLine::connect_to_port(std::uint8_t app, std::uint16_t port, sys::UniqueFd socket,
                                std::shared_ptr<void> place) {
    add({.app = app, .port = port, .client = {std::move(socket), std::move(place)}});
}

std::size_t GuestLine::port_clients() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        streams_, [](const auto& entry) { return entry.second.port.has_value(); }));
}

void GuestLine::add(Stream stream) {
    const Id id = next_id_++;
    const sys::Fd fd = stream.client.socket();
    streams_.emplace(id, std::move(stream));
    if (!loop_.add(fd, 0, [this, id](std::uint32_t events) { handle(id, events); })) {
        streams_.erase(id);
    }
}

void GuestLine::handle(Id id, std::uint32_t events) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    Stream& stream = found->second;
    LineClient& client = stream.client;
    if ((events & EPOLLIN) != 0) client.read();
    if (client.have_both_finished(events)) {
        client.set_hung_up();
        return loop_.remove(client.socket());
    }
    const bool is_gone = (events & (EPOLLHUP | EPOLLERR)) != 0 || !client.write();
    if (is_gone) {
        drop_client(stream);
        // Who has no number is unknown to the target.
        if (stream.state == State::Waiting || stream.state == State::Draining) return erase(id);
        stream.state = State::Closing;
        stream.is_told = false;
        return;
    }
    if (client.has_drained()) return erase(id);
    watch(stream);
}

void GuestLine::watch(const Stream& stream) {
    const LineClient& client = stream.client;
    if (client.is_closed() || client.is_hung_up()) return;
    (void)loop_.change(client.socket(), client.events(stream.state == State::Open));
}

void GuestLine::receive(std::uint8_t app, Bytes payload) {
    const auto header = read_at<StreamHeader>(payload, 0);
    if (!header) return;
    const auto event = static_cast<StreamEvent>(header->event);
    if (event == StreamEvent::Room) return room_came(app);
    const auto found = std::ranges::find_if(streams_, [&](const auto& entry) {
        const Stream& stream = entry.second;
        return stream.app == app && stream.number == header->stream &&
               stream.state != State::Waiting && stream.state != State::Draining;
    });
    if (found == streams_.end()) return;
    Stream& stream = found->second;
    if (event == StreamEvent::Close) {
        // That of a stream which had the number before comes late.
        if (header->position == stream.name) target_closed(found->first);
        return;
    }
    if (event == StreamEvent::Open && stream.state == State::Opening) {
        stream.state = State::Open;
        if (!stream.port) stream.client.greet("OK " + std::to_string(stream.name) + "\n");
    }
    if (stream.state != State::Open) return;
    const std::uint32_t position = header->position;
    if (event == StreamEvent::Data) {
        take_data(stream, position, payload.subspan(sizeof(*header)));
    } else if (event == StreamEvent::Credit) {
        const std::uint32_t count = position - stream.credited;
        if (count <= stream.sent - stream.credited) stream.credited = position;
    } else if (event == StreamEvent::Finish) {
        if (position != stream.received) return break_off(stream, "bytes were lost");
        stream.client.finish();
    }
    if (stream.state == State::Open) handle(found->first, 0);
}

void GuestLine::room_came(std::uint8_t app) {
    const auto aside = put_aside_.find(app);
    if (aside != put_aside_.end()) aside->second.send_at = {};
}

void GuestLine::take_data(Stream& stream, std::uint32_t position, Bytes bytes) {
    if (position != stream.received) return break_off(stream, "bytes were lost");
    if (bytes.size() > msg::guest_window - (stream.received - stream.client.written())) {
        return break_off(stream, "it sends more than it may");
    }
    stream.received += static_cast<std::uint32_t>(bytes.size());
    stream.client.put(bytes);
}

void GuestLine::target_closed(Id id) {
    Stream& stream = streams_.at(id);
    if (stream.state == State::Draining) return;
    if (stream.state != State::Open) return erase(id);
    stream.state = State::Draining;
    stream.client.drain();
    handle(id, 0);
}

void GuestLine::break_off(Stream& stream, std::string_view why) {
    const char* const what = stream.port ? "a connection to a port" : "a stream to the guest";
    log_(stream.app, std::string{entry_of(ErrorCode::SerialNoise).code} + ": " + what +
                         " broke off: " + std::string{why});
    drop_client(stream);
    stream.state = State::Closing;
    stream.is_told = false;
}

void GuestLine::drop_client(Stream& stream) {
    if (stream.client.is_closed()) return;
    if (!stream.client.is_hung_up()) loop_.remove(stream.client.socket());
    stream.client.close();
}

void GuestLine::erase(Id id) {
    const std::uint8_t app = streams_.at(id).app;
    const auto aside = put_aside_.find(app);
    if (aside != put_aside_.end() && aside->second.stream == id) put_aside_.erase(aside);
    drop_client(streams_.at(id));
    streams_.erase(id);
}

void GuestLine::app_over(std::uint8_t app) {
    std::vector<Id> over;
    for (const auto& [id, stream] : streams_) {
        if (stream.app == app) over.push_back(id);
    }
    for (const Id id : over) target_closed(id);
    if (piece_ && piece_->app == app) piece_.reset();
    put_aside_.erase(app);
}

void GuestLine::frames_lost() {
    for (auto& [id, stream] : streams_) {
        if (stream.state == State::Opening || stream.state == State::Open) {
            break_off(stream, "frames of the target were lost");
        } else if (stream.state == State::Closing) {
            stream.is_told = false;
        }
    }
}

std::optional<std::uint8_t> GuestLine::free_number(const Stream& of) const {
    std::array<bool, msg::max_gateway_streams> taken{};
    static_assert(msg::max_streams <= msg::max_gateway_streams);
    for (const auto& [id, stream] : streams_) {
        const bool has_number = stream.state != State::Waiting && stream.state != State::Draining;
        if (stream.app == of.app && has_number) taken[stream.number] = true;
    }
    const auto end = taken.begin() + (of.port ? taken.size() : msg::max_streams);
    const auto free = std::find(taken.begin(), end, false);
    if (free == end) return std::nullopt;
    return static_cast<std::uint8_t>(free - taken.begin());
}

/// Empty where there is nothing to be said about the stream.
std::string GuestLine::next_piece(Stream& stream) {
    switch (stream.state) {
        case State::Waiting: {
            const auto number = free_number(stream);
            if (!number) return {};
            stream.number = *number;
            stream.name = next_name_++;
            stream.state = State::Opening;
            return piece_of(stream.number, StreamEvent::Open, stream.name, {},
                            stream.port.value_or(0));
        }
        case State::Closing:
            if (std::exchange(stream.is_told, true)) return {};
            return piece_of(stream.number, StreamEvent::Close, stream.name);
        case State::Open:
            break;
        default:
            return {};
    }
    LineClient& client = stream.client;
    if (client.is_hung_up() && client.waiting() == 0 && !client.has_finished()) client.read();
    if (client.written() - stream.told >= msg::guest_window / 4) {
        stream.told = client.written();
        return piece_of(stream.number, StreamEvent::Credit, stream.told);
    }
    const std::uint32_t room = msg::host_window - (stream.sent - stream.credited);
    const std::size_t size = std::min<std::size_t>(client.waiting(), room);
    if (size != 0) {
        const std::uint32_t position = stream.sent;
        stream.sent += static_cast<std::uint32_t>(size);
        const std::string data = client.take(size);
        watch(stream);
        return piece_of(stream.number, StreamEvent::Data, position, data);
    }
    if (client.has_finished() && client.waiting() == 0 &&
        !std::exchange(stream.finish_is_told, true)) {
        return piece_of(stream.number, StreamEvent::Finish, stream.sent);
    }
    // The guest has got everything, and so has the client.
    if (client.is_hung_up() && stream.finish_is_told && stream.credited == stream.sent) {
        drop_client(stream);
        stream.state = State::Closing;
        stream.is_told = true;
        return piece_of(stream.number, StreamEvent::Close, stream.name);
    }
    return {};
}

/// What does no harm, and has an answer: by its sequence we learn of lost frames.
std::string GuestLine::keep_alive(const Stream& stream) {
    switch (stream.state) {
        case State::Opening:
            return piece_of(stream.number, StreamEvent::Open, stream.name, {},
                            stream.port.value_or(0));
        case State::Open:
            return piece_of(stream.number, StreamEvent::Credit, stream.told);
        case State::Closing:
            return piece_of(stream.number, StreamEvent::Close, stream.name);
        default:
            return {};
    }
}

/// Each stream has its turn. False where none has anything.
bool GuestLine::choose_piece(Clock::time_point now) {
    if (streams_.empty()) return false;
    const bool is_silent = now - last_heard_ >= longest_silence;
    auto next = streams_.upper_bound(last_served_);
    for (std::size_t i = 0; i < streams_.size(); ++i, ++next) {
        if (next == streams_.end()) next = streams_.begin();
        auto& [id, stream] = *next;
        if (put_aside_.contains(stream.app)) {
            if (!resume(id, now)) continue;
        } else {
            std::string payload = next_piece(stream);
            if (payload.empty() && is_silent) payload = keep_alive(stream);
            if (payload.empty()) continue;
            piece_ = Piece{id, stream.app, std::move(payload), ++sequence_, now};
        }
        last_served_ = id;
        return true;
    }
    return false;
}

/// Where a piece of \p stream was put aside, and it is time.
bool GuestLine::resume(Id stream, Clock::time_point now) {
    const auto found = put_aside_.find(streams_.at(stream).app);
    if (found->second.stream != stream || now < found->second.send_at) return false;
    piece_ = std::move(found->second);
    piece_->sequence = ++sequence_;
    put_aside_.erase(found);
    return true;
}

void GuestLine::erase_drained(Clock::time_point now) {
    for (auto next = streams_.begin(); next != streams_.end();) {
        auto& [id, stream] = *next++;
        if (stream.client.has_drained() || stream.client.is_given_up(now)) erase(id);
    }
}

std::string GuestLine::due(Clock::time_point now) {
    erase_drained(now);
    std::string frame = next_frame(now);
    set_timer(now);
    return frame;
}

void GuestLine::set_timer(Clock::time_point now) {
    if (!timer_) return;
    auto next = Clock::time_point::max();
    const auto consider = [&](Clock::time_point time) {
        // What time has brought already waits for something else.
        if (time > now) next = std::min(next, time);
    };
    if (piece_) {
        consider(piece_->send_at);
    } else {
        for (const auto& [app, piece] : put_aside_) consider(piece.send_at);
        if (!streams_.empty()) consider(last_heard_ + longest_silence);
    }
    for (const auto& [id, stream] : streams_) {
        if (stream.state == State::Draining) consider(now + look_after);
    }
    if (std::exchange(wakes_at_, next) == next) return;
    if (next == Clock::time_point::max()) return timer_->clear();
    timer_->set(next);
}

std::string GuestLine::next_frame(Clock::time_point now) {
    if (!piece_ && !choose_piece(now)) return {};
    if (now < piece_->send_at) return {};
    piece_->send_at = now + repeat_after;
    return frame_of(msg::FrameType::ToGuest, piece_->app, piece_->sequence,
                    as_bytes(piece_->payload));
}

bool GuestLine::acknowledged(const msg::AckRecord& answer, Clock::time_point now) {
    if (!piece_ || piece_->sequence != answer.sequence) return false;
    last_heard_ = now;
    const auto result = static_cast<msg::CommandResult>(std::uint32_t{answer.result});
    if (result == msg::CommandResult::Busy) {
        if (streams_.contains(piece_->stream)) {
            // Its VMM tells of room, unless that is lost.
            piece_->send_at = now + repeat_after;
            put_aside_[piece_->app] = std::move(*piece_);
        }
        piece_.reset();
        return true;
    }
    const std::uint8_t app = piece_->app;
    piece_.reset();
    if (result != msg::CommandResult::Done) app_over(app);
    return true;
}

}  // namespace kos::instance
