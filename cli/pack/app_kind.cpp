// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/app_kind.hpp"

namespace kos::pack {

Outcome<oci::AppSettings> settings_of(const oci::Image& image) {
    std::vector<oci::Label> spec;
    if (const auto path = oci::spec_path(image.config.labels)) {
        const std::string* content = image.rootfs.read(*path);
        if (content == nullptr) {
            return fail(ErrorCode::LabelValue, "com.koskit.app.spec",
                        "\"" + *path + "\" is no file of the image");
        }
        spec = KOS_TRY(oci::parse_spec(*content, *path));
    }
    return oci::parse_settings(image.config.labels, spec);
}

manifest::AppKind kind_of(const oci::AppSettings& settings, const PackOptions& options) {
    if (options.kind) return *options.kind;
    if (settings.kind) return *settings.kind;
    return settings.name ? manifest::AppKind::Native : manifest::AppKind::MicroVm;
}

Outcome<manifest::AppKind> kind_of(const oci::Image& image, const PackOptions& options) {
    return kind_of(KOS_TRY(settings_of(image)), options);
}

}  // namespace kos::pack
