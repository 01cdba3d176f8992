// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/log.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/state/record.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>

namespace kos::oci {

Result<Log> Log::open(const std::string& path, const std::string& format, bool debug) {
    if (!format.empty() && format != "text" && format != "json") {
        return fail("--log-format", "must be text or json, is \"" + format + "\"");
    }
    Log log;
    log.json_ = format == "json";
    log.debug_ = debug;
    // crun's "file:PATH" is a path as well.
    const std::string file = path.starts_with("file:") ? path.substr(5) : path;
    if (!file.empty() && file != "/dev/stderr") {
        log.file_ = KOS_TRY(explain(
            sys::open(AT_FDCWD, file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), "--log", file));
    }
    return log;
}

namespace {

std::string quoted(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void Log::write(std::string_view level, std::string_view message) const {
    const std::string time = timestamp_now().substr(0, 19) + "Z";
    std::string line;
    if (json_) {
        line.append("{\"level\":\"").append(level).append("\",\"msg\":").append(quoted(message));
        line.append(",\"time\":\"").append(time).append("\"}\n");
    } else {
        line.append("time=\"").append(time).append("\" level=").append(level);
        line.append(" msg=").append(quoted(message)).append("\n");
    }
    static_cast<void>(sys::write_all(file_ ? file_.get() : 2, line));
}

}  // namespace kos::oci
