// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device rules of cgroup v2: an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE (bpf(2)).
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/resources.hpp"

#include <linux/bpf.h>
#include <vector>

namespace kos::oci {

/// The last rule that matches an access decides; where none does, the access is refused if the
/// first rule was a general refusal, else allowed.
[[nodiscard]] std::vector<bpf_insn> assemble_device_filter(const std::vector<DeviceRule>& rules);

/// Loads the program and attaches it to a cgroup v2 directory, in place of one attached before.
[[nodiscard]] Result<void> attach_device_filter(sys::Fd cgroup,
                                                const std::vector<DeviceRule>& rules);

}  // namespace kos::oci
