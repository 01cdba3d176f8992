// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/process.hpp"

#include "cli/compose/reader.hpp"
#include "cli/pack/user.hpp"
#include "oci-runtime/spec/capability_names.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace kos::linuxkit {

using compose::Value;
using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

namespace {

std::string upper(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

/// `none` and `all` stand alone.
Outcome<Texts> capabilities_in(const Settings& settings, std::string_view key, Texts names) {
    if (names.size() == 1 && upper(names.front()) == "NONE") return Texts{};
    if (names.size() == 1 && upper(names.front()) == "ALL") {
        return Texts{oci::capability_names.begin(), oci::capability_names.end()};
    }
    for (const std::string& name : names) {
        if (oci::capability_number(name)) continue;
        return settings.refuse(key, "\"" + name + "\" is no capability, as CAP_NET_ADMIN");
    }
    return names;
}

Outcome<Json> capabilities_of(const Settings& settings) {
    const Texts granted = KOS_TRY(capabilities_in(
        settings, "capabilities", KOS_TRY(settings.texts_with_added("capabilities"))));
    const Texts ambient =
        KOS_TRY(capabilities_in(settings, "ambient", KOS_TRY(settings.texts("ambient"))));
    std::set<std::string> bounding{granted.begin(), granted.end()};
    bounding.insert(ambient.begin(), ambient.end());
    return Json{{"bounding", bounding},
                {"effective", granted},
                {"inheritable", bounding},
                {"permitted", bounding},
                {"ambient", ambient}};
}

Outcome<std::uint32_t> id_in(const Value& value) {
    if (value.is_scalar() && value.text == "root") return 0u;
    if (value.is_scalar() && !value.text.empty() &&
        value.text.find_first_not_of("0123456789") != std::string::npos) {
        return fail(ErrorCode::ComposeUnsupported, to_string(value.position),
                    value.text + ": kos gives out no numbers by name: write the number");
    }
    return static_cast<std::uint32_t>(KOS_TRY(compose::read_number(value, 0, 0xffff'fffe)));
}

Outcome<Json> user_of(const Settings& settings, const oci::Image& image) {
    pack::User user = KOS_TRY(pack::resolve_user(image.rootfs, image.config.user));
    const Value* uid = settings.find("uid");
    const Value* gid = settings.find("gid");
    // Whoever names a user does not get the group of another.
    if (uid != nullptr) user = {.user = KOS_TRY(id_in(*uid)), .group = 0};
    if (gid != nullptr) user.group = KOS_TRY(id_in(*gid));
    Json json{{"uid", user.user}, {"gid", user.group}};
    if (const Value* more = settings.find("additionalGids"); more != nullptr) {
        KOS_TRY(compose::expect_list(*more, "additionalGids"));
        for (const Value& each : more->items) {
            json["additionalGids"].push_back(KOS_TRY(id_in(each)));
        }
    }
    return json;
}

std::string trimmed(std::string text) {
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// `NAME,SOFT,HARD`; the runtime knows the names.
Outcome<Json> limit_in(const Settings& settings, const std::string& text) {
    const std::size_t first = text.find(',');
    const std::size_t second = first == std::string::npos ? first : text.find(',', first + 1);
    const auto wrong = [&] {
        return settings.refuse("rlimits",
                               text + ": it should be NAME,SOFT,HARD, as nofile,100,200");
    };
    if (second == std::string::npos) return wrong();
    std::string name = upper(trimmed(text.substr(0, first)));
    if (!name.starts_with("RLIMIT_")) name.insert(0, "RLIMIT_");
    Json limit{{"type", name}};
    const std::pair<const char*, std::string> values[]{
        {"soft", trimmed(text.substr(first + 1, second - first - 1))},
        {"hard", trimmed(text.substr(second + 1))}};
    for (const auto& [key, value] : values) {
        std::uint64_t number = ~std::uint64_t{0};
        if (upper(value) != "UNLIMITED") {
            const char* const end = value.data() + value.size();
            const auto [stop, error] = std::from_chars(value.data(), end, number);
            if (error != std::errc{} || stop != end) return wrong();
        }
        limit[key] = number;
    }
    return limit;
}

/// docker's default, which a program is looked up in.
Texts with_path(Texts environment) {
    const bool has_path = std::any_of(environment.begin(), environment.end(),
                                      [](const auto& each) { return each.starts_with("PATH="); });
    if (!has_path) {
        environment.emplace_back(
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }
    return environment;
}

Texts command_of(const oci::ImageConfig& config) {
    Texts command = config.entrypoint;
    command.insert(command.end(), config.command.begin(), config.command.end());
    return command;
}

}  // namespace

Outcome<Json> process_of(const Settings& settings, const oci::Image& image) {
    const Texts command = KOS_TRY(settings.texts("command", command_of(image.config)));
    if (command.empty() || command.front().empty()) {
        return settings.refuse("command", "there is no command, and the image has none");
    }
    std::string folder = KOS_TRY(settings.text("cwd"));
    if (folder.empty()) folder = image.config.working_directory;
    if (!folder.starts_with('/')) folder.insert(0, "/");
    const Json user = KOS_TRY(user_of(settings, image));
    const Texts environment = KOS_TRY(settings.texts("env", image.config.environment));
    const Json capabilities = KOS_TRY(capabilities_of(settings));
    const bool no_new_privileges = KOS_TRY(settings.flag("noNewPrivileges"));
    Json process{
        {"terminal", false},
        {"user", user},
        {"args", command},
        {"env", with_path(environment)},
        {"cwd", folder},
        {"capabilities", capabilities},
        {"noNewPrivileges", no_new_privileges},
    };
    for (const std::string& text : KOS_TRY(settings.texts("rlimits"))) {
        process["rlimits"].push_back(KOS_TRY(limit_in(settings, text)));
    }
    if (const Value* score = settings.find("oomScoreAdj"); score != nullptr) {
        int number = 0;
        const char* const end = score->text.data() + score->text.size();
        const auto [stop, error] = std::from_chars(score->text.data(), end, number);
        if (!score->is_scalar() || error != std::errc{} || stop != end || number < -1000 ||
            number > 1000) {
            return compose::refuse_value(*score, "it should be a number from -1000 to 1000");
        }
        process["oomScoreAdj"] = number;
    }
    return process;
}

}  // namespace kos::linuxkit
