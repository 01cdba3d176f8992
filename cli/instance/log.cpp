// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/log.hpp"

#include "lib/linux/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace kos::instance {

namespace {

using Json = nlohmann::ordered_json;

/// \p age 0: the one that is written to.
std::string file_name(std::uint32_t app, std::uint32_t age = 0) {
    const std::string name = (app == no_app ? "target" : std::to_string(app)) + ".log";
    return age == 0 ? name : name + "." + std::to_string(age);
}

std::string_view name_of(Stream stream) {
    switch (stream) {
        case Stream::Output:
            return "stdout";
        case Stream::Error:
            return "stderr";
        case Stream::Target:
            return "target";
    }
    return "target";
}

std::string record_of(Stream stream, std::string_view text) {
    const Json json{{"log", text}, {"stream", name_of(stream)}, {"time", to_text(now())}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Where to cut a line of several bytes: before a character of UTF-8, if there is one.
std::size_t half_of(std::string_view line) {
    std::size_t half = line.size() / 2;
    while (half > 1 && (static_cast<unsigned char>(line[half]) & 0xc0u) == 0x80u) --half;
    return half;
}

std::optional<LogEntry> entry_in(std::string_view record) {
    const Json json = Json::parse(record, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    const auto text = [&](const char* key) {
        const auto found = json.find(key);
        return found != json.end() && found->is_string() ? found->get<std::string>() : "";
    };
    LogEntry entry;
    entry.time = text("time");
    entry.stream = Stream::Target;
    entry.text = text("log");
    if (text("stream") == "stdout") entry.stream = Stream::Output;
    if (text("stream") == "stderr") entry.stream = Stream::Error;
    return entry;
}

}  // namespace

void LogWriter::write(std::uint32_t app, Stream stream, Bytes bytes) {
    if (stream != Stream::Target && !policy_of(app).keeps_output) return;
    std::string& line = unfinished_[{app, stream}];
    std::string_view text = as_text(bytes);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::size_t whole = end == text.npos ? text.size() : end + 1;
        const std::size_t part = std::min(whole, longest_line - line.size());
        line += text.substr(0, part);
        text.remove_prefix(part);
        if (line.ends_with('\n') || line.size() == longest_line) {
            put(app, stream, line);
            line.clear();
        }
    }
}

void LogWriter::flush(std::uint32_t app) {
    for (auto& [key, line] : unfinished_) {
        if (key.first != app || line.empty()) continue;
        put(app, key.second, line);
        line.clear();
    }
}

void LogWriter::flush() {
    for (const auto& [key, line] : unfinished_) {
        if (!line.empty()) put(key.first, key.second, line);
    }
    unfinished_.clear();
}

void LogWriter::put(std::uint32_t app, Stream stream, std::string_view line) {
    std::uint64_t& lost = files_[app].lost;
    if (lost != 0) {
        const std::string note = std::to_string(lost) + " lines of the log are lost\n";
        if (append(app, record_of(Stream::Target, note))) lost = 0;
    }
    // Its time comes behind the note's.
    const std::string record = record_of(stream, line);
    if (record.size() > policy_of(app).file_size && line.size() > 1) {
        const std::size_t half = half_of(line);
        put(app, stream, line.substr(0, half));
        put(app, stream, line.substr(half));
        return;
    }
    if (lost != 0 || !append(app, record)) ++lost;
}

LogPolicy LogWriter::policy_of(std::uint32_t app) const {
    const auto found = policies_.find(app);
    return found == policies_.end() ? LogPolicy{} : found->second;
}

bool LogWriter::open(std::uint32_t app, File& file) const {
    constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW;
    auto opened = sys::open(folder_.fd(), file_name(app).c_str(), flags, 0600);
    if (!opened) return false;
    file.fd = std::move(opened).value();
    const auto found = sys::stat(file.fd.get());
    file.size = found ? static_cast<std::uint64_t>(found->st_size) : 0;
    return true;
}

bool LogWriter::append(std::uint32_t app, std::string_view record) {
    File& file = files_[app];
    if (!file.fd && !open(app, file)) return false;
    const bool is_full = file.size + record.size() > policy_of(app).file_size && file.size != 0;
    if (is_full && !rotate(app, file)) return false;
    if (!sys::write_all(file.fd.get(), record)) {
        // No half of a record stays before the next one.
        (void)!::ftruncate(file.fd.get(), static_cast<off_t>(file.size));
        return false;
    }
    file.size += record.size();
    return true;
}

/// Makes room for another file: every one becomes older, the oldest goes.
bool LogWriter::rotate(std::uint32_t app, File& file) const {
    const std::uint32_t files = policy_of(app).files;
    const auto is_done = [](int result) { return result == 0 || errno == ENOENT; };
    if (files == 1) {
        if (!is_done(::unlinkat(folder_.fd(), file_name(app).c_str(), 0))) return false;
    }
    for (std::uint32_t age = files - 1; age > 0; --age) {
        const std::string from = file_name(app, age - 1), to = file_name(app, age);
        if (!is_done(::renameat(folder_.fd(), from.c_str(), folder_.fd(), to.c_str()))) {
            return false;
        }
    }
    file.fd = {};
    return open(app, file);
}

LogReader::LogReader(const Folder& folder, const std::vector<LogSource>& sources)
    : folder_(folder) {
    for (const LogSource& source : sources) logs_.push_back({source});
}

std::vector<LogEntry> LogReader::read() {
    std::vector<LogEntry> entries;
    for (Log& log : logs_) read_log(log, entries);
    std::stable_sort(entries.begin(), entries.end(),
                     [](const LogEntry& a, const LogEntry& b) { return a.time < b.time; });
    return entries;
}

std::optional<LogReader::File> LogReader::open(std::uint32_t app, std::uint32_t age) const {
    auto opened = sys::open(folder_.fd(), file_name(app, age).c_str(), O_RDONLY);
    if (!opened) return std::nullopt;
    const auto found = sys::stat(opened->get());
    if (!found) return std::nullopt;
    return File{std::move(opened).value(), found->st_ino};
}

/// Those that are newer than the one that is read, the newest first: so none escapes while the
/// writer makes each older, and one that is met twice is left out. Where a file was begun meanwhile
/// it is done again; where that never ends, the next call sees them.
std::vector<LogReader::File> LogReader::newer_files(const Log& log) const {
    constexpr int most_attempts = 16;
    const std::uint32_t app = log.source.app;
    const auto newest = [&]() -> std::uint64_t {
        const auto found = sys::stat(folder_.fd(), file_name(app).c_str());
        return found ? found->st_ino : 0;
    };
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const std::uint64_t before = newest();
        std::vector<File> newer;
        for (std::uint32_t age = 0; age < log.source.files; ++age) {
            auto file = open(app, age);
            if (!file) continue;
            if (log.file.fd && file->inode == log.file.inode) break;
            const bool is_known =
                std::ranges::find(newer, file->inode, &File::inode) != newer.end();
            if (!is_known) newer.push_back(std::move(*file));
        }
        if (newest() == before) return newer;
    }
    return {};
}

void LogReader::read_log(Log& log, std::vector<LogEntry>& entries) const {
    std::vector<File> newer = newer_files(log);
    // Nothing more is written to it where there are newer ones.
    if (log.file.fd) read_rest(log, entries);
    for (; !newer.empty(); newer.pop_back()) {
        log.file = std::move(newer.back());
        log.rest.clear();
        read_rest(log, entries);
    }
}

void LogReader::read_rest(Log& log, std::vector<LogEntry>& entries) {
    std::array<char, 64 << 10> buffer;
    for (;;) {
        const ssize_t got = ::read(log.file.fd.get(), buffer.data(), buffer.size());
        if (got <= 0) return;
        log.rest.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t begin = 0;
        for (std::size_t end = log.rest.find('\n'); end != std::string::npos;
             end = log.rest.find('\n', begin)) {
            const std::string_view record = std::string_view{log.rest}.substr(begin, end - begin);
            if (auto entry = entry_in(record)) {
                entry->app = log.source.app;
                entries.push_back(std::move(*entry));
            }
            begin = end + 1;
        }
        log.rest.erase(0, begin);
    }
}

}  // namespace kos::instance
