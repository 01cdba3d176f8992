// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/project.hpp"

#include "cli/compose/canonical.hpp"
#include "cli/compose/merge.hpp"
#include "cli/compose/paths.hpp"
#include "cli/file/file.hpp"

#include <set>

namespace kos::compose {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> file_names{"compose.yaml", "compose.yml",
                                                     "docker-compose.yaml", "docker-compose.yml"};

/// As docker compose does: the nearest folder upwards with a file of a known name, and the override
/// beside it.
Outcome<std::vector<fs::path>> find_files(const fs::path& start) {
    for (fs::path folder = fs::absolute(start);; folder = folder.parent_path()) {
        for (const std::string_view name : file_names) {
            const fs::path found = folder / name;
            if (!fs::exists(found)) continue;
            fs::path other = found;
            other.replace_extension(".override" + found.extension().string());
            return fs::exists(other) ? std::vector{found, other} : std::vector{found};
        }
        if (folder == folder.parent_path()) break;
    }
    return fail(ErrorCode::ComposeMissing, start.string());
}

class Loader {
   public:
    Loader(const ProjectOptions& options, const fs::path& folder)
        : options_(options), folder_(folder) {}

    Outcome<void> read_variables() {
        std::vector<fs::path> files = options_.env_files;
        if (files.empty() && fs::exists(folder_ / ".env")) files.push_back(folder_ / ".env");
        for (const fs::path& file : files) {
            const std::string text = KOS_TRY(file::read(file));
            for (auto& [name, value] :
                 KOS_TRY(parse_environment_file(text, file.string(), options_.environment))) {
                variables_[name] = std::move(value);
            }
        }
        // What is set where kos runs counts more.
        for (const auto& [name, value] : options_.environment) variables_[name] = value;
        return {};
    }

    Outcome<Value> load(const fs::path& path, const fs::path& relative_to) {
        Value document = KOS_TRY(parse_yaml(KOS_TRY(file::read(path)), path.string()));
        if (document.is_null()) document.kind = Value::Kind::Mapping;
        if (!document.is_mapping()) {
            return fail(ErrorCode::ComposeValue, to_string(document.position),
                        "a compose file is a mapping");
        }
        KOS_TRY(interpolate(document, variables_, [&](const std::string& name) {
            if (!warned_.insert(name).second) return;
            options_.warn("the variable " + name + " is not set: it is replaced by nothing");
        }));
        KOS_TRY(make_canonical(document));
        const auto home = variables_.find("HOME");
        resolve_paths(document, relative_to, home == variables_.end() ? "/" : home->second);
        return document;
    }

    Outcome<Value> load_extended(const fs::path& path, const fs::path& relative_to) {
        Value document = KOS_TRY(load(path, relative_to));
        KOS_TRY(resolve_extends(document, [&](const std::string& other) {
            return load(other, fs::path{other}.parent_path());
        }));
        return document;
    }

    [[nodiscard]] const Variables& variables() const { return variables_; }

   private:
    const ProjectOptions& options_;
    const fs::path& folder_;
    Variables variables_;
    std::set<std::string> warned_;
};

}  // namespace

Outcome<Project> load_project(const ProjectOptions& options) {
    const std::vector<fs::path> files =
        options.files.empty() ? KOS_TRY(find_files(options.folder)) : options.files;
    const fs::path folder = fs::absolute(options.folder / files.front()).parent_path();
    Loader loader{options, folder};
    KOS_TRY(loader.read_variables());
    std::optional<Value> document;
    for (const fs::path& file : files) {
        Value next = KOS_TRY(loader.load_extended(options.folder / file, folder));
        document = document ? merged(std::move(*document), std::move(next)) : std::move(next);
    }
    return read_project(*document, options, loader.variables(), folder);
}

}  // namespace kos::compose
