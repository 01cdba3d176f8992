// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/tmpfs_input.hpp"

#include "cli/compose/service_parts.hpp"
#include "cli/compose/value.hpp"

#include <memory>

namespace kos::cli {

void add_tmpfs_option(CLI::App& command, std::vector<std::string>& tmpfs) {
    // One value each, or a last --tmpfs would take the image for another one.
    command
        .add_option("--tmpfs", tmpfs,
                    "PATH[:size=BYTES,mode=MODE]: a folder in memory, which can be written")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Outcome<std::vector<pack::TmpfsMount>> tmpfs_of(const std::vector<std::string>& texts) {
    const auto option = std::make_shared<const std::string>("--tmpfs");
    std::vector<pack::TmpfsMount> mounts;
    for (const std::string& text : texts) {
        compose::Value value;
        value.kind = compose::Value::Kind::Scalar;
        value.position.file = option;
        value.text = text;
        const auto mount = compose::read_tmpfs(value);
        if (!mount) return fail(ErrorCode::Usage, "--tmpfs " + text, mount.error().detail);
        mounts.push_back(
            {mount->target, mount->read_only, mount->size, mount->mode.value_or(01777)});
    }
    return mounts;
}

}  // namespace kos::cli
