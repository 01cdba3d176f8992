// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/state.hpp"

#include "lib/linux/file.hpp"
#include "lib/manifest/names.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace kos::instance {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr int version = 4;

Json optional_json(const auto& value) { return value ? Json(*value) : Json(nullptr); }

template <class T>
std::optional<T> optional_in(const Json& json, const char* key) {
    const Json& value = json.at(key);
    if (value.is_null()) return std::nullopt;
    return value.get<T>();
}

AppState state_in(const std::string& text) {
    for (const AppState state : {AppState::Created, AppState::Running}) {
        if (text == name_of(state)) return state;
    }
    return AppState::Stopped;
}

Json app_to_json(const App& app) {
    return {{"name", app.name},
            {"number", app.number},
            {"kind", app.kind},
            {"image", app.image},
            {"state", name_of(app.state)},
            {"starts", app.starts},
            {"cancelled", app.cancelled},
            {"started_ns", optional_json(app.started)},
            {"ended_ns", optional_json(app.ended)},
            {"exit_status", optional_json(app.exit_status)},
            {"error", app.error},
            {"log",
             {{"file_size", app.log.file_size},
              {"files", app.log.files},
              {"keeps_output", app.log.keeps_output}}},
            {"ports", app.ports}};
}

Json inventory_to_json(const std::optional<Inventory>& inventory) {
    if (!inventory) return nullptr;
    return {{"untyped_bytes", inventory->untyped_bytes},
            {"untypeds", inventory->untypeds},
            {"slots", inventory->slots}};
}

std::optional<Inventory> inventory_in(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return Inventory{json.at("untyped_bytes"), json.at("untypeds"), json.at("slots")};
}

App app_in(const Json& json) {
    App app;
    app.name = json.at("name");
    app.number = json.at("number");
    app.kind = json.at("kind");
    app.image = json.at("image");
    app.state = state_in(json.at("state"));
    app.starts = json.at("starts");
    app.cancelled = json.at("cancelled");
    app.started = optional_in<Time>(json, "started_ns");
    app.ended = optional_in<Time>(json, "ended_ns");
    app.exit_status = optional_in<int>(json, "exit_status");
    app.error = json.at("error");
    const Json& log = json.at("log");
    app.log = {log.at("file_size"), log.at("files"), log.at("keeps_output")};
    app.ports = json.at("ports").get<std::vector<std::string>>();
    return app;
}

State state_in(const Json& json) {
    State state;
    state.name = json.at("name");
    state.target = json.at("target");
    state.pid = json.at("pid");
    state.created = json.at("created_ns");
    state.ended = optional_in<Time>(json, "ended_ns");
    state.exit_status = optional_in<int>(json, "exit_status");
    state.stays = json.at("stays");
    state.before = inventory_in(json.at("inventory_before"));
    state.after = inventory_in(json.at("inventory_after"));
    for (const Json& app : json.at("apps")) state.apps.push_back(app_in(app));
    return state;
}

}  // namespace

Time now() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * nanoseconds_per_second + time.tv_nsec;
}

std::string to_text(Time time) {
    const std::time_t seconds = time / nanoseconds_per_second;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> day{};
    std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s.%09lldZ", day.data(),
                  static_cast<long long>(time % nanoseconds_per_second));
    return text.data();
}

App* State::find(std::uint32_t number) {
    for (App& app : apps) {
        if (app.number == number) return &app;
    }
    return nullptr;
}

const App* State::find(std::uint32_t number) const {
    return const_cast<State*>(this)->find(number);
}

const App* State::find(std::string_view app_name) const {
    for (const App& app : apps) {
        if (app.name == app_name) return &app;
    }
    return nullptr;
}

std::string_view name_of(AppState state) {
    switch (state) {
        case AppState::Created:
            return "created";
        case AppState::Running:
            return "running";
        case AppState::Stopped:
            return "stopped";
    }
    return "stopped";
}

Json to_json(const State& state) {
    Json apps = Json::array();
    for (const App& app : state.apps) apps.push_back(app_to_json(app));
    return {{"version", version},
            {"name", state.name},
            {"target", state.target},
            {"pid", state.pid},
            {"created_ns", state.created},
            {"ended_ns", optional_json(state.ended)},
            {"exit_status", optional_json(state.exit_status)},
            {"stays", state.stays},
            {"inventory_before", inventory_to_json(state.before)},
            {"inventory_after", inventory_to_json(state.after)},
            {"apps", std::move(apps)}};
}

Outcome<void> write_state(const Folder& folder, const State& state) {
    const std::string text =
        to_json(state).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    return folder.write("state.json", text);
}

Outcome<State> read_state(const Folder& folder) {
    const std::string where = folder.path() + "/state.json";
    const std::string cure = "; kos rm -f " + folder.name() + " takes it away";
    // Asked first: who ends in between has written its last state by then.
    const bool is_running = folder.is_running();
    const auto text = sys::read_file(folder.fd(), "state.json");
    if (!text) {
        if (is_running) {
            // It is about to write it.
            State state;
            state.name = folder.name();
            return state;
        }
        return fail(ErrorCode::InstanceFolder, where, sys::describe(text.error()) + cure);
    }
    State state;
    try {
        const Json json = Json::parse(*text);
        if (json.at("version") != version) {
            return fail(ErrorCode::InstanceFolder, where, "it is another kos's" + cure);
        }
        state = state_in(json);
    } catch (const Json::exception& error) {
        return fail(ErrorCode::InstanceFolder, where, error.what() + cure);
    }
    if (is_running) return state;
    for (App& app : state.apps) {
        if (app.state == AppState::Stopped) continue;
        app.state = AppState::Stopped;
        app.exit_status.reset();
    }
    return state;
}

std::vector<App> apps_of(const manifest::ImageView& view,
                         const std::function<std::string(const std::string& name)>& image_of) {
    std::vector<App> apps;
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        const manifest::App record = view.app(number);
        if (!manifest::is_service(static_cast<manifest::AppKind>(record.kind))) continue;
        App app;
        app.name = view.text(record.name);
        app.number = number;
        app.kind = record.vm != 0 ? kind_microvm : kind_native;
        app.image = image_of(app.name);
        apps.push_back(std::move(app));
    }
    return apps;
}

}  // namespace kos::instance
