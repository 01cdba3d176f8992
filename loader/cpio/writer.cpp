// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/cpio/writer.hpp"

#include <array>
#include <cstdio>
#include <limits>

namespace kos::cpio {

namespace {

constexpr std::string_view trailer = "TRAILER!!!";
constexpr std::size_t alignment = 4;
/// Where the number of links is in a header, which is only known at the end.
constexpr std::size_t link_count_offset = 6 + 4 * 8;

void append_text(std::vector<std::byte>& archive, std::string_view text) {
    const Bytes bytes = as_bytes(text);
    archive.insert(archive.end(), bytes.begin(), bytes.end());
}

void pad(std::vector<std::byte>& archive) {
    archive.resize((archive.size() + alignment - 1) / alignment * alignment);
}

std::array<char, 9> hexadecimal(std::uint32_t value) {
    std::array<char, 9> text{};
    (void)std::snprintf(text.data(), text.size(), "%08x", value);
    return text;
}

void append_header(std::vector<std::byte>& archive, const Metadata& metadata,
                   std::uint32_t file_size, std::uint32_t name_size) {
    append_text(archive, "070701");
    for (const std::uint32_t field :
         {metadata.inode, metadata.mode, metadata.user, metadata.group, metadata.link_count,
          metadata.modified, file_size, metadata.device_major, metadata.device_minor,
          metadata.special_major, metadata.special_minor, name_size, 0u}) {
        append_text(archive, hexadecimal(field).data());
    }
}

void append_entry(std::vector<std::byte>& archive, const Metadata& metadata, std::string_view name,
                  Bytes data) {
    append_header(archive, metadata, static_cast<std::uint32_t>(data.size()),
                  static_cast<std::uint32_t>(name.size() + 1));
    append_text(archive, name);
    archive.push_back({});
    pad(archive);
    archive.insert(archive.end(), data.begin(), data.end());
    pad(archive);
}

}  // namespace

std::string_view describe(WriteError error) {
    switch (error) {
        case WriteError::Name:
            return "a name cannot be stored in a cpio archive";
        case WriteError::Size:
            return "a file of 4 GiB or more cannot be stored in a cpio archive";
        case WriteError::Count:
            return "a cpio archive holds no more files";
    }
    return "unknown error";
}

Result<Writer::FileId, WriteError> Writer::add(std::string_view name, const Metadata& metadata,
                                               Bytes data) {
    constexpr auto limit = std::numeric_limits<std::uint32_t>::max();
    if (files_.size() >= limit) return Err{WriteError::Count};
    File file{metadata, {}};
    file.metadata.inode = static_cast<std::uint32_t>(files_.size() + 1);
    file.metadata.device_major = 0;
    file.metadata.device_minor = 0;
    KOS_TRY(append(file, name, data));
    files_.push_back(std::move(file));
    return FileId{files_.size() - 1};
}

Result<void, WriteError> Writer::add_link(std::string_view name, FileId file) {
    return append(files_.at(file.index), name, {});
}

Result<void, WriteError> Writer::append(File& file, std::string_view name, Bytes data) {
    if (name.empty() || name == trailer || name.find('\0') != name.npos) {
        return Err{WriteError::Name};
    }
    if (data.size() > std::numeric_limits<std::uint32_t>::max()) return Err{WriteError::Size};
    file.headers.push_back(archive_.size());
    append_entry(archive_, file.metadata, name, data);
    return {};
}

std::vector<std::byte> Writer::finish() && {
    for (const File& file : files_) {
        const auto count = hexadecimal(static_cast<std::uint32_t>(file.headers.size()));
        const Bytes text = as_bytes(count.data());
        for (const std::size_t header : file.headers) {
            std::copy(text.begin(), text.end(),
                      archive_.begin() + static_cast<std::ptrdiff_t>(header + link_count_offset));
        }
    }
    append_entry(archive_, {}, trailer, {});
    return std::move(archive_);
}

}  // namespace kos::cpio
