// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/session.hpp"

namespace kos::run {

void Session::receive(Bytes bytes) {
    while (!bytes.empty()) {
        bytes = bytes.subspan(reader_.feed(bytes));
        for (auto event = reader_.next(); !event.empty(); event = reader_.next()) {
            if (event.frame) handle(*event.frame);
            text(as_text(event.text));
        }
    }
}

void Session::close() {
    text(as_text(reader_.rest()));
    if (!line_.empty()) listener_.console(line_);
    line_.clear();
}

void Session::handle(const msg::Frame& frame) {
    switch (frame.type) {
        case msg::FrameType::Stdout:
        case msg::FrameType::Stderr:
            listener_.app_output(frame.type == msg::FrameType::Stderr, frame.payload);
            break;
        case msg::FrameType::Log:
            log(as_text(frame.payload));
            break;
        case msg::FrameType::Inventory:
            (before_ ? after_ : before_) = read_at<msg::InventoryRecord>(frame.payload, 0);
            break;
        case msg::FrameType::Started:
            started(apps_[frame.app], read_at<msg::UsageRecord>(frame.payload, 0));
            break;
        case msg::FrameType::Exited:
            apps_[frame.app].exit = read_at<msg::ExitRecord>(frame.payload, 0);
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
            listener_.answer(frame);
            break;
        case msg::FrameType::Stop:
        case msg::FrameType::Kill:
        case msg::FrameType::QueryStatus:
        case msg::FrameType::QueryReport:
            break;  // an echo of our own
    }
}

void Session::started(AppRecord& app, const std::optional<msg::UsageRecord>& usage) {
    const auto text = [](const std::optional<msg::UsageRecord>& record) {
        return record ? as_text(bytes_of(*record)) : std::string_view{};
    };
    if (++app.starts > 1 && text(app.usage) != text(usage)) app.usage_is_constant = false;
    app.usage = usage;
}

/// A log frame may hold several lines.
void Session::log(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        listener_.log(line);
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

void Session::text(std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            if (!line_.empty()) listener_.console(line_);
            line_.clear();
        } else if (c != '\r') {
            line_ += c;
        }
    }
}

}  // namespace kos::run
