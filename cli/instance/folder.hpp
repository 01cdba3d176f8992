// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The folder of an instance, for its process and for those that look at it:
//
//   $XDG_RUNTIME_DIR/kos/NAME/    0700
//     lock         its process holds an exclusive flock(2) on it for as long as it lives
//     state.json   what is known of it, replaced as a whole (state.hpp)
//     control      the socket on which its process answers, 0600 (server.hpp)
//     inspect.txt, inspect.json   what its apps were given (owner.hpp)
//     N.guest      a socket for each guest (guest_sockets.hpp)
//     N.log        what app N wrote, target.log what the target said (log.hpp)
//
// Whether it runs is asked of the lock alone: a process's number may have another owner by now.
#pragma once

#include "lib/base/error.hpp"
#include "lib/linux/unique_fd.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::instance {

/// $XDG_RUNTIME_DIR/kos, /run/user/UID/kos, or /tmp/kos-UID: ours alone, made where it is missing.
/// KOS-E-INSTANCE-FOLDER where it is another user's or others may write to it.
[[nodiscard]] Outcome<std::string> root_folder();

class Folder {
   public:
    enum class Existing : std::uint8_t {
        Refuse,   ///< KOS-E-INSTANCE-EXISTS, but for one whose process died without a word
        Replace,  ///< one that does not run is taken away
    };

    /// A new folder, whose lock we hold.
    static Outcome<Folder> claim(const std::string& name, Existing existing);
    /// KOS-E-INSTANCE-MISSING where there is none.
    static Outcome<Folder> find(const std::string& name);
    /// The names of all, in their order.
    static Outcome<std::vector<std::string>> list();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// For calls that take no descriptor; short, whatever the path.
    [[nodiscard]] std::string path_to(const std::string& file) const;
    [[nodiscard]] sys::Fd fd() const { return folder_.get(); }
    /// A file in it, whole; replaced as a whole. KOS-E-INSTANCE-FOLDER where that fails.
    [[nodiscard]] Outcome<std::string> read(const char* file) const;
    [[nodiscard]] Outcome<void> write(const char* file, std::string_view text) const;
    /// Its process lives.
    [[nodiscard]] bool is_running() const;

    /// Takes the folder away. KOS-E-INSTANCE-RUNNING where another process holds its lock.
    Outcome<void> remove();

   private:
    Folder(std::string name, std::string path) : name_(std::move(name)), path_(std::move(path)) {}

    Outcome<void> open();
    Outcome<bool> lock();
    [[nodiscard]] bool has_ended_well() const;

    std::string name_, path_;
    sys::UniqueFd folder_;
    sys::UniqueFd lock_;
};

}  // namespace kos::instance
