// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `mounts` of config.json (runtime-spec, config.md "Mounts" and "Linux mount options").
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kos::oci {

class Field;

struct IdMapping {
    std::uint32_t container_id = 0;
    std::uint32_t host_id = 0;
    std::uint32_t size = 0;
};

enum class MountMapping { None, Plain, Recursive };

/// Attribute bits to set and to clear (MOUNT_ATTR_*), as mount_setattr(2) takes them.
struct AttributeChange {
    std::uint64_t set = 0;
    std::uint64_t clear = 0;
    [[nodiscard]] bool empty() const { return set == 0 && clear == 0; }
};

struct Propagation {
    std::uint64_t type = 0;  ///< MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE
    bool recursive = false;
};

/// What the words of `options` mean.
struct MountOptions {
    AttributeChange attributes;            ///< of the mount itself
    AttributeChange recursive_attributes;  ///< of all mounts below as well (rro, rnosuid, …)
    std::vector<Propagation> propagation;
    bool bind = false;
    bool recursive_bind = false;
    bool copy_up = false;  ///< tmpcopyup
    bool remount = false;  ///< changes the mount that is there
    MountMapping id_mapping = MountMapping::None;
    std::vector<std::string> superblock_flags;              ///< ro, sync, dirsync, …
    std::vector<std::pair<std::string, std::string>> data;  ///< the rest: key and value, if any
};

struct Mount {
    std::string destination;
    std::string type;
    std::string source;
    std::vector<std::string> options;
    std::vector<IdMapping> uid_mappings;
    std::vector<IdMapping> gid_mappings;
    MountOptions parsed;
};

[[nodiscard]] Result<void> decode(const Field& field, IdMapping& out);
[[nodiscard]] Result<void> decode(const Field& field, Mount& out);

}  // namespace kos::oci
