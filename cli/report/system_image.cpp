// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/report/system_image.hpp"

#include "cli/report/guest.hpp"
#include "cli/report/layout.hpp"
#include "cli/report/manifest.hpp"
#include "loader/plan/describe.hpp"

namespace kos::report {
namespace {

std::string_view kind_of(const manifest::App& app) {
    switch (static_cast<manifest::AppKind>(app.kind)) {
        case manifest::AppKind::Native:
            return "native";
        case manifest::AppKind::MicroVm:
            return "microvm";
        case manifest::AppKind::MessageServer:
            return "message server";
        case manifest::AppKind::NetworkSwitch:
            return "network switch";
        case manifest::AppKind::Gateway:
            return "gateway";
    }
    return "unknown";
}

}  // namespace

Outcome<manifest::ImageView> open_system_image(Bytes image, const std::string& where) {
    auto view = manifest::ImageView::create(image, image.size());
    if (view) return std::move(view).value();
    const ErrorCode code = view.error() == manifest::ImageError::Version ? ErrorCode::ImageVersion
                                                                         : ErrorCode::ImageCorrupt;
    return fail(code, where, std::string{manifest::describe(view.error())});
}

std::string inspect_to_text(const manifest::ImageView& image, const sel4::KernelAbi& abi) {
    std::string text;
    for (std::uint32_t i = 0; i < image.app_count(); ++i) {
        const manifest::App app = image.app(i);
        if (i != 0) text += "\n";
        text.append(image.text(app.name)).append(" (").append(kind_of(app)).append(")\n");
        text += to_text(predicted(image, i, abi));
        if (app.vm != 0) text += "\nGuest\n" + guest_to_text(image, app);
        text += "\nVSpace layout\n" + plan::describe_layout(mappings_of(image, i));
    }
    return text;
}

nlohmann::ordered_json inspect_to_json(const manifest::ImageView& image,
                                       const sel4::KernelAbi& abi) {
    nlohmann::ordered_json apps = nlohmann::ordered_json::array();
    for (std::uint32_t i = 0; i < image.app_count(); ++i) {
        const manifest::App app = image.app(i);
        nlohmann::ordered_json entry{
            {"name", image.text(app.name)},
            {"kind", kind_of(app)},
            {"manifest", to_json(predicted(image, i, abi))},
            {"layout", layout_to_json(image, i)},
        };
        if (app.vm != 0) entry["guest"] = guest_to_json(image, app);
        apps.push_back(std::move(entry));
    }
    return {{"apps", std::move(apps)}};
}

std::string printed(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Outcome<void> admit(const manifest::ImageView& image, const sel4::KernelAbi& abi,
                    std::uint64_t memory) {
    std::uint64_t needed = 0;
    for (std::uint32_t i = 0; i < image.app_count(); ++i) {
        const CapabilityManifest manifest = predicted(image, i, abi);
        needed += manifest.untyped_bytes + manifest.guest_memory;
        if (needed > memory) {
            return fail(ErrorCode::UntypedTooSmall, std::string{image.text(image.app(i).name)},
                        std::to_string(needed) + " bytes are needed, " +
                            std::to_string(needed - memory) + " more than the memory of " +
                            std::to_string(memory));
        }
    }
    return {};
}

}  // namespace kos::report
