// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/log.hpp"

#include "lib/linux/file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kos::instance {

namespace {

using Json = nlohmann::ordered_json;

std::string file_name(std::uint32_t app) {
    return (app == no_app ? "target" : std::to_string(app)) + ".log";
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
    const auto record_of = [](Stream of, std::string_view text) {
        const Json json{{"log", text}, {"stream", name_of(of)}, {"time", to_text(now())}};
        return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    };
    if (lost_ != 0) {
        const std::string note = std::to_string(lost_) + " lines of the log are lost\n";
        if (append(app, record_of(Stream::Target, note))) lost_ = 0;
    }
    if (lost_ != 0 || !append(app, record_of(stream, line))) ++lost_;
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
    if (file.size + record.size() > largest_ && file.size != 0) {
        const std::string name = file_name(app);
        (void)::renameat(folder_.fd(), name.c_str(), folder_.fd(), (name + ".1").c_str());
        if (!open(app, file)) return false;
    }
    if (!sys::write_all(file.fd.get(), record)) {
        // No half of a record stays before the next one.
        (void)!::ftruncate(file.fd.get(), static_cast<off_t>(file.size));
        return false;
    }
    file.size += record.size();
    return true;
}

LogReader::LogReader(const Folder& folder, const std::vector<std::uint32_t>& apps)
    : folder_(folder) {
    for (const std::uint32_t app : apps) files_.push_back({app, file_name(app), {}, 0, {}});
}

std::vector<LogEntry> LogReader::read() {
    std::vector<LogEntry> entries;
    for (File& file : files_) read_file(file, entries);
    std::stable_sort(entries.begin(), entries.end(),
                     [](const LogEntry& a, const LogEntry& b) { return a.time < b.time; });
    return entries;
}

void LogReader::read_file(File& file, std::vector<LogEntry>& entries) const {
    if (!file.fd) {
        if (auto older = sys::open(folder_.fd(), (file.name + ".1").c_str(), O_RDONLY)) {
            File first{file.app, file.name, std::move(older).value(), 0, {}};
            read_rest(first, entries);
        }
    }
    for (;;) {
        if (file.fd) read_rest(file, entries);
        // Another file of that name: the one that we have has become the older one.
        const auto there = sys::stat(folder_.fd(), file.name.c_str());
        if (!there || (file.fd && there->st_ino == file.inode)) return;
        auto opened = sys::open(folder_.fd(), file.name.c_str(), O_RDONLY);
        if (!opened) return;
        if (file.fd) read_rest(file, entries);
        file.fd = std::move(opened).value();
        file.rest.clear();
        const auto found = sys::stat(file.fd.get());
        file.inode = found ? found->st_ino : 0;
    }
}

void LogReader::read_rest(File& file, std::vector<LogEntry>& entries) {
    std::array<char, 64 << 10> buffer;
    for (;;) {
        const ssize_t got = ::read(file.fd.get(), buffer.data(), buffer.size());
        if (got <= 0) return;
        file.rest.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t begin = 0;
        for (std::size_t end = file.rest.find('\n'); end != std::string::npos;
             end = file.rest.find('\n', begin)) {
            const std::string_view record = std::string_view{file.rest}.substr(begin, end - begin);
            if (auto entry = entry_in(record)) {
                entry->app = file.app;
                entries.push_back(std::move(*entry));
            }
            begin = end + 1;
        }
        file.rest.erase(0, begin);
    }
}

}  // namespace kos::instance
