// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Guest memory that a front end shares: each region is mapped from a descriptor.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"
#include "vmm/engine/qemu/vhost_user/message.hpp"
#include "vmm/guest/memory.hpp"

#include <optional>
#include <span>
#include <vector>

namespace kos::vhost_user {

class Mapping {
   public:
    /// Maps \p size bytes of the file at \p offset, readable and writable. EINVAL where the file
    /// does not hold them: touching them would kill us.
    [[nodiscard]] static sys::Result<Mapping> create(sys::Fd file, std::uint64_t offset,
                                                     std::uint64_t size);
    Mapping(Mapping&& other) noexcept
        : whole_(std::exchange(other.whole_, {})), bytes_(std::exchange(other.bytes_, {})) {}
    Mapping& operator=(Mapping&& other) noexcept;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { unmap(); }

    [[nodiscard]] MutableBytes bytes() const { return bytes_; }

   private:
    Mapping(MutableBytes whole, MutableBytes bytes) : whole_(whole), bytes_(bytes) {}
    void unmap();

    MutableBytes whole_;  ///< from a page's start
    MutableBytes bytes_;
};

/// A memory table, mapped.
class SharedMemory {
   public:
    /// Maps the regions; \p files has one for each. Keeps what it had where that fails.
    sys::Result<void> map(std::span<const MemoryRegion> regions,
                          std::span<const sys::UniqueFd> files);
    void clear();

    [[nodiscard]] const GuestMemory& guest() const { return guest_; }
    /// The guest's address of what the front end has at \p user_address.
    [[nodiscard]] std::optional<GuestAddress> translate(std::uint64_t user_address) const;

   private:
    std::vector<Mapping> mappings_;
    std::vector<MemoryRegion> regions_;
    GuestMemory guest_;
};

}  // namespace kos::vhost_user
