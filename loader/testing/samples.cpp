// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/testing/samples.hpp"

#include "lib/base/panic.hpp"

#include <fstream>
#include <iterator>

namespace kos::testing {

std::vector<std::byte> sample(const std::string& name) {
    std::ifstream file{std::string{KOS_SAMPLE_DIR} + "/" + name + ".elf", std::ios::binary};
    if (!file) panic("a sample program was not built");
    std::vector<std::byte> bytes;
    for (auto it = std::istreambuf_iterator<char>{file}; it != std::istreambuf_iterator<char>{};
         ++it) {
        bytes.push_back(static_cast<std::byte>(*it));
    }
    return bytes;
}

}  // namespace kos::testing
