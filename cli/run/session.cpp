// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/session.hpp"

#include "boot/checks.hpp"

#include <utility>

namespace kos::run {

namespace {

/// An error as a target says it: `CODE: particulars`, the summary before them and the cure behind
/// them or not.
Error error_in(std::string_view text) {
    const std::size_t end = text.find(": ");
    const auto code = error_code_of(text.substr(0, end));
    if (!code || end == std::string_view::npos) {
        return {ErrorCode::Target, {}, std::string{text}};
    }
    const ErrorEntry& entry = entry_of(*code);
    std::string_view detail = text.substr(end + 2);
    if (detail.starts_with(entry.summary)) detail.remove_prefix(entry.summary.size());
    if (detail.starts_with(": ")) detail.remove_prefix(2);
    const std::size_t cure = detail.find("; what to do: ");
    return {*code, {}, std::string{detail.substr(0, cure)}};
}

}  // namespace

void Session::receive(Bytes bytes) {
    while (!bytes.empty()) {
        bytes = bytes.subspan(reader_.feed(bytes));
        for (auto event = reader_.next(); !event.empty(); event = reader_.next()) {
            if (std::exchange(told_missing_, reader_.missing()) != reader_.missing()) {
                listener_.frames_lost();
            }
            if (event.frame) handle(*event.frame);
            text(as_text(event.text));
        }
    }
}

void Session::close() {
    text(as_text(reader_.rest()));
    console_line();
}

void Session::handle(const msg::Frame& frame) {
    has_frame_ = true;
    switch (frame.type) {
        case msg::FrameType::Stdout:
        case msg::FrameType::Stderr:
            listener_.app_output(frame.app, frame.type == msg::FrameType::Stderr, frame.payload);
            break;
        case msg::FrameType::Log:
            log(frame.app, as_text(frame.payload));
            break;
        case msg::FrameType::Failed:
            failed(frame.app, as_text(frame.payload));
            break;
        case msg::FrameType::Inventory:
            (before_ ? after_ : before_) = read_at<msg::InventoryRecord>(frame.payload, 0);
            break;
        case msg::FrameType::Started:
            started(apps_[frame.app], read_at<msg::UsageRecord>(frame.payload, 0));
            listener_.app_started(frame.app);
            break;
        case msg::FrameType::Exited:
            apps_[frame.app].exit = read_at<msg::ExitRecord>(frame.payload, 0);
            if (const auto& exit = apps_[frame.app].exit) {
                listener_.app_exited(frame.app, exit->status);
            }
            break;
        case msg::FrameType::Cancelled:
            listener_.app_cancelled(frame.app);
            break;
        case msg::FrameType::Timings:
            apps_[frame.app].timings = read_at<msg::TimingsRecord>(frame.payload, 0);
            break;
        case msg::FrameType::Finished:
            finished_ = true;
            break;
        case msg::FrameType::Trace:
            listener_.trace(frame.payload);
            break;
        case msg::FrameType::Acknowledged:
        case msg::FrameType::Status:
        case msg::FrameType::Usage:
        case msg::FrameType::Memory:
        case msg::FrameType::GuestStream:
            listener_.answer(frame);
            break;
        case msg::FrameType::Stop:
        case msg::FrameType::Kill:
        case msg::FrameType::QueryStatus:
        case msg::FrameType::QueryReport:
        case msg::FrameType::Start:
        case msg::FrameType::Restart:
        case msg::FrameType::Shutdown:
        case msg::FrameType::Remove:
        case msg::FrameType::ToGuest:
        case msg::FrameType::Welcome:
            break;  // an echo of our own
    }
}

void Session::started(AppRecord& app, const std::optional<msg::UsageRecord>& usage) {
    // A start that finds the app's untypeds reserved takes fewer kernel calls for the same.
    const auto text = [](std::optional<msg::UsageRecord> record) {
        if (record) record->invocations = 0;
        return record ? std::string{as_text(bytes_of(*record))} : std::string{};
    };
    if (++app.starts > 1 && text(app.usage) != text(usage)) app.usage_is_constant = false;
    app.usage = usage;
    app.failure.reset();
}

void Session::failed(std::uint8_t app, std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    const Error error = error_in(text);
    if (app == msg::no_app) {
        failure_ = error;
        return;
    }
    apps_[app].failure = error;
    listener_.app_failed(app, error);
}

/// A log frame may hold several lines.
void Session::log(std::uint8_t app, std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (app == msg::no_app) {
            listener_.log(line);
        } else {
            note_error(app, line);
            listener_.app_log(app, line);
        }
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

/// `NAME: KOS-E-…`
void Session::note_error(std::uint8_t app, std::string_view line) {
    const std::size_t name = line.find(": ");
    if (name == std::string_view::npos) return;
    line.remove_prefix(name + 2);
    if (!error_code_of(line.substr(0, line.find(':')))) return;
    std::vector<std::string>& errors = apps_[app].errors;
    if (errors.size() < AppRecord::most_errors) errors.emplace_back(line);
}

void Session::text(std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            console_line();
        } else if (c != '\r') {
            line_ += c;
        }
    }
}

void Session::console_line() {
    const std::string line = std::exchange(line_, {});
    if (line.empty()) return;
    // The boot shim speaks before there is any frame; what comes later may be an app's doing.
    if (!has_frame_ && line.starts_with(boot::halt_prefix)) {
        failure_ = error_in(line.substr(boot::halt_prefix.size()));
    } else {
        listener_.console(line);
    }
}

}  // namespace kos::run
