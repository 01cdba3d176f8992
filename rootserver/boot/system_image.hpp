// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The system image as the root server holds it: a frame for each of its pages, those that it reads
// itself mapped read-only.
//
// Mostly it lies in memory that the kernel does not manage, so that making frames of it does not
// clear it. Where no app maps a part of a 2 MiB step by small pages, the step is one large
// frame. The capability of the frame of page n is in slot n of the image's own CNode; that of a
// large frame is in the slot of its first page.
//
// Where the kernel manages all RAM, the image is a part of the root server's: the kernel has made
// a small frame of each page, in slots that follow each other, and mapped it in the root server.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/manifest/view.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/boot/root_vspace.hpp"

#include <array>
#include <cstdint>

namespace kos::rootserver {

/// Which 2 MiB steps of the image are one large frame.
class LargeSteps {
   public:
    /// Notes the step of \p offset. False where the image is so large that there is no room to.
    [[nodiscard]] bool add(std::uint64_t offset) {
        const std::uint64_t step = offset / large_page_size;
        if (step / 64 >= bits_.size()) return false;
        bits_[step / 64] |= std::uint64_t{1} << step % 64;
        return true;
    }
    [[nodiscard]] bool has(std::uint64_t offset) const {
        const std::uint64_t step = offset / large_page_size;
        return step / 64 < bits_.size() && (bits_[step / 64] >> step % 64 & 1) != 0;
    }

   private:
    std::array<std::uint64_t, 64> bits_{};  ///< of 8 GiB
};

class SystemImage {
   public:
    /// Where its parts come from; all outlive it.
    struct Sources {
        RootMemory& memory;
        RootCSpace& cspace;
        RootVSpace& vspace;
    };

    /// Maps the manifest of the image at \p base and checks it, then makes frames of the rest.
    /// \p size: bytes that there are in all.
    static Attempt<SystemImage> create(Sources sources, PhysicalAddress base, std::uint64_t size);

    /// Takes over an image that the kernel mapped at \p address, writable and executable: what the
    /// root server reads becomes read-only, the rest is unmapped, so that apps can map it.
    static Attempt<SystemImage> adopt(VirtualAddress address, sel4::CPtr first_frame,
                                      std::uint64_t size);

    [[nodiscard]] const manifest::ImageView& manifest() const { return manifest_; }
    /// The frame whose first byte is \p offset bytes into the image.
    [[nodiscard]] sel4::CPtr frame_at(std::uint64_t offset) const {
        return {first_frame_.value + offset / page_size};
    }
    /// log2 of its size.
    [[nodiscard]] std::uint64_t frame_bits_at(std::uint64_t offset) const {
        return large_.has(offset) ? large_page_bits : page_bits;
    }
    /// A blob's bytes. Only symbols and what Copied mappings name are there to be read.
    [[nodiscard]] Bytes bytes_of(const manifest::Blob& blob) const;

   private:
    SystemImage(const manifest::ImageView& manifest, VirtualAddress address, sel4::CPtr first_frame)
        : manifest_(manifest), address_(address), first_frame_(first_frame) {}

    manifest::ImageView manifest_;
    VirtualAddress address_;
    sel4::CPtr first_frame_;
    LargeSteps large_;
};

}  // namespace kos::rootserver
