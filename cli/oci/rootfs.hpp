// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A root filesystem as a tree in memory. Layers are applied to it (cli/oci/layer.hpp) and nothing
// is ever extracted, so no path in an image can reach a file of the host.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

enum class NodeType : std::uint8_t { File, Directory, Symlink, CharDevice, BlockDevice, Fifo };

struct Node;

/// A name in a directory. Hard links are entries that share a node.
struct Entry {
    std::shared_ptr<Node> node;
    unsigned layer = 0;  ///< the layer that put the name here
};

struct Node {
    NodeType type = NodeType::Directory;
    std::uint32_t mode = 0755;  ///< the lower 12 bits
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::int64_t modified = 0;  ///< seconds since 1970
    std::map<std::string, std::string> xattrs;
    std::string content;  ///< of a file; the target of a symbolic link
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::map<std::string, Entry> children;  ///< of a directory
};

/// The names between the slashes of a path; "." and empty ones are left out.
[[nodiscard]] std::vector<std::string> split_path(std::string_view path);

class RootFs {
   public:
    RootFs() : root_(std::make_shared<Node>()) {}

    [[nodiscard]] Node& root() { return *root_; }
    [[nodiscard]] const Node& root() const { return *root_; }

    /// What a path leads to, symbolic links followed within this tree as after chroot(2).
    struct Resolved {
        const Node* node = nullptr;
        std::string path;  ///< without links
    };
    [[nodiscard]] std::optional<Resolved> resolve(std::string_view path) const;

    /// Likewise, but what is missing is taken to be a directory yet to be made: `node` is null
    /// there. Nothing where the path leads through a file or through a loop of links.
    [[nodiscard]] std::optional<Resolved> locate(std::string_view path) const;

    /// The node at a path without links, or null.
    [[nodiscard]] Node* find(std::string_view path) const;

    /// The content of a regular file, links followed.
    [[nodiscard]] const std::string* read(std::string_view path) const;

    /// Makes what is missing of a directory's path, owned by root. A path through what is no
    /// directory is left as it is.
    void make_directories(std::string_view path);

   private:
    enum class Missing : bool { Refused, Allowed };
    [[nodiscard]] std::optional<Resolved> walk(std::string_view path, Missing missing) const;

    std::shared_ptr<Node> root_;
};

}  // namespace kos::oci
