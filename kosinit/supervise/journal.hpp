// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The guest's log: a ring for those who ask over the control service, the console for kosinit's own
// lines, and the slowest listener that must lose nothing.
#pragma once

#include "kosinit/setup/result.hpp"
#include "kosinit/supervise/log_ring.hpp"
#include "lib/linux/unique_fd.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kos::init {

class Journal {
   public:
    explicit Journal(std::size_t capacity) : ring_(capacity) {}

    /// kosinit's own lines, such as "ready", go there as `kosinit: LINE`.
    /// \p prefix, a literal, goes before what is written there.
    void set_console(sys::Fd console, const char* prefix = "") {
        console_ = console;
        prefix_ = prefix;
    }
    void set_capacity(std::size_t capacity) { ring_.set_capacity(capacity); }
    void copy_containers_to_console(bool copies) { copies_ = copies; }

    void tell(const std::string& line);
    void tell(const Error& error) { tell(line_of(error)); }
    void append(const std::string& container, guest::Stream stream, std::string_view bytes);

    [[nodiscard]] const LogRing& ring() const { return ring_; }

    /// A listener; `on_news` is called when records were added.
    using ListenerId = std::uint64_t;
    ListenerId listen(std::function<void()> on_news);
    void forget(ListenerId id);
    /// The listener has to get \p next still, and everything after it.
    void hold(ListenerId id, std::uint64_t next);
    /// Called when a hold was moved or let go: there may be room again.
    void on_room(std::function<void()> action) { on_room_ = std::move(action); }

    /// Whether \p size bytes can be appended without losing what is held.
    [[nodiscard]] bool has_room(std::size_t size) const;

   private:
    struct Listener {
        std::function<void()> on_news;
        std::uint64_t held = ~std::uint64_t{0};
    };
    void add(LogRecord record);
    void write_console(std::string_view text) const;

    LogRing ring_;
    sys::Fd console_ = -1;
    const char* prefix_ = "";
    bool copies_ = false;
    std::map<ListenerId, Listener> listeners_;
    ListenerId last_ = 0;
    std::function<void()> on_room_ = [] {};
};

}  // namespace kos::init
