// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A project in a folder of its own, for the tests.
#pragma once

#include "cli/compose/project.hpp"
#include "cli/fixture/temporary_folder.hpp"

#include <fstream>

namespace kos::compose {

class TestProject {
   public:
    explicit TestProject(const std::string& compose_file) {
        write("compose.yaml", compose_file);
        options.folder = folder();
        options.name = "test";
    }

    void write(const std::string& name, const std::string& content) {
        std::filesystem::create_directories((folder() / name).parent_path());
        std::ofstream{folder() / name} << content;
    }
    [[nodiscard]] Outcome<Project> load() const { return load_project(options); }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

    ProjectOptions options;

   private:
    fixture::TemporaryFolder folder_;
};

}  // namespace kos::compose
