// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/component.hpp"

#include "cli/sbom/packages.hpp"

#include <array>
#include <cstdio>

namespace kos::sbom {

using Json = nlohmann::ordered_json;

namespace {

Json json_of(const Component& component) {
    Json json{{"type", component.type}, {"name", component.name}};
    if (!component.version.empty()) json["version"] = component.version;
    if (component.digest) {
        const bool is_long = component.digest->algorithm() == oci::DigestAlgorithm::Sha512;
        json["hashes"] = Json::array(
            {{{"alg", is_long ? "SHA-512" : "SHA-256"}, {"content", component.digest->hex()}}});
    }
    if (!component.purl.empty()) json["purl"] = component.purl;
    for (const auto& [name, value] : component.properties) {
        json["properties"].push_back({{"name", name}, {"value", value}});
    }
    for (const Component& part : component.parts) json["components"].push_back(json_of(part));
    return json;
}

Component package_component(const Package& package, const Distribution& distribution) {
    Component component{.type = "library", .name = package.name, .version = package.version};
    component.purl = "pkg:deb/" + purl_encoded(distribution.id) + "/" + purl_encoded(package.name) +
                     "@" + purl_encoded(package.version);
    std::string qualifiers;
    if (!package.architecture.empty()) qualifiers = "arch=" + purl_encoded(package.architecture);
    if (!distribution.version.empty()) {
        qualifiers += (qualifiers.empty() ? "" : "&") + std::string{"distro="} +
                      purl_encoded(distribution.id + "-" + distribution.version);
    }
    if (!qualifiers.empty()) component.purl += "?" + qualifiers;
    if (!package.source.empty()) component.properties.emplace_back("kos:source", package.source);
    return component;
}

/// Between two texts, the first one behind \p at.
std::string between(std::string_view text, std::string_view begin, std::string_view end) {
    const std::size_t from = text.find(begin);
    if (from == text.npos) return {};
    text.remove_prefix(from + begin.size());
    const std::size_t to = text.find(end);
    return to == text.npos ? std::string{} : std::string{text.substr(0, to)};
}

}  // namespace

std::string purl_encoded(std::string_view text) {
    constexpr std::string_view kept =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    std::string encoded;
    for (const char c : text) {
        if (kept.find(c) != kept.npos) {
            encoded += c;
            continue;
        }
        std::array<char, 4> code{};
        std::snprintf(code.data(), code.size(), "%%%02X",
                      static_cast<unsigned>(static_cast<unsigned char>(c)));
        encoded += code.data();
    }
    return encoded;
}

Json document_of(const std::string& name, const std::vector<Component>& parts,
                 const std::string& version) {
    Json components = Json::array();
    for (const Component& part : parts) components.push_back(json_of(part));
    const Json tool{{"type", "application"}, {"name", "kos"}, {"version", version}};
    return {{"$schema", "http://cyclonedx.org/schema/bom-1.5.schema.json"},
            {"bomFormat", "CycloneDX"},
            {"specVersion", "1.5"},
            {"version", 1},
            {"metadata",
             {{"tools", {{"components", Json::array({tool})}}},
              {"component", {{"type", "firmware"}, {"name", name}}}}},
            {"components", std::move(components)}};
}

Component file_component(std::string type, std::string name, std::string version, Bytes content) {
    return {.type = std::move(type),
            .name = std::move(name),
            .version = std::move(version),
            .digest = oci::digest_of(oci::DigestAlgorithm::Sha256, content)};
}

std::vector<Component> package_components(const oci::RootFs& root) {
    std::vector<Component> components;
    const Distribution distribution = distribution_of(root);
    for (const Package& package : packages_of(root)) {
        components.push_back(package_component(package, distribution));
    }
    return components;
}

Component image_component(const oci::Image& image) {
    std::string name = image.name;
    while (name.ends_with('/') || name.ends_with("/.")) name.pop_back();
    name.erase(0, name.find_last_of('/') + 1);
    if (name.empty()) name = "image";
    Component component{.type = "container", .name = std::move(name), .digest = image.digest};
    component.version = image.digest.text();
    component.parts = package_components(image.rootfs);
    return component;
}

Component kernel_component(Bytes kernel) {
    Component component = file_component("operating-system", "linux", "", kernel);
    // The banner that /proc/version has: a version that begins with a digit, up to a newline.
    std::string_view text = as_text(kernel);
    constexpr std::string_view word = "Linux version ";
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word)) {
        text.remove_prefix(at + word.size());
        if (text.empty() || text.front() < '0' || text.front() > '9') continue;
        const std::string_view banner =
            text.substr(0, text.find_first_of(std::string_view{"\n\0", 2}));
        component.version = banner.substr(0, banner.find(' '));
        const std::string package = between(banner, " SMP Debian ", " (");
        if (package.empty()) return component;
        component.name = "linux-image-" + component.version;
        component.version = package;
        component.purl = "pkg:deb/debian/" + purl_encoded(component.name) + "@" +
                         purl_encoded(package) + "?arch=arm64";
        return component;
    }
    return component;
}

}  // namespace kos::sbom
