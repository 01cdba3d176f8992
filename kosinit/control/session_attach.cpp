// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sessions that follow a container, or execute in one.
#include "kosinit/control/session.hpp"

namespace kos::init {

using guest::FrameType;

void Session::execute(const guest::Exec& request) {
    const Container* container = supervisor_.find(request.container);
    if (container == nullptr || !container->is_running()) {
        return refuse(ErrorCode::GuestContainer, "it does not run");
    }
    // Input waits until there is something that takes it.
    connection_.pause(true);
    process_ = std::make_unique<ExecProcess>(
        context_, request,
        ExecProcess::Events{.started =
                                [this](pid_t pid) {
                                    send(guest::Started{static_cast<std::uint32_t>(pid)});
                                    connection_.pause(false);
                                },
                            .failed =
                                [this](const std::string& why) {
                                    refuse(ErrorCode::GuestContainer, why);
                                    end_process();
                                },
                            .output =
                                [this](guest::Stream stream, std::string_view bytes) {
                                    send(guest::Output{stream, as_bytes(bytes)});
                                },
                            .has_room = [this] { return connection_.has_room(); },
                            .exited =
                                [this](int status) {
                                    send(guest::Exited{static_cast<std::uint32_t>(status)});
                                    end_process();
                                }});
    process_->input().on_room([this] { connection_.pause(false); });
}

void Session::end_process() {
    process_.reset();
    connection_.pause(false);
    finish_when_free();
}

void Session::attach(const guest::Attach& request) {
    if (!request.container.empty() && supervisor_.find(request.container) == nullptr) {
        return refuse(ErrorCode::GuestContainer, "there is no such container");
    }
    Attachment& attachment = attachment_.emplace();
    attachment.container = request.container;
    attachment.follows = (request.flags & guest::Attach::follow) != 0;
    attachment.is_lossless = (request.flags & guest::Attach::lossless) != 0;
    attachment.has_input = (request.flags & guest::Attach::input) != 0;
    attachment.next = request.from;
    attachment.listener = context_.journal.listen([this] { send_logs(); });
    if (Input* input = target()) input->on_room([this] { connection_.pause(false); });
    for (const auto& container : supervisor_.containers()) note_change(*container);
    send_logs();
}

void Session::note_change(const Container& container) {
    if (!attachment_->container.empty() && attachment_->container != container.name()) return;
    attachment_->changed.insert(container.name());
}

void Session::container_changed(const Container& container) {
    if (!attachment_) return;
    note_change(container);
    send_logs();
}

/// What the ring has, then how things stand, while the host takes it.
void Session::send_logs() {
    if (!attachment_) return;
    const LogRing& ring = context_.journal.ring();
    Attachment& attachment = *attachment_;
    if (attachment.next < ring.first()) {
        send(guest::Lost{attachment.next, ring.first() - attachment.next});
        attachment.next = ring.first();
    }
    while (connection_.has_room() && attachment.next < ring.next()) {
        send_record(attachment.next, *ring.at(attachment.next));
        ++attachment.next;
    }
    if (attachment.next >= ring.next()) send_changes();
    if (attachment.is_lossless) context_.journal.hold(attachment.listener, attachment.next);
    if (attachment_ && attachment_->next >= ring.next() && is_attachment_over()) detach();
}

void Session::send_record(std::uint64_t sequence, const LogRecord& record) {
    const std::string& wanted = attachment_->container;
    if (!wanted.empty() && wanted != record.container) return;
    std::string_view rest = record.bytes;
    do {
        const std::string_view part = rest.substr(0, guest::longest_part);
        send(guest::Log{sequence, record.time_ns, record.stream, record.container, as_bytes(part)});
        rest.remove_prefix(part.size());
    } while (!rest.empty());
}

void Session::send_changes() {
    for (const std::string& name : attachment_->changed) {
        if (const Container* container = supervisor_.find(name)) send(container->status());
    }
    attachment_->changed.clear();
}

bool Session::is_attachment_over() const {
    if (!attachment_->follows || is_finishing_ || supervisor_.has_ended()) return true;
    const Container* container = supervisor_.find(attachment_->container);
    return container != nullptr && supervisor_.is_over(*container);
}

void Session::detach() {
    // How it ended comes last, whoever was quicker.
    for (const auto& entry : supervisor_.containers()) note_change(*entry);
    send_changes();
    const Container* container = supervisor_.find(attachment_->container);
    was_told_ = was_told_ || supervisor_.has_ended() ||
                (container != nullptr && supervisor_.is_over(*container));
    if (attachment_->container.empty() && supervisor_.has_ended()) {
        send(guest::GuestEnd{supervisor_.ending().wait_status, supervisor_.ending().container});
    }
    if (Input* input = target()) input->on_room([] {});
    context_.journal.forget(attachment_->listener);
    attachment_.reset();
    connection_.pause(false);
    done();
    finish_when_free();
}

void Session::on_room() {
    send_logs();
    if (process_) process_->resume();
}

void Session::finish() {
    is_finishing_ = true;
    send_logs();
    finish_when_free();
}

void Session::finish_when_free() {
    if (is_finishing_ && !attachment_ && !process_) connection_.finish();
}

Input* Session::target() const {
    if (process_) return &process_->input();
    if (!attachment_ || !attachment_->has_input) return nullptr;
    Container* container = supervisor_.find(attachment_->container);
    return container == nullptr ? nullptr : &container->input();
}

bool Session::target_has_terminal() const {
    if (process_) return process_->has_terminal();
    const Container* container = supervisor_.find(attachment_->container);
    return container != nullptr && container->has_terminal();
}

void Session::take_input(Bytes bytes) {
    Input* input = target();
    if (input == nullptr) return;
    input->write(as_text(bytes));
    if (!input->has_room()) connection_.pause(true);
}

/// Frames for the process that the session is attached to; whether this was one.
bool Session::handle_process(const guest::Frame& frame) {
    const auto type = static_cast<unsigned>(frame.type);
    if (type < static_cast<unsigned>(FrameType::Input) ||
        type > static_cast<unsigned>(FrameType::SignalProcess)) {
        return false;
    }
    // It may have ended while the frame was on its way.
    if (!attachment_ && !process_) return true;
    const Container* container = attachment_ ? supervisor_.find(attachment_->container) : nullptr;
    if (frame.type == FrameType::Input) {
        take_input(frame.payload);
    } else if (frame.type == FrameType::InputEnd) {
        if (Input* input = target()) input->end(target_has_terminal());
    } else if (const auto resize = guest::decode<guest::Resize>(frame.payload);
               frame.type == FrameType::Resize && resize) {
        if (process_) process_->resize(resize->rows, resize->columns);
        if (container != nullptr) container->resize(resize->rows, resize->columns);
    } else if (const auto signal = guest::decode<guest::SignalProcess>(frame.payload);
               frame.type == FrameType::SignalProcess && signal) {
        if (process_) process_->signal(static_cast<int>(signal->number));
        const int number = static_cast<int>(signal->number);
        if (container != nullptr) container->signal(number, false);
        if (attachment_ && attachment_->container.empty()) supervisor_.signal(number);
    } else {
        refuse(ErrorCode::Usage, "the frame's payload is malformed");
    }
    return true;
}

}  // namespace kos::init
