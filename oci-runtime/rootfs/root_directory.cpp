// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/root_directory.hpp"

#include <deque>
#include <linux/openat2.h>
#include <string>
#include <vector>

namespace kos::oci {

namespace {

/// Found out at the first attempt: then every path is walked by hand.
bool openat2_refused = false;

using sys::Errno;
using sys::Fd;
using sys::UniqueFd;

enum class Missing { Fail, MakeDirectories, MakeFile };

/// The walk by hand. Holds the directories from the root to here, so that ".." is the directory
/// that was come through, whatever has been renamed meanwhile.
class Walk {
   public:
    Walk(Fd root, Links links, Missing missing, mode_t mode)
        : root_(root), links_(links), missing_(missing), mode_(mode) {}

    sys::Result<UniqueFd> to(std::string_view path) {
        prepend(path);
        UniqueFd last;
        while (!left_.empty()) {
            const std::string name = std::move(left_.front());
            left_.pop_front();
            if (last) come_through_.push_back(std::move(last));
            if (name == "..") {
                if (!come_through_.empty()) come_through_.pop_back();
                continue;
            }
            last = KOS_TRY(step(name));
        }
        if (last) return last;
        return sys::open(here(), ".", O_PATH | O_DIRECTORY);
    }

   private:
    [[nodiscard]] Fd here() const {
        return come_through_.empty() ? root_ : come_through_.back().get();
    }

    /// Puts the components of `path` before what is left.
    void prepend(std::string_view path) {
        std::vector<std::string> parts;
        while (!path.empty()) {
            const std::size_t slash = path.find('/');
            const std::string_view part = path.substr(0, slash);
            if (!part.empty() && part != ".") parts.emplace_back(part);
            if (slash == std::string_view::npos) break;
            path.remove_prefix(slash + 1);
        }
        left_.insert(left_.begin(), parts.begin(), parts.end());
    }

    /// Nothing (an empty descriptor) where the component was a link: its target is now left to
    /// walk.
    sys::Result<UniqueFd> step(const std::string& name) {
        auto opened = sys::open(here(), name.c_str(), O_PATH | O_NOFOLLOW);
        if (!opened && opened.error() == ENOENT && missing_ != Missing::Fail) {
            KOS_TRY(make(name));
            opened = sys::open(here(), name.c_str(), O_PATH | O_NOFOLLOW);
        }
        UniqueFd entry = KOS_TRY(std::move(opened));
        if (!S_ISLNK(KOS_TRY(sys::stat(entry.get())).st_mode)) return entry;
        if (links_ == Links::Refuse || ++followed_ > max_links) return Err{Errno{ELOOP}};
        const std::string target = KOS_TRY(sys::read_link(entry.get(), ""));
        if (target.starts_with('/')) come_through_.clear();
        prepend(target);
        return UniqueFd{};
    }

    sys::Result<void> make(const std::string& name) {
        if (missing_ == Missing::MakeFile && left_.empty()) {
            auto file =
                sys::open(here(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
            if (!file && !(file.error() == EEXIST)) return Err{file.error()};
            return {};
        }
        if (::mkdirat(here(), name.c_str(), mode_) != 0 && errno != EEXIST) {
            return sys::last_error();
        }
        return {};
    }

    static constexpr int max_links = 40;
    Fd root_;
    Links links_;
    Missing missing_;
    mode_t mode_;
    std::deque<std::string> left_;
    std::vector<UniqueFd> come_through_;
    int followed_ = 0;
};

/// Whether the kernel, or a filter around us, has no openat2(2).
bool is_refused(Errno error) { return error == ENOSYS || error == EPERM; }

sys::Result<UniqueFd> find_in(Fd root, std::string_view path, Links links) {
    if (!openat2_refused) {
        const std::uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
                                      (links == Links::Refuse ? RESOLVE_NO_SYMLINKS : 0);
        const std::string text{path.empty() ? "." : path};
        auto found = sys::open_resolved(root, text.c_str(), O_PATH, resolve);
        if (found || !is_refused(found.error())) return found;
        openat2_refused = true;
    }
    return Walk{root, links, Missing::Fail, 0}.to(path);
}

}  // namespace

sys::Result<UniqueFd> RootDirectory::find(std::string_view path, Links links) const {
    return find_in(fd_.get(), path, links);
}

sys::Result<UniqueFd> RootDirectory::make_directory(std::string_view path, Links links,
                                                    mode_t mode) const {
    auto found = find(path, links);
    if (!found && found.error() == ENOENT) {
        found = Walk{fd_.get(), links, Missing::MakeDirectories, mode}.to(path);
    }
    UniqueFd directory = KOS_TRY(std::move(found));
    if (!S_ISDIR(KOS_TRY(sys::stat(directory.get())).st_mode)) return Err{Errno{ENOTDIR}};
    return directory;
}

sys::Result<UniqueFd> RootDirectory::make_file(std::string_view path) const {
    auto found = find(path);
    if (found || !(found.error() == ENOENT)) return found;
    return Walk{fd_.get(), Links::Follow, Missing::MakeFile, 0755}.to(path);
}

sys::Result<RootDirectory::Entry> RootDirectory::make_parent(std::string_view path) const {
    while (path.ends_with('/')) path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (name.empty() || name == "." || name == "..") return Err{Errno{EINVAL}};
    const std::string_view parent =
        slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
    return Entry{KOS_TRY(make_directory(parent)), std::string{name}};
}

}  // namespace kos::oci
