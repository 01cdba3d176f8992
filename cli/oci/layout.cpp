// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/layout.hpp"

#include "cli/oci/json.hpp"

#include <algorithm>

namespace kos::oci {
namespace {

/// Indexes within indexes: more than this is no image but a trap.
constexpr unsigned max_index_depth = 8;

std::string list_of_tags(const std::vector<Descriptor>& descriptors) {
    std::string tags;
    for (const Descriptor& descriptor : descriptors) {
        if (descriptor.ref_name.empty()) continue;
        tags += (tags.empty() ? "" : ", ") + descriptor.ref_name;
    }
    return tags.empty() ? "none" : tags;
}

/// A document read without a descriptor, whose size nobody stated.
Outcome<std::string> read_small(const Store& store, const std::string& name,
                                const std::string& path) {
    const auto size = store.size(name);
    if (!size) return fail(ErrorCode::LayoutUnreadable, path, "it has no " + name);
    if (*size > max_document) return fail(ErrorCode::JsonInvalid, path + ": " + name, "too large");
    return store.read(name);
}

Outcome<void> check_version(const Store& store, const std::string& path) {
    const std::string text = KOS_TRY(read_small(store, "oci-layout", path));
    const auto document = KOS_TRY(parse_json(text, "oci-layout"));
    const JsonView root{document, "oci-layout"};
    const std::string version = KOS_TRY(KOS_TRY(root.required("imageLayoutVersion")).text());
    if (version.starts_with("1.")) return {};
    return fail(ErrorCode::LayoutUnreadable, path, "its version is " + version + ", expected 1.x");
}

}  // namespace

Outcome<Layout> Layout::open(const std::string& path) {
    auto store = KOS_TRY(open_store(path));
    KOS_TRY(check_version(*store, path));
    return Layout{path, std::move(store)};
}

Outcome<Descriptor> Layout::find(const std::optional<std::string>& tag) const {
    const std::string text = KOS_TRY(read_small(*store_, "index.json", path_));
    auto images = KOS_TRY(parse_index(text, "index.json"));
    if (!tag) return select(std::move(images), 0);
    const std::string tags = list_of_tags(images);
    std::erase_if(images, [&](const Descriptor& image) { return image.ref_name != *tag; });
    if (images.empty()) {
        return fail(ErrorCode::ImageNotFound, path_ + ":" + *tag, "it has these tags: " + tags);
    }
    return select(std::move(images), 0);
}

Outcome<std::string> Layout::read(const Descriptor& descriptor, const std::string& what) const {
    const std::string name = descriptor.digest.path();
    const std::string where = name + " (" + what + ")";
    const auto size = store_->size(name);
    if (!size) return fail(ErrorCode::BlobMissing, where);
    if (*size != descriptor.size) {
        return fail(ErrorCode::BlobSize, where,
                    "it has " + std::to_string(*size) + " bytes, expected " +
                        std::to_string(descriptor.size));
    }
    std::string blob = KOS_TRY(store_->read(name));
    const Digest actual = digest_of(descriptor.digest.algorithm(), as_bytes(blob));
    if (actual != descriptor.digest) {
        return fail(ErrorCode::BlobDigest, where, "its content is " + actual.text());
    }
    return blob;
}

/// The one candidate for our platform. A candidate that states none is taken: its config decides.
Outcome<Descriptor> Layout::select(std::vector<Descriptor> candidates, unsigned depth) const {
    if (depth > max_index_depth) {
        return fail(ErrorCode::JsonInvalid, path_, "its indexes are nested too deeply");
    }
    std::erase_if(candidates, [](const Descriptor& candidate) {
        return !is_index(candidate.media_type) && !is_manifest(candidate.media_type);
    });
    const std::string tags = list_of_tags(candidates);
    std::string platforms;
    std::erase_if(candidates, [&](const Descriptor& candidate) {
        if (!candidate.platform || is_wanted(*candidate.platform)) return false;
        platforms += (platforms.empty() ? "" : ", ") + candidate.platform->text();
        return true;
    });
    if (candidates.empty() && !platforms.empty()) {
        return fail(ErrorCode::PlatformMissing, path_,
                    "it has " + platforms + "; expected linux/arm64");
    }
    if (candidates.empty()) return fail(ErrorCode::ImageNotFound, path_, "it holds no image");
    const bool same = std::all_of(candidates.begin(), candidates.end(), [&](const Descriptor& c) {
        return c.digest == candidates.front().digest;
    });
    if (!same) {
        return fail(ErrorCode::ImageNotFound, path_,
                    "it holds several images; name one of these tags: " + tags);
    }
    const Descriptor chosen = candidates.front();
    if (is_manifest(chosen.media_type)) return chosen;
    if (chosen.size > max_document) {
        return fail(ErrorCode::JsonInvalid, chosen.digest.path(), "too large");
    }
    const std::string nested = KOS_TRY(read(chosen, "index"));
    return select(KOS_TRY(parse_index(nested, chosen.digest.path())), depth + 1);
}

}  // namespace kos::oci
