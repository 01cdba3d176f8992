// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/digest.hpp"

#include "lib/base/panic.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace kos::oci {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string_view name_of(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::Sha256 ? "sha256" : "sha512";
}

std::size_t hex_length(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::Sha256 ? 64 : 128;
}

const EVP_MD* method_of(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::Sha256 ? EVP_sha256() : EVP_sha512();
}

/// libcrypto fails here only when it is out of memory or broken.
void expect(int status) {
    if (status != 1) panic("libcrypto cannot compute a digest");
}

}  // namespace

std::optional<Digest> Digest::parse(std::string_view text) {
    for (const auto algorithm : {DigestAlgorithm::Sha256, DigestAlgorithm::Sha512}) {
        const std::string_view name = name_of(algorithm);
        if (!text.starts_with(name) || text.substr(name.size(), 1) != ":") continue;
        const std::string_view hex = text.substr(name.size() + 1);
        if (hex.size() != hex_length(algorithm)) return std::nullopt;
        if (hex.find_first_not_of(hex_digits) != std::string_view::npos) return std::nullopt;
        return Digest{algorithm, std::string{hex}};
    }
    return std::nullopt;
}

std::string Digest::text() const { return std::string{name_of(algorithm_)} + ":" + hex_; }

std::string Digest::path() const {
    return "blobs/" + std::string{name_of(algorithm_)} + "/" + hex_;
}

void Hasher::Free::operator()(void* context) const {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

Hasher::Hasher(DigestAlgorithm algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
    expect(context_ != nullptr ? 1 : 0);
    auto* context = static_cast<EVP_MD_CTX*>(context_.get());
    expect(EVP_DigestInit_ex(context, method_of(algorithm), nullptr));
}

void Hasher::update(Bytes bytes) {
    auto* context = static_cast<EVP_MD_CTX*>(context_.get());
    expect(EVP_DigestUpdate(context, bytes.data(), bytes.size()));
}

Digest Hasher::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
    unsigned size = 0;
    expect(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_.get()), raw.data(), &size));
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += hex_digits[raw[i] >> 4];
        hex += hex_digits[raw[i] & 15];
    }
    return Digest{algorithm_, std::move(hex)};
}

Digest digest_of(DigestAlgorithm algorithm, Bytes bytes) {
    Hasher hasher{algorithm};
    hasher.update(bytes);
    return hasher.finish();
}

std::array<std::uint8_t, 32> sha256(Bytes bytes) {
    std::array<std::uint8_t, 32> raw{};
    unsigned size = 0;
    expect(EVP_Digest(bytes.data(), bytes.size(), raw.data(), &size, EVP_sha256(), nullptr));
    return raw;
}

}  // namespace kos::oci
