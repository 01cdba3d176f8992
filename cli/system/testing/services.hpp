// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: compose projects whose images are in a store of the test's own.
#pragma once

#include "cli/compose/project.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/fixture/temporary_folder.hpp"
#include "cli/system/services.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kos::system {

class ServicesTest : public testing::Test {
   protected:
    void SetUp() override {
        fixture::TarBuilder tar;
        fixture::LayoutBuilder layout;
        layout.layer(tar.file("hello", "x", 0755).finish());
        const auto reference = must(oci::parse_reference(layout.write()), "it is one");
        for (const char* name : {"app", "other"}) ASSERT_TRUE(store_.import(reference, name));
    }
    Outcome<std::vector<PlannedService>> plan(const std::string& yaml,
                                              const std::vector<std::string>& names = {}) {
        fixture::write_file(folder_.path() / "compose.yaml", yaml);
        compose::ProjectOptions options;
        options.folder = folder_.path();
        options.name = "test";
        return plan_services(KOS_TRY(compose::load_project(options)), names, store_);
    }
    /// The error for a service `one` with that line.
    std::string refusal(const std::string& line) {
        return fixture::message_of(
            plan("services:\n  one:\n    image: kos:app\n    " + line + "\n"));
    }
    static std::vector<std::string> names_of(const std::vector<PlannedService>& services) {
        std::vector<std::string> names;
        for (const PlannedService& service : services) names.push_back(service.name);
        return names;
    }

    fixture::TemporaryFolder folder_;
    Store store_{folder_.path() / "images"};
};

}  // namespace kos::system
