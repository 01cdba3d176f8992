// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/exchange.hpp"

#include "kosinit/sockets/end.hpp"

#include <memory>
#include <sys/socket.h>

namespace kos::init {

namespace {

bool is_later(ssize_t count) {
    return count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN);
}

/// Lives as long as the loop knows its stream.
class Exchange : public std::enable_shared_from_this<Exchange> {
   public:
    Exchange(Context& context, sys::UniqueFd stream, std::string frame,
             std::function<void(Answer)> done)
        : context_(context),
          stream_(std::move(stream)),
          frame_(std::move(frame)),
          done_(std::move(done)) {}

    void begin() {
        timer_ = context_.timers.after(answer_patience_ms, [self = shared_from_this()] {
            Answer late;
            late.is_late = true;
            self->finish(std::move(late));
        });
        // A connection that is being made is writable once it is.
        const auto added = context_.loop.add(
            stream_.get(), EPOLLOUT,
            [self = shared_from_this()](std::uint32_t events) { self->on_event(events); });
        if (!added) context_.timers.after(0, [self = shared_from_this()] { self->finish({}); });
    }

   private:
    void on_event(std::uint32_t events) {
        if (!frame_.empty()) {
            if ((events & EPOLLERR) != 0) return not_connected();
            if (!send()) return finish({});
            if (frame_.empty() && !context_.loop.change(stream_.get(), EPOLLIN)) finish({});
            return;
        }
        switch (reader_.read(stream_.get())) {
            case FrameReader::State::Waiting:
                return;
            case FrameReader::State::Ended:
                return finish({});
            case FrameReader::State::Whole:
                break;
        }
        const Bytes payload = as_bytes(reader_.payload());
        const auto head = read_at<message::Head>(payload, 0);
        Answer answer;
        answer.status = static_cast<message::Status>(static_cast<std::uint16_t>(head->status));
        answer.body = as_text(payload.subspan(sizeof(message::Head)));
        finish(std::move(answer));
    }

    /// The VMM resets what it has no stream for.
    void not_connected() {
        Answer answer;
        if (option_of(stream_.get(), SOL_SOCKET, SO_ERROR, 0) == ECONNRESET) {
            answer.status = message::Status::Limit;
        }
        finish(std::move(answer));
    }

    bool send() {
        const ssize_t count =
            ::send(stream_.get(), frame_.data(), frame_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (is_later(count)) return true;
        if (count < 0) return false;
        frame_.erase(0, static_cast<std::size_t>(count));
        return true;
    }

    void finish(Answer answer) {
        if (!done_) return;
        context_.timers.cancel(timer_);
        context_.loop.remove(stream_.get());
        if (answer.status) answer.stream = std::move(stream_);
        stream_.reset();
        std::exchange(done_, nullptr)(std::move(answer));
    }

    Context& context_;
    sys::UniqueFd stream_;
    std::string frame_;  ///< what is not sent yet
    std::function<void(Answer)> done_;
    FrameReader reader_;
    Timers::Id timer_ = 0;
};

}  // namespace

std::string frame_of(message::Opcode opcode, Bytes body) {
    message::PayloadWriter payload{opcode, 1};
    payload.bytes(body);
    const message::FrameLength length{static_cast<std::uint32_t>(payload.payload().size())};
    return std::string{as_text(bytes_of(length))} + std::string{as_text(payload.payload())};
}

void exchange(Context& context, sys::Result<sys::UniqueFd> stream, std::string frame,
              std::function<void(Answer)> done) {
    if (!stream) {
        context.timers.after(0, [done = std::move(done)] { done({}); });
        return;
    }
    std::make_shared<Exchange>(context, std::move(*stream), std::move(frame), std::move(done))
        ->begin();
}

FrameReader::State FrameReader::read(sys::Fd stream) {
    constexpr std::size_t head_size = sizeof(message::FrameLength);
    for (;;) {
        std::string& part = wanted_ == 0 ? head_ : payload_;
        const std::size_t whole = wanted_ == 0 ? head_size : wanted_;
        if (part.size() >= whole) part.clear();
        const std::size_t before = part.size();
        part.resize(whole);
        const ssize_t count = ::recv(stream, part.data() + before, whole - before, MSG_DONTWAIT);
        part.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
        if (is_later(count)) return State::Waiting;
        if (count <= 0) return State::Ended;
        if (part.size() < whole) continue;
        if (wanted_ != 0) {
            wanted_ = 0;
            return State::Whole;
        }
        wanted_ = *read_at<message::FrameLength>(as_bytes(head_), 0);
        payload_.clear();
        if (!message::is_payload_size(static_cast<std::uint32_t>(wanted_))) return State::Ended;
    }
}

}  // namespace kos::init
