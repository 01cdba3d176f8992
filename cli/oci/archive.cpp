// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/archive.hpp"

#include "cli/oci/utf8_locale.hpp"
#include "lib/base/little_endian.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace kos::oci {
namespace {

constexpr std::size_t block_size = 1 << 16;

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

std::string message_of(struct archive* archive) {
    return text_or_empty(archive_error_string(archive));
}

/// ISIZE, the last field of a gzip member (RFC 1952, section 2.3.1): the unpacked size modulo 2^32,
/// if the stream is one member and says the truth. Deflate packs at most 1,032 to 1.
std::uint64_t size_stated_by_gzip(Bytes stream) {
    constexpr std::uint64_t best_ratio = 1032;
    if (stream.size() < sizeof(Le32)) return 0;
    Le32 size;
    std::memcpy(&size, stream.last(sizeof size).data(), sizeof size);
    return std::min<std::uint64_t>(size, stream.size() * best_ratio);
}

}  // namespace

void TarReader::Free::operator()(struct archive* archive) const { archive_read_free(archive); }

TarReader::TarReader(std::string where) : where_(std::move(where)), archive_(archive_read_new()) {
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_empty(archive_.get());
}

Err<Error> TarReader::failure() const {
    return fail(ErrorCode::LayerCorrupt, where_, message_of(archive_.get()));
}

Outcome<bool> TarReader::next() {
    const Utf8Locale locale;
    const int status = archive_read_next_header(archive_.get(), &entry_);
    if (status == ARCHIVE_EOF) return false;
    // A warning tells of a name that is not UTF-8; its bytes are there all the same.
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return failure();
    return true;
}

std::string TarReader::path() const {
    const Utf8Locale locale;
    return text_or_empty(archive_entry_pathname(entry_));
}

EntryType TarReader::type() const {
    switch (archive_entry_filetype(entry_)) {
        case AE_IFREG:
            return EntryType::File;
        case AE_IFDIR:
            return EntryType::Directory;
        case AE_IFLNK:
            return EntryType::Symlink;
        case AE_IFCHR:
            return EntryType::CharDevice;
        case AE_IFBLK:
            return EntryType::BlockDevice;
        case AE_IFIFO:
            return EntryType::Fifo;
        default:
            return EntryType::Unknown;
    }
}

std::string TarReader::hard_link() const {
    const Utf8Locale locale;
    return text_or_empty(archive_entry_hardlink(entry_));
}

std::string TarReader::symlink() const {
    const Utf8Locale locale;
    return text_or_empty(archive_entry_symlink(entry_));
}

std::uint64_t TarReader::size() const {
    return static_cast<std::uint64_t>(archive_entry_size(entry_));
}
std::uint32_t TarReader::mode() const { return archive_entry_mode(entry_) & 07777; }
std::uint32_t TarReader::user() const {
    return static_cast<std::uint32_t>(archive_entry_uid(entry_));
}
std::uint32_t TarReader::group() const {
    return static_cast<std::uint32_t>(archive_entry_gid(entry_));
}
std::int64_t TarReader::modified() const { return archive_entry_mtime(entry_); }
std::uint32_t TarReader::device_major() const {
    return static_cast<std::uint32_t>(archive_entry_rdevmajor(entry_));
}
std::uint32_t TarReader::device_minor() const {
    return static_cast<std::uint32_t>(archive_entry_rdevminor(entry_));
}

std::map<std::string, std::string> TarReader::xattrs() const {
    std::map<std::string, std::string> attributes;
    archive_entry_xattr_reset(entry_);
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (archive_entry_xattr_next(entry_, &name, &value, &size) == ARCHIVE_OK) {
        attributes[text_or_empty(name)].assign(static_cast<const char*>(value), size);
    }
    return attributes;
}

std::uint64_t TarReader::header_position() const {
    return static_cast<std::uint64_t>(archive_read_header_position(archive_.get()));
}

Outcome<std::string> TarReader::read_data() {
    std::string content(static_cast<std::size_t>(size()), '\0');
    std::size_t filled = 0;
    while (filled < content.size()) {
        const auto got =
            archive_read_data(archive_.get(), content.data() + filled, content.size() - filled);
        if (got < 0) return failure();
        if (got == 0) return fail(ErrorCode::LayerCorrupt, where_ + ": " + path(), "cut short");
        filled += static_cast<std::size_t>(got);
    }
    return content;
}

Outcome<TarReader> open_tar_file(const std::string& path, std::uint64_t position) {
    TarReader reader{path};
    reader.file_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!reader.file_) return fail(ErrorCode::File, path);
    if (::lseek(reader.file_.get(), static_cast<off_t>(position), SEEK_SET) < 0) {
        return fail(ErrorCode::File, path);
    }
    if (archive_read_open_fd(reader.archive_.get(), reader.file_.get(), block_size) != ARCHIVE_OK) {
        return reader.failure();
    }
    return reader;
}

Outcome<TarReader> open_tar_bytes(Bytes tar, const std::string& where) {
    TarReader reader{where};
    if (archive_read_open_memory(reader.archive_.get(), tar.data(), tar.size()) != ARCHIVE_OK) {
        return reader.failure();
    }
    return reader;
}

Outcome<std::string> decompress(Bytes stream, Compression compression, std::uint64_t limit,
                                const std::string& where) {
    if (compression == Compression::None) return std::string{as_text(stream)};
    const std::unique_ptr<struct archive, int (*)(struct archive*)> reader{archive_read_new(),
                                                                           archive_read_free};
    archive_read_support_format_raw(reader.get());
    archive_read_support_format_empty(reader.get());
    if (compression == Compression::Gzip) archive_read_support_filter_gzip(reader.get());
    if (compression == Compression::Zstd) archive_read_support_filter_zstd(reader.get());

    const auto failure = [&] {
        return fail(ErrorCode::LayerCorrupt, where, message_of(reader.get()));
    };
    if (archive_read_open_memory(reader.get(), stream.data(), stream.size()) != ARCHIVE_OK) {
        return failure();
    }
    struct archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return std::string{};
    if (status != ARCHIVE_OK) return failure();

    std::string content;
    if (compression == Compression::Gzip) {
        content.reserve(static_cast<std::size_t>(std::min(size_stated_by_gzip(stream), limit)));
    }
    while (true) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int got = archive_read_data_block(reader.get(), &block, &size, &offset);
        if (got == ARCHIVE_EOF) return content;
        if (got != ARCHIVE_OK) return failure();
        if (size > limit - content.size()) {
            return fail(ErrorCode::LayerCorrupt, where,
                        "it unpacks to more than " + std::to_string(limit) + " bytes");
        }
        content.append(static_cast<const char*>(block), size);
    }
}

}  // namespace kos::oci
