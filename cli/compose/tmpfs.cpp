// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/tmpfs.hpp"

#include "cli/compose/reader.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <string_view>

namespace kos::compose {
namespace {

struct Known {
    std::string_view option;
    std::string_view reason;
};
/// Options of Linux that have no meaning here.
constexpr auto without_meaning = std::to_array<Known>({
    {"exec", "nothing is executed from a tmpfs"},
    {"suid", "nothing is executed from a tmpfs"},
    {"dev", "a tmpfs has no devices"},
    {"nr_blocks", "size says it in bytes"},
    {"nr_inodes", "size decides on it"},
    {"huge", "it has pages of one size"},
    {"mpol", "there is one memory"},
    {"noswap", "there is no swap"},
});
/// What every tmpfs is already.
constexpr auto always = std::to_array<std::string_view>({"rw", "noexec", "nosuid", "nodev"});

Outcome<std::uint32_t> read_id(const Value& value) {
    return static_cast<std::uint32_t>(
        KOS_TRY(read_number(value, 0, std::numeric_limits<std::uint32_t>::max() - 1)));
}

Err<Error> refuse_option(const Value& value, std::string_view name) {
    std::string reason = "size, mode, uid, gid, ro and rw are supported";
    for (const Known& known : without_meaning) {
        if (known.option == name) reason = known.reason;
    }
    return fail(ErrorCode::ComposeUnsupported, to_string(value.position),
                "the tmpfs option " + std::string{name} + ": " + reason);
}

/// \p value is what is behind the equals sign of \p name, with the option's place.
Outcome<void> read_option(std::string_view name, const Value& value, TmpfsOptions& options) {
    if (name == "size") {
        options.size = KOS_TRY(read_bytes(value));
    } else if (name == "mode") {
        options.mode = KOS_TRY(read_mode(value));
    } else if (name == "uid") {
        options.user = KOS_TRY(read_id(value));
    } else if (name == "gid") {
        options.group = KOS_TRY(read_id(value));
    } else if (name == "ro") {
        options.read_only = true;
    } else if (std::find(always.begin(), always.end(), name) == always.end()) {
        return refuse_option(value, name);
    }
    return {};
}

}  // namespace

Outcome<TmpfsOptions> read_tmpfs_options(const Value& value) {
    TmpfsOptions options;
    std::string_view rest = value.text;
    while (!rest.empty()) {
        const std::string_view option = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), option.size() + 1));
        const std::size_t equals = std::min(option.size(), option.find('='));
        Value argument = value;
        argument.text = option.substr(std::min(option.size(), equals + 1));
        KOS_TRY(read_option(option.substr(0, equals), argument, options));
    }
    return options;
}

Outcome<Mount> read_tmpfs(const Value& value) {
    Mount mount{.type = Mount::Type::Tmpfs, .position = value.position};
    const std::size_t colon = std::min(value.text.size(), value.text.find(':'));
    Value path = value, options = value;
    path.text = value.text.substr(0, colon);
    options.text = value.text.substr(std::min(value.text.size(), colon + 1));
    mount.target = KOS_TRY(absolute_path(path));
    mount.tmpfs = KOS_TRY(read_tmpfs_options(options));
    mount.read_only = mount.tmpfs.read_only;
    return mount;
}

std::string to_text(const TmpfsOptions& options) {
    std::string text;
    const auto add = [&](const std::string& option) {
        text.append(text.empty() ? "" : ",").append(option);
    };
    if (options.size) add("size=" + std::to_string(*options.size));
    if (options.mode) {
        std::array<char, 16> mode{};
        std::snprintf(mode.data(), mode.size(), "mode=%o", *options.mode);
        add(mode.data());
    }
    if (options.user) add("uid=" + std::to_string(*options.user));
    if (options.group) add("gid=" + std::to_string(*options.group));
    if (options.read_only) add("ro");
    return text;
}

Outcome<TmpfsOptions> read_driver_options(const Value& value) {
    KOS_TRY(
        check_keys(value, "driver_opts", std::array<std::string_view, 3>{"type", "device", "o"}));
    const Value* const type = value.find("type");
    if (type == nullptr || type->text != "tmpfs") {
        const Value& at = type == nullptr ? value : *type;
        return fail(ErrorCode::ComposeUnsupported, to_string(at.position),
                    "driver_opts: the only type is tmpfs; without driver_opts a volume is a disk "
                    "of a microVM");
    }
    const Value* const options = value.find("o");
    return options == nullptr ? TmpfsOptions{} : read_tmpfs_options(*options);
}

}  // namespace kos::compose
