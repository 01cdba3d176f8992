// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/result.hpp"

namespace kos::init {

std::string line_of(const Error& error) {
    const ErrorEntry& entry = entry_of(error.code);
    std::string line{entry.code};
    if (!error.where.empty()) line.append(": ").append(error.where);
    line.append(": ").append(entry.summary);
    if (!error.detail.empty()) line.append(": ").append(error.detail);
    for (char& byte : line) {
        if (static_cast<unsigned char>(byte) < ' ') byte = ' ';
    }
    return line;
}

}  // namespace kos::init
