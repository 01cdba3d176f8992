// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A compose file from anywhere: read to a project or refused, never more; what is printed of a
// project reads as the same project.
#include "cli/compose/canonical.hpp"
#include "cli/compose/merge.hpp"
#include "cli/compose/print.hpp"
#include "cli/compose/project.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace kos;           // NOLINT(google-build-using-namespace): a program's own file
using namespace kos::compose;  // NOLINT(google-build-using-namespace)

Outcome<Project> read(const std::string& text) {
    const Variables variables{{"A", "value"}};
    Value document = KOS_TRY(parse_yaml(text, "fuzz.yaml"));
    KOS_TRY(interpolate(document, variables, [](const std::string&) {}));
    KOS_TRY(make_canonical(document));
    KOS_TRY(resolve_extends(document, [](const std::string& path) -> Outcome<Value> {
        return fail(ErrorCode::File, path);
    }));
    ProjectOptions options;
    options.name = "fuzz";
    return read_project(document, options, variables, "/");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto project = read({reinterpret_cast<const char*>(data), size});
    if (!project) return 0;
    const auto again = read(to_yaml(*project));
    if (!again || to_json(*again) != to_json(*project)) std::abort();
    return 0;
}
