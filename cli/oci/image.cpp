// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/image.hpp"

#include "cli/oci/json.hpp"
#include "cli/oci/layout.hpp"

#include <future>

namespace kos::oci {
namespace {

Outcome<std::string> read_document(const Layout& layout, const Descriptor& descriptor,
                                   const std::string& what) {
    if (descriptor.size > max_document) {
        return fail(ErrorCode::JsonInvalid, descriptor.digest.path(), "the document is too large");
    }
    return layout.read(descriptor, what);
}

/// How a layer is packed, from its media type: OCI's and Docker's names, foreign layers included.
Outcome<Compression> compression_of(const Descriptor& layer) {
    const std::string_view type = layer.media_type;
    const bool oci = type.starts_with("application/vnd.oci.image.layer.");
    const bool docker = type.starts_with("application/vnd.docker.image.rootfs.");
    if (oci || docker) {
        if (type.ends_with("tar+gzip") || type.ends_with("tar.gzip")) return Compression::Gzip;
        if (type.ends_with("tar+zstd") || type.ends_with("tar.zstd")) return Compression::Zstd;
        if (type.ends_with(".tar")) return Compression::None;
    }
    return fail(ErrorCode::Unsupported, layer.digest.path(),
                "a layer of media type " + layer.media_type);
}

Outcome<void> apply_layer(const Layout& layout, const Descriptor& layer, const Digest& diff_id,
                          const std::string& what, const LayerLimits& limits,
                          LayerApplier& applier) {
    const std::string where = layer.digest.path() + " (" + what + ")";
    const Compression compression = KOS_TRY(compression_of(layer));
    std::string tar;
    {
        const std::string blob = KOS_TRY(layout.read(layer, what));
        tar = KOS_TRY(decompress(as_bytes(blob), compression, limits.unpacked_bytes, where));
    }
    // The blob's own digest is checked: the second may be computed while the tar is read.
    auto digest = std::async(std::launch::async,
                             [&] { return digest_of(diff_id.algorithm(), as_bytes(tar)); });
    Outcome<void> applied = applier.apply(as_bytes(tar), where);
    const Digest actual = digest.get();
    if (actual != diff_id) {
        return fail(ErrorCode::DiffId, where,
                    "it unpacks to " + actual.text() + ", expected " + diff_id.text());
    }
    return applied;
}

}  // namespace

Outcome<Image> load_image(const ImageReference& reference, const LayerLimits& limits) {
    const Layout layout = KOS_TRY(Layout::open(reference.path));
    const Descriptor found = KOS_TRY(layout.find(reference.tag));
    const std::string manifest_text = KOS_TRY(read_document(layout, found, "manifest"));
    const Manifest manifest = KOS_TRY(parse_manifest(manifest_text, found.digest.path()));
    const std::string config_text = KOS_TRY(read_document(layout, manifest.config, "config"));
    const std::string config_where = manifest.config.digest.path();

    ImageConfig config = KOS_TRY(parse_config(config_text, config_where));
    std::string name = reference.name;
    if (name.empty()) name = reference.path + (reference.tag ? ":" + *reference.tag : "");
    Image image{std::move(name), found.digest, std::move(config), {}};
    if (!is_wanted(image.config.platform)) {
        return fail(ErrorCode::PlatformMissing, config_where,
                    "it is for " + image.config.platform.text() + "; expected linux/arm64");
    }
    if (image.config.diff_ids.size() != manifest.layers.size()) {
        return fail(ErrorCode::DiffId, config_where,
                    std::to_string(image.config.diff_ids.size()) + " diff_ids for " +
                        std::to_string(manifest.layers.size()) + " layers");
    }
    LayerApplier applier{image.rootfs, limits};
    for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
        KOS_TRY(apply_layer(layout, manifest.layers[i], image.config.diff_ids[i],
                            "layer " + std::to_string(i), limits, applier));
    }
    return image;
}

}  // namespace kos::oci
