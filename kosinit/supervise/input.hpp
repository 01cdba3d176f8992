// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a process is to read, kept until it does.
#pragma once

#include "kosinit/supervise/context.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace kos::init {

class Input {
   public:
    /// More than this is not taken; whoever writes waits for `on_room`.
    static constexpr std::size_t most = 64u << 10;

    explicit Input(Context& context) : context_(context) {}
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input() { close(); }

    /// A pipe's or terminal's end, made non-blocking.
    void open(sys::UniqueFd target);
    /// Without an open target nothing is kept.
    void write(std::string_view bytes);
    /// Closes once what was written has gone. \p terminal: an end-of-file character is typed.
    void end(bool terminal);
    void close();
    [[nodiscard]] bool has_room() const { return pending_.size() < most; }
    void on_room(std::function<void()> action) { on_room_ = std::move(action); }

   private:
    void flush();

    Context& context_;
    sys::UniqueFd target_;
    std::string pending_;
    bool is_ending_ = false;
    std::function<void()> on_room_ = [] {};
};

}  // namespace kos::init
