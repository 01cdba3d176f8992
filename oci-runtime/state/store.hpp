// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The state directories of containers below one root, which should be on a tmpfs:
//
//     ROOT/ID/state.json    ContainerRecord; replaced as a whole
//     ROOT/ID/config.json   as it was when the container was created
//     ROOT/ID/exec.fifo     while created and not started: opening it lets the process go
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/state/record.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kos::oci {

/// The state directory of one container.
class ContainerDirectory {
   public:
    ContainerDirectory(std::string id, std::string path, sys::UniqueFd fd)
        : id_(std::move(id)), path_(std::move(path)), fd_(std::move(fd)) {}

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    /// Commands that change a container exclude one another. Held until the process ends or
    /// unlock().
    [[nodiscard]] Result<void> lock() const;
    void unlock() const;

    [[nodiscard]] Result<void> save(const ContainerRecord& record) const;
    [[nodiscard]] Result<ContainerRecord> load() const;

    [[nodiscard]] Result<void> save_config(std::string_view text) const;
    [[nodiscard]] Result<std::string> load_config() const;

    [[nodiscard]] Result<void> make_fifo() const;
    [[nodiscard]] bool has_fifo() const;
    [[nodiscard]] sys::Result<sys::UniqueFd> open_fifo(int flags) const;
    void remove_fifo() const;

    /// Removes the directory: the id can be used again.
    [[nodiscard]] Result<void> remove() const;

   private:
    std::string id_;
    std::string path_;
    sys::UniqueFd fd_;
};

class StateStore {
   public:
    explicit StateStore(std::string root) : root_(std::move(root)) {}

    [[nodiscard]] const std::string& root() const { return root_; }

    /// Fails where the id is in use or is no fit name.
    [[nodiscard]] Result<ContainerDirectory> create(const std::string& id) const;
    [[nodiscard]] Result<ContainerDirectory> open(const std::string& id) const;
    /// Nothing where there is no such container.
    [[nodiscard]] Result<std::optional<ContainerDirectory>> find(const std::string& id) const;

    /// In alphabetical order.
    [[nodiscard]] std::vector<std::string> ids() const;

   private:
    std::string root_;
};

/// /run/kos-oci, or below XDG_RUNTIME_DIR for users.
[[nodiscard]] std::string default_state_root();

}  // namespace kos::oci
