// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/tmpfs_input.hpp"

#include "cli/compose/tmpfs.hpp"
#include "cli/compose/value.hpp"
#include "cli/system/container.hpp"

#include <memory>

namespace kos::cli {

void add_tmpfs_option(CLI::App& command, std::vector<std::string>& tmpfs) {
    // One value each, or a last --tmpfs would take the image for another one.
    command
        .add_option(
            "--tmpfs", tmpfs,
            "PATH[:size=BYTES,mode=MODE,uid=ID,gid=ID]: a folder in memory, which can be written")
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
        mounts.push_back(system::tmpfs_of(*mount));
    }
    return mounts;
}

}  // namespace kos::cli
