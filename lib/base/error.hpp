// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The error of hosted programs: a code of the catalogue, where it happened, the particulars.
#pragma once

#include "lib/base/error_catalogue.hpp"
#include "lib/base/result.hpp"

#include <string>
#include <utility>

namespace kos {

struct Error {
    ErrorCode code;
    std::string where;   ///< file, blob, label, offset: what was being read
    std::string detail;  ///< what was found and what was expected
};

/// `KOS-E-BLOB-DIGEST: blobs/sha256/1f…: a blob does not …: DETAIL\n  cure: …`
[[nodiscard]] inline std::string to_string(const Error& error) {
    const ErrorEntry& entry = entry_of(error.code);
    std::string text{entry.code};
    if (!error.where.empty()) text.append(": ").append(error.where);
    text.append(": ").append(entry.summary);
    if (!error.detail.empty()) text.append(": ").append(error.detail);
    text.append("\n  what to do: ").append(entry.cure);
    return text;
}

template <class T>
using Outcome = Result<T, Error>;

[[nodiscard]] inline Err<Error> fail(ErrorCode code, std::string where, std::string detail = {}) {
    return Err{Error{code, std::move(where), std::move(detail)}};
}

}  // namespace kos
