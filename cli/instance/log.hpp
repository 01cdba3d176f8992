// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The logs of an instance: a file for each app, a line of JSON for each line that it wrote, as
// docker's json-file has them:
//
//   {"log":"what it wrote\\n","stream":"stdout","time":"2026-01-01T00:00:00.000000000Z"}
//
// A line that is longer than 16 KiB, or than a file, is cut, bytes that are no UTF-8 are replaced
// by U+FFFD. A file that is full becomes an older one, NAME.log.1, which becomes NAME.log.2, and so
// on; the oldest is removed. So the names go from the newest to the oldest, one may be missing for
// a moment, and a file that is read meanwhile is found again at a later name.
#pragma once

#include "cli/instance/folder.hpp"
#include "cli/instance/state.hpp"
#include "lib/base/bytes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kos::instance {

/// Standard output and error of the app, and what was said about it or about the target.
enum class Stream : std::uint8_t { Output, Error, Target };

/// Stands for the target where an app's number is expected.
inline constexpr std::uint32_t no_app = 0xff;

class LogWriter {
   public:
    static constexpr std::size_t longest_line = 16u << 10;

    /// \p folder outlives the writer.
    explicit LogWriter(const Folder& folder) : folder_(folder) {}

    /// Before the app writes.
    void set_policy(std::uint32_t app, const LogPolicy& policy) { policies_[app] = policy; }

    /// Whole lines are written at once, the rest of one when it is whole or the app has ended.
    void write(std::uint32_t app, Stream stream, Bytes bytes);
    void flush(std::uint32_t app);
    void flush();

   private:
    struct File {
        sys::UniqueFd fd;
        std::uint64_t size = 0;
        std::uint64_t lost = 0;  ///< records that could not be written
    };
    void put(std::uint32_t app, Stream stream, std::string_view line);
    bool append(std::uint32_t app, std::string_view record);
    bool rotate(std::uint32_t app, File& file) const;
    [[nodiscard]] bool open(std::uint32_t app, File& file) const;
    [[nodiscard]] LogPolicy policy_of(std::uint32_t app) const;

    const Folder& folder_;
    std::map<std::uint32_t, LogPolicy> policies_;
    std::map<std::uint32_t, File> files_;
    std::map<std::pair<std::uint32_t, Stream>, std::string> unfinished_;
};

struct LogEntry {
    std::string time;  ///< RFC 3339, of one length: they compare as times do
    std::uint32_t app = no_app;
    Stream stream = Stream::Output;
    std::string text;  ///< with its newline
};

/// The log of an app or, as no_app, of the target.
struct LogSource {
    std::uint32_t app = no_app;
    std::uint32_t files = LogPolicy{}.files;  ///< at most
};

/// Reads the logs of some apps, in the order of their times, and goes on as they grow.
class LogReader {
   public:
    /// \p folder outlives the reader.
    LogReader(const Folder& folder, const std::vector<LogSource>& sources);

    /// What has been written since the last call, and not removed.
    std::vector<LogEntry> read();

   private:
    struct File {
        sys::UniqueFd fd;
        std::uint64_t inode = 0;
    };
    struct Log {
        LogSource source;
        File file{};         ///< as far as it was read: the newest that there was
        std::string rest{};  ///< of it: a record that is not whole
    };
    [[nodiscard]] std::optional<File> open(std::uint32_t app, std::uint32_t age) const;
    [[nodiscard]] std::vector<File> newer_files(const Log& log) const;
    void read_log(Log& log, std::vector<LogEntry>& entries) const;
    static void read_rest(Log& log, std::vector<LogEntry>& entries);

    const Folder& folder_;
    std::vector<Log> logs_;
};

}  // namespace kos::instance
