// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The runtime's log, in the two forms that engines parse:
//
//     time="2026-11-21T22:16:23Z" level=error msg="…"
//     {"level":"error","msg":"…","time":"2026-11-21T22:16:23Z"}
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <string>
#include <string_view>

namespace kos::oci {

class Log {
   public:
    /// `path`: standard error when empty. `format`: "text", "json" or empty.
    [[nodiscard]] static Result<Log> open(const std::string& path, const std::string& format,
                                          bool debug);

    void error(std::string_view message) const { write("error", message); }
    void warning(std::string_view message) const { write("warning", message); }
    void debug(std::string_view message) const {
        if (debug_) write("debug", message);
    }
    /// Whether messages go elsewhere than standard error.
    [[nodiscard]] bool is_a_file() const { return static_cast<bool>(file_); }

   private:
    void write(std::string_view level, std::string_view message) const;

    sys::UniqueFd file_;
    bool json_ = false;
    bool debug_ = false;
};

}  // namespace kos::oci
