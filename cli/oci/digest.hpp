// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Content digests (OCI image specification, descriptor.md): what a blob is named by.
// sha256 and sha512, the two registered algorithms.
#pragma once

#include "lib/base/bytes.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kos::oci {

enum class DigestAlgorithm : std::uint8_t { Sha256, Sha512 };

class Digest {
   public:
    /// From "sha256:HEX" or "sha512:HEX", lower-case and of the right length; else nothing.
    static std::optional<Digest> parse(std::string_view text);

    [[nodiscard]] DigestAlgorithm algorithm() const { return algorithm_; }
    [[nodiscard]] const std::string& hex() const { return hex_; }
    [[nodiscard]] std::string text() const;
    /// Where a layout keeps the blob: "blobs/sha256/HEX".
    [[nodiscard]] std::string path() const;

    friend auto operator<=>(const Digest&, const Digest&) = default;

   private:
    friend class Hasher;
    Digest(DigestAlgorithm algorithm, std::string hex)
        : algorithm_(algorithm), hex_(std::move(hex)) {}

    DigestAlgorithm algorithm_;
    std::string hex_;
};

/// A digest in the making.
class Hasher {
   public:
    explicit Hasher(DigestAlgorithm algorithm);
    void update(Bytes bytes);
    [[nodiscard]] Digest finish();

   private:
    struct Free {
        void operator()(void* context) const;
    };
    DigestAlgorithm algorithm_;
    std::unique_ptr<void, Free> context_;
};

[[nodiscard]] Digest digest_of(DigestAlgorithm algorithm, Bytes bytes);

/// The raw SHA-256 of \p bytes, as binary formats hold it.
[[nodiscard]] std::array<std::uint8_t, 32> sha256(Bytes bytes);

}  // namespace kos::oci
