// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/store.hpp"

#include "cli/oci/archive.hpp"

#include <filesystem>
#include <fstream>
#include <map>

namespace kos::oci {
namespace {

class DirectoryStore final : public Store {
   public:
    explicit DirectoryStore(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] std::optional<std::uint64_t> size(const std::string& name) const override {
        std::error_code error;
        if (!std::filesystem::is_regular_file(root_ / name, error)) return std::nullopt;
        const auto bytes = std::filesystem::file_size(root_ / name, error);
        if (error) return std::nullopt;
        return bytes;
    }

    [[nodiscard]] Outcome<std::string> read(const std::string& name) const override {
        const std::filesystem::path path = root_ / name;
        const auto bytes = size(name);
        std::ifstream file{path, std::ios::binary};
        if (!bytes || !file) return fail(ErrorCode::File, path.string());
        std::string content(static_cast<std::size_t>(*bytes), '\0');
        file.read(content.data(), static_cast<std::streamsize>(content.size()));
        if (!file) return fail(ErrorCode::File, path.string(), "it ended early");
        return content;
    }

   private:
    std::filesystem::path root_;
};

/// Knows where each member begins, so that reading one does not read the others.
class TarStore final : public Store {
   public:
    struct Member {
        std::uint64_t position;  ///< of its header in the tar
        std::uint64_t size;
    };

    TarStore(std::string path, std::map<std::string, Member> members)
        : path_(std::move(path)), members_(std::move(members)) {}

    [[nodiscard]] std::optional<std::uint64_t> size(const std::string& name) const override {
        const auto member = members_.find(name);
        if (member == members_.end()) return std::nullopt;
        return member->second.size;
    }

    [[nodiscard]] Outcome<std::string> read(const std::string& name) const override {
        const auto member = members_.find(name);
        const std::string where = path_ + ": " + name;
        if (member == members_.end()) return fail(ErrorCode::File, where, "no such member");
        auto archive = KOS_TRY(open_tar_file(path_, member->second.position));
        if (!KOS_TRY(archive.next())) return fail(ErrorCode::File, where, "the tar is cut short");
        return archive.read_data();
    }

   private:
    std::string path_;
    std::map<std::string, Member> members_;
};

Outcome<std::unique_ptr<Store>> open_tar(const std::string& path) {
    auto archive = KOS_TRY(open_tar_file(path, 0));
    std::error_code error;
    const std::uint64_t tar_size = std::filesystem::file_size(path, error);
    if (error) return fail(ErrorCode::File, path, error.message());
    std::map<std::string, TarStore::Member> members;
    while (KOS_TRY(archive.next())) {
        if (archive.type() != EntryType::File || !archive.hard_link().empty()) continue;
        if (archive.size() > tar_size) {
            return fail(ErrorCode::LayoutUnreadable, path, archive.path() + " is cut short");
        }
        std::string name = archive.path();
        if (name.starts_with("./")) name.erase(0, 2);
        members[name] = {archive.header_position(), archive.size()};
    }
    return std::unique_ptr<Store>{std::make_unique<TarStore>(path, std::move(members))};
}

}  // namespace

Outcome<std::unique_ptr<Store>> open_store(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) {
        return std::unique_ptr<Store>{std::make_unique<DirectoryStore>(path)};
    }
    if (std::filesystem::is_regular_file(status)) {
        auto store = open_tar(path);
        if (!store) return fail(ErrorCode::LayoutUnreadable, path, store.error().detail);
        return store;
    }
    return fail(ErrorCode::LayoutUnreadable, path, "no such file or directory");
}

}  // namespace kos::oci
