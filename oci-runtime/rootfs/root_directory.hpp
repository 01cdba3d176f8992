// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Paths inside a container's root filesystem, resolved without ever leaving it.
//
// The filesystem's owner is hostile and may rename and link while we look (CVE-2019-19921,
// CVE-2021-30465): a path is resolved once, to a descriptor, by openat2(2) with RESOLVE_IN_ROOT, or
// where that is refused by a walk of our own in which every step is a descriptor. Nothing is
// checked by name and then used by name.
#pragma once

#include "lib/linux/file.hpp"

#include <fcntl.h>
#include <string_view>

namespace kos::oci {

enum class Links {
    Follow,  ///< within the root: "/" and ".." end there
    Refuse,  ///< ELOOP where any component is a link
};

class RootDirectory {
   public:
    explicit RootDirectory(sys::UniqueFd fd) : fd_(std::move(fd)) {}

    [[nodiscard]] sys::Fd fd() const { return fd_.get(); }

    /// O_PATH descriptor of what is at `path`.
    [[nodiscard]] sys::Result<sys::UniqueFd> find(std::string_view path,
                                                  Links links = Links::Follow) const;

    /// The directory at `path`, made with all that lead to it where they are missing.
    [[nodiscard]] sys::Result<sys::UniqueFd> make_directory(std::string_view path,
                                                            Links links = Links::Follow,
                                                            mode_t mode = 0755) const;

    /// What is at `path`, an empty file made there if nothing is.
    [[nodiscard]] sys::Result<sys::UniqueFd> make_file(std::string_view path) const;

    /// The directory that holds the last component of `path`, and that component.
    struct Entry {
        sys::UniqueFd parent;
        std::string name;
    };
    [[nodiscard]] sys::Result<Entry> make_parent(std::string_view path) const;

   private:
    sys::UniqueFd fd_;
};

}  // namespace kos::oci
