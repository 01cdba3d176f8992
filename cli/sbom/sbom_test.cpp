// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/component.hpp"
#include "cli/sbom/packages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace kos::sbom {
namespace {

using testing::ElementsAre;
using Json = nlohmann::ordered_json;

void put(oci::RootFs& root, const std::string& folder, const std::string& name,
         const std::string& content) {
    root.make_directories(folder);
    auto node = std::make_shared<oci::Node>();
    node->type = oci::NodeType::File;
    node->content = content;
    root.find(folder)->children[name] = {node};
}

constexpr const char* status =
    "Package: zlib1g\nStatus: install ok installed\nArchitecture: arm64\nSource: zlib\n"
    "Version: 1:1.2.13.dfsg-1+b1\nDescription: library\n Package: of the text\n\n"
    "Package: gone\nStatus: deinstall ok config-files\nArchitecture: arm64\nVersion: 1\n\n"
    "Package: base-files\nStatus: install ok installed\nArchitecture: arm64\nVersion: 12.4";

oci::Image image(const std::string& name) {
    oci::Image made{.name = name,
                    .digest = oci::digest_of(oci::DigestAlgorithm::Sha256, {}),
                    .config = {},
                    .rootfs = {}};
    put(made.rootfs, "/var/lib/dpkg", "status", status);
    put(made.rootfs, "/etc", "os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\n");
    return made;
}

TEST(Sbom, InstalledPackagesAreRead) {
    EXPECT_THAT(packages_of(image("a").rootfs),
                ElementsAre(Package{"base-files", "12.4", "arm64"},
                            Package{"zlib1g", "1:1.2.13.dfsg-1+b1", "arm64", "zlib"}));
}

TEST(Sbom, PackagesOfImagesWithoutDpkgAreRead) {
    oci::RootFs root;
    put(root, "/var/lib/dpkg/status.d", "libc6",
        "Package: libc6\nVersion: 2.36\nArchitecture: arm64\n");
    put(root, "/var/lib/dpkg/status.d", "libc6.md5sums", "Package: none\n");
    EXPECT_THAT(packages_of(root), ElementsAre(Package{"libc6", "2.36", "arm64"}));
    EXPECT_THAT(packages_of(oci::RootFs{}), ElementsAre());
}

TEST(Sbom, AnImageIsItsDigestAndItsPackages) {
    const Component component = image_component(image("/somewhere/python:latest"));
    EXPECT_EQ(component.name, "python:latest");
    EXPECT_EQ(component.version, component.digest->text());
    ASSERT_EQ(component.parts.size(), 2u);
    EXPECT_EQ(component.parts[1].purl,
              "pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1%2Bb1?arch=arm64&distro=debian-12");
}

TEST(Sbom, AKernelTellsItsPackage) {
    const std::string kernel =
        std::string("x\0Linux version %s\0", 19) +
        "Linux version 6.1.0-56-cloud-arm64 (debian-kernel@lists.debian.org) (gcc-12 (Debian "
        "12.2.0-14) 12.2.0) #1 SMP Debian 6.1.192-2 (2026-11-16)\n";
    const Component component = kernel_component(as_bytes(kernel));
    EXPECT_EQ(component.name, "linux-image-6.1.0-56-cloud-arm64");
    EXPECT_EQ(component.version, "6.1.192-2");
    EXPECT_EQ(component.purl,
              "pkg:deb/debian/linux-image-6.1.0-56-cloud-arm64@6.1.192-2?arch=arm64");
    EXPECT_EQ(kernel_component(as_bytes("Linux version 6.12.1 (me) #2\n")).version, "6.12.1");
    EXPECT_EQ(kernel_component(as_bytes("no kernel")).version, "");
}

/// What bom-1.5.schema.json asks of a component.
void check_component(const Json& component) {
    static const std::set<std::string> types{"application", "container", "library",
                                             "operating-system", "file"};
    static const std::set<std::string> keys{"type", "name",       "version",   "hashes",
                                            "purl", "properties", "components"};
    for (const auto& [key, value] : component.items()) EXPECT_TRUE(keys.contains(key)) << key;
    EXPECT_TRUE(types.contains(component.at("type").get<std::string>()));
    EXPECT_FALSE(component.at("name").get<std::string>().empty());
    for (const Json& hash : component.value("hashes", Json::array())) {
        EXPECT_EQ(hash.at("alg"), "SHA-256");
        EXPECT_EQ(hash.at("content").get<std::string>().size(), 64u);
    }
    for (const Json& part : component.value("components", Json::array())) check_component(part);
}

TEST(Sbom, TheDocumentIsCycloneDxAndTheSameForTheSameParts) {
    const auto make = [](const std::string& folder) {
        return document_of("app",
                           {image_component(image(folder + "/python:latest")),
                            file_component("application", "kosinit", "0.1.0", as_bytes("elf"))},
                           "0.1.0");
    };
    const Json document = make("/here");
    EXPECT_EQ(document.at("bomFormat"), "CycloneDX");
    EXPECT_EQ(document.at("specVersion"), "1.5");
    EXPECT_EQ(document.at("version"), 1);
    EXPECT_FALSE(document.contains("serialNumber"));
    EXPECT_FALSE(document.at("metadata").contains("timestamp"));
    for (const Json& component : document.at("components")) check_component(component);
    EXPECT_EQ(document.dump(), make("/elsewhere/deeper").dump());
}

}  // namespace
}  // namespace kos::sbom
