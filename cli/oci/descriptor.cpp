// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/descriptor.hpp"

#include "cli/oci/json.hpp"

namespace kos::oci {
namespace {

constexpr std::string_view ref_name_annotation = "org.opencontainers.image.ref.name";

Outcome<Platform> parse_platform(const JsonView& json) {
    Platform platform;
    platform.os = KOS_TRY(KOS_TRY(json.required("os")).text());
    platform.architecture = KOS_TRY(KOS_TRY(json.required("architecture")).text());
    platform.variant = KOS_TRY(json.text_or("variant", ""));
    return platform;
}

Outcome<Descriptor> parse_descriptor(const JsonView& json) {
    const JsonView digest_field = KOS_TRY(json.required("digest"));
    const std::string digest_text = KOS_TRY(digest_field.text());
    auto digest = Digest::parse(digest_text);
    if (!digest) {
        return fail(ErrorCode::JsonInvalid, digest_field.where(),
                    "\"" + digest_text + "\" is neither sha256:HEX nor sha512:HEX");
    }
    std::string media_type = KOS_TRY(KOS_TRY(json.required("mediaType")).text());
    const std::uint64_t size = KOS_TRY(KOS_TRY(json.required("size")).number());
    Descriptor descriptor{std::move(media_type), std::move(*digest), size, std::nullopt, {}};
    if (const auto platform = KOS_TRY(json.optional("platform"))) {
        descriptor.platform = KOS_TRY(parse_platform(*platform));
    }
    if (const auto annotations = KOS_TRY(json.optional("annotations"))) {
        descriptor.ref_name = KOS_TRY(annotations->text_or(ref_name_annotation, ""));
    }
    return descriptor;
}

Outcome<std::vector<Descriptor>> parse_descriptors(const JsonView& array) {
    std::vector<Descriptor> descriptors;
    for (const JsonView& element : KOS_TRY(array.elements())) {
        descriptors.push_back(KOS_TRY(parse_descriptor(element)));
    }
    return descriptors;
}

/// Schema 1 documents have another shape and no digests of unpacked layers.
Outcome<void> check_schema(const JsonView& document) {
    const JsonView version = KOS_TRY(document.required("schemaVersion"));
    const std::uint64_t number = KOS_TRY(version.number());
    if (number == 2) return {};
    return fail(ErrorCode::JsonInvalid, version.where(),
                "expected 2, found " + std::to_string(number));
}

}  // namespace

std::string Platform::text() const {
    return os + "/" + architecture + (variant.empty() ? "" : "/" + variant);
}

bool is_wanted(const Platform& platform) {
    return platform.os == "linux" && platform.architecture == "arm64" &&
           (platform.variant.empty() || platform.variant == "v8");
}

bool is_index(std::string_view media_type) {
    return media_type == "application/vnd.oci.image.index.v1+json" ||
           media_type == "application/vnd.docker.distribution.manifest.list.v2+json";
}

bool is_manifest(std::string_view media_type) {
    return media_type == "application/vnd.oci.image.manifest.v1+json" ||
           media_type == "application/vnd.docker.distribution.manifest.v2+json";
}

Outcome<std::vector<Descriptor>> parse_index(std::string_view json, const std::string& where) {
    const auto document = KOS_TRY(parse_json(json, where));
    const JsonView root{document, where};
    KOS_TRY(check_schema(root));
    return parse_descriptors(KOS_TRY(root.required("manifests")));
}

Outcome<Manifest> parse_manifest(std::string_view json, const std::string& where) {
    const auto document = KOS_TRY(parse_json(json, where));
    const JsonView root{document, where};
    KOS_TRY(check_schema(root));
    Descriptor config = KOS_TRY(parse_descriptor(KOS_TRY(root.required("config"))));
    auto layers = KOS_TRY(parse_descriptors(KOS_TRY(root.required("layers"))));
    return Manifest{std::move(config), std::move(layers)};
}

}  // namespace kos::oci
