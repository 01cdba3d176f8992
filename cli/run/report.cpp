// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/report.hpp"

#include "cli/oci/digest.hpp"
#include "cli/report/manifest.hpp"
#include "lib/manifest/names.hpp"

namespace kos::run {
namespace {

nlohmann::ordered_json exit_of(const msg::ExitRecord& record) {
    return {{"status", exit_status_of(record.status)},
            {"heap_pages", std::uint32_t{record.heap_pages}},
            {"heap_limit", std::uint32_t{record.heap_limit}},
            {"page_tables", std::uint32_t{record.page_tables}}};
}

nlohmann::ordered_json inventory_of(const std::optional<msg::InventoryRecord>& record) {
    if (!record) return nullptr;
    return {{"untyped_bytes", std::uint64_t{record->untyped_bytes}},
            {"slots", std::uint64_t{record->slots}},
            {"untypeds", std::uint32_t{record->untypeds}}};
}

nlohmann::ordered_json app_of(const manifest::ImageView& image, std::uint32_t number,
                              const AppRecord& record) {
    const manifest::App app = image.app(number);
    nlohmann::ordered_json json{{"name", image.text(app.name)}};
    if (record.usage) {
        json["manifest"] = report::to_json(report::used(image, number, *record.usage));
        json["invocations"] = std::uint32_t{record.usage->invocations};
        json["pages"] = std::uint32_t{record.usage->pages};
        json["maps"] = std::uint32_t{record.usage->maps};
    }
    json["starts"] = record.starts;
    if (!record.usage_is_constant) json["usage_differs_between_starts"] = true;
    if (record.exit) json["exit"] = exit_of(*record.exit);
    if (!record.errors.empty()) json["errors"] = record.errors;
    return json;
}

std::string sha256_of(Bytes bytes) {
    return oci::digest_of(oci::DigestAlgorithm::Sha256, bytes).hex();
}

/// Computed anew: what the manifest says of its blobs is not asked.
nlohmann::ordered_json hashes_of(const manifest::ImageView& image, Bytes bytes) {
    nlohmann::ordered_json blobs = nlohmann::ordered_json::array();
    for (std::uint32_t number = 0; number < image.blob_count(); ++number) {
        const manifest::Blob blob = image.blob(number);
        const auto content = slice(bytes, blob.offset, blob.size);
        if (!content) continue;
        blobs.push_back({{"kind", manifest::name_of(static_cast<manifest::BlobKind>(blob.kind))},
                         {"sha256", sha256_of(*content)}});
    }
    return {{"sha256", sha256_of(bytes)}, {"blobs", std::move(blobs)}};
}

}  // namespace

nlohmann::ordered_json report_of(const manifest::ImageView& image, Bytes bytes,
                                 const Session& session) {
    nlohmann::ordered_json apps = nlohmann::ordered_json::array();
    for (const auto& [number, record] : session.apps()) {
        if (number < image.app_count()) apps.push_back(app_of(image, number, record));
    }
    return {{"image", hashes_of(image, bytes)},
            {"apps", std::move(apps)},
            {"inventory",
             {{"before", inventory_of(session.inventory_before())},
              {"after", inventory_of(session.inventory_after())}}}};
}

}  // namespace kos::run
