// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/store.hpp"

#include "cli/file/file.hpp"
#include "cli/oci/image.hpp"
#include "cli/system/user_folder.hpp"
#include "lib/linux/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sys/file.h>
#include <system_error>

namespace kos::system {
namespace {

namespace fs = std::filesystem;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/' || c == ':';
}

/// The entry's folder: one path component. Nothing where it is no image's name.
std::optional<std::string> entry_of(std::string_view name) {
    if (name.ends_with("/.")) name.remove_suffix(2);
    const bool is_good = !name.empty() && name.front() != '.' && name.front() != '/' &&
                         !name.ends_with('/') && !name.ends_with(':') && name.size() <= 200 &&
                         std::all_of(name.begin(), name.end(), is_name_character);
    if (!is_good) return std::nullopt;
    std::string entry;
    for (const char c : name) c == '/' ? entry.append("%2f") : entry.append(1, c);
    if (name.find(':', name.rfind('/') + 1) == name.npos) entry += ":latest";
    return entry;
}

Err<Error> failed(const fs::path& path, const std::error_code& error) {
    return fail(ErrorCode::File, path.string(), error.message());
}
Err<Error> failed(const fs::path& path, sys::Errno error) {
    return fail(ErrorCode::File, path.string(), sys::describe(error));
}

/// Keeps the imports of others out of the store.
class Lock {
   public:
    static Outcome<Lock> take(const fs::path& folder) {
        std::error_code error;
        fs::create_directories(folder, error);
        if (error) return failed(folder, error);
        auto fd = sys::open(AT_FDCWD, folder.c_str(), O_RDONLY | O_DIRECTORY);
        if (!fd) return failed(folder, fd.error());
        while (::flock(fd->get(), LOCK_EX) != 0) {
            if (errno != EINTR) return failed(folder, sys::Errno{errno});
        }
        return Lock{std::move(*fd)};
    }

   private:
    explicit Lock(sys::UniqueFd fd) : fd_(std::move(fd)) {}
    sys::UniqueFd fd_;
};

/// Whoever looks finds the old entry or the new one; the old one is at \p fresh then.
Outcome<void> put_in_place(const fs::path& fresh, const fs::path& place) {
    const auto rename = [&](unsigned flags) {
        return ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, place.c_str(), flags) == 0;
    };
    if (rename(RENAME_EXCHANGE) || (errno == ENOENT && rename(0))) return {};
    return failed(place, sys::Errno{errno});
}

/// Makes the entry \p folder of the image.
Outcome<void> fill(const fs::path& folder, const oci::ImageReference& from) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return failed(folder, error);
    fs::copy(from.path, folder / "layout", fs::copy_options::recursive, error);
    if (error) return failed(folder, error);
    if (!from.tag) return {};
    std::ofstream tag{folder / "tag"};
    tag << *from.tag;
    tag.close();
    if (!tag) return fail(ErrorCode::File, (folder / "tag").string());
    return {};
}

}  // namespace

Outcome<void> Store::import(const oci::ImageReference& from, std::string_view name) const {
    const auto entry = entry_of(name);
    if (!entry) {
        return fail(ErrorCode::Usage, std::string{name},
                    "an image's name has letters, digits, '.', '_', '-', '/' and a :TAG");
    }
    KOS_TRY(oci::load_image(from));
    const Lock lock = KOS_TRY(Lock::take(folder_));
    // No image's entry has that name.
    const fs::path fresh = folder_ / (*entry + "%new");
    std::error_code error;
    fs::remove_all(fresh, error);
    auto done = error ? Outcome<void>{failed(fresh, error)} : fill(fresh, from);
    if (done) done = put_in_place(fresh, folder_ / *entry);
    // What did not get there, or what was there before.
    fs::remove_all(fresh, error);
    return done;
}

Outcome<oci::ImageReference> Store::find(std::string_view name) const {
    const auto entry = entry_of(name);
    const fs::path place = folder_ / entry.value_or("");
    std::error_code error;
    if (!entry || !fs::exists(place / "layout", error)) {
        return fail(ErrorCode::NotLocal, std::string{name}, "the store is " + folder_.string());
    }
    oci::ImageReference reference{
        .path = (place / "layout").string(), .tag = {}, .name = std::string{name}};
    if (auto tag = file::read(place / "tag")) reference.tag = std::move(tag).value();
    return reference;
}

StoredName stored_name(std::string_view image) {
    constexpr std::string_view native = "kos:", microvm = "docker:";
    if (image.starts_with(native)) {
        return {image.substr(native.size()), manifest::AppKind::Native};
    }
    if (image.starts_with(microvm)) {
        return {image.substr(microvm.size()), manifest::AppKind::MicroVm};
    }
    return {image};
}

fs::path store_folder() { return user_folder("KOS_IMAGES", "images"); }

}  // namespace kos::system
