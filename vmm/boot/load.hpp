// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Puts a guest's kernel, initrd and device tree into its memory.
#pragma once

#include "vmm/boot/device_tree.hpp"
#include "vmm/boot/image.hpp"
#include "vmm/guest/memory.hpp"

#include <string_view>

namespace kos::vmm {

enum class LoadError : std::uint8_t {
    Kernel,  ///< `kernel` says what is wrong with it
    Memory,  ///< the guest has too little memory
    Tree,    ///< the device tree does not fit in its place
};
struct LoadFailure {
    LoadError error{};
    KernelError kernel{};
    [[nodiscard]] std::string_view text() const;
};

struct LoadedGuest {
    GuestAddress entry;
    GuestAddress device_tree;
};

/// \p guest's memory is one range of \p memory, from a multiple of 2 MiB on; its initrd is set
/// here.
[[nodiscard]] Result<LoadedGuest, LoadFailure> load_guest(const GuestMemory& memory, Bytes kernel,
                                                          Bytes initrd, GuestDescription guest);

}  // namespace kos::vmm
