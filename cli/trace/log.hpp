// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The trace of a run, from the payloads that a target sends (lib/msg/trace.hpp) to lines.
#pragma once

#include "cli/trace/describe.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace kos::trace {

class Log {
   public:
    /// \p line gets each line, without its newline. \p image outlives it.
    Log(const manifest::ImageView& image, std::function<void(std::string_view)> line)
        : image_(image), line_(std::move(line)) {}

    void receive(Bytes payload);

   private:
    const manifest::ImageView& image_;
    std::function<void(std::string_view)> line_;
    std::optional<Describer> describer_;  ///< once the kernel ABI record has come
};

}  // namespace kos::trace
