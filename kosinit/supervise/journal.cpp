// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/journal.hpp"

#include "kosinit/supervise/timers.hpp"
#include "lib/linux/file.hpp"

#include <algorithm>
#include <vector>

namespace kos::init {

void Journal::tell(const std::string& line) {
    write_console("kosinit: " + line + "\n");
    add({boot_time_ns(), guest::Stream::Guest, "", line + "\n"});
}

void Journal::append(const std::string& container, guest::Stream stream, std::string_view bytes) {
    if (copies_) write_console(bytes);
    add({boot_time_ns(), stream, container, std::string{bytes}});
}

void Journal::add(LogRecord record) {
    std::uint64_t floor = ~std::uint64_t{0};
    for (const auto& [id, listener] : listeners_) floor = std::min(floor, listener.held);
    ring_.append(std::move(record), floor);
    // A listener may go while it is told.
    std::vector<ListenerId> ids;
    for (const auto& [id, listener] : listeners_) ids.push_back(id);
    for (const ListenerId id : ids) {
        if (const auto found = listeners_.find(id); found != listeners_.end()) {
            const auto on_news = found->second.on_news;
            on_news();
        }
    }
}

void Journal::write_console(std::string_view text) const {
    // Nothing can be done about a console that does not take it.
    if (console_ < 0) return;
    static_cast<void>(sys::write_all(console_, std::string{prefix_}.append(text)));
}

Journal::ListenerId Journal::listen(std::function<void()> on_news) {
    listeners_[++last_] = {std::move(on_news)};
    return last_;
}

void Journal::forget(ListenerId id) {
    if (listeners_.erase(id) != 0) on_room_();
}

void Journal::hold(ListenerId id, std::uint64_t next) {
    const auto found = listeners_.find(id);
    if (found == listeners_.end()) return;
    found->second.held = next;
    on_room_();
}

bool Journal::has_room(std::size_t size) const {
    return std::ranges::none_of(
        listeners_, [&](const auto& entry) { return ring_.would_forget(entry.second.held, size); });
}

}  // namespace kos::init
