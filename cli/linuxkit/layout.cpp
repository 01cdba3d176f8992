// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/layout.hpp"

#include "cli/compose/reader.hpp"
#include "cli/file/file.hpp"
#include "cli/linuxkit/container.hpp"
#include "cli/linuxkit/files.hpp"
#include "cli/linuxkit/guest_kernel.hpp"
#include "cli/linuxkit/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>

namespace kos::linuxkit {

using compose::Value;
namespace fs = std::filesystem;

namespace {

struct Stage {
    const char* key;
    bool is_numbered;  ///< runs one after another
};
constexpr auto stages =
    std::to_array<Stage>({{"onboot", true}, {"services", false}, {"onshutdown", true}});

/// An alias is a container with a configuration of its own (docs/linuxkit.md).
constexpr std::size_t most_containers = 256;

/// The reader is that of compose files: its errors are this file's.
Error renamed(Error error) {
    switch (error.code) {
        case ErrorCode::ComposeYaml:
            error.code = ErrorCode::LinuxkitYaml;
            break;
        case ErrorCode::ComposeKey:
            error.code = ErrorCode::LinuxkitKey;
            break;
        case ErrorCode::ComposeValue:
            error.code = ErrorCode::LinuxkitValue;
            break;
        case ErrorCode::ComposeUnsupported:
            error.code = ErrorCode::LinuxkitUnsupported;
            break;
        default:
            break;
    }
    return error;
}

Outcome<Value> parse(const std::string& text, const std::string& path) {
    static constexpr auto keys =
        std::to_array<std::string_view>({"kernel", "init", "onboot", "onshutdown", "services",
                                         "files", "x-kos-name", "x-kos-memory", "x-kos-cpus"});
    static constexpr auto unsupported = std::to_array<compose::UnsupportedKey>({
        {"trust", "kos holds every blob of an image to its digest; there is no notary to ask"},
        {"volumes", "use binds, of folders that runtime: mkdir makes, or tmpfs"},
    });
    Value document = KOS_TRY(compose::parse_yaml(text, path));
    KOS_TRY(compose::check_keys(document, "a LinuxKit file", keys, unsupported));
    return document;
}

/// A name that can be a folder's and a container's.
Outcome<std::string> name_of(const Value& item) {
    const Value* value = item.find("name");
    if (value == nullptr) return compose::refuse_value(item, "a container has a name");
    const std::string name = KOS_TRY(compose::read_text(*value));
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    constexpr std::size_t longest = 48;
    if (name.empty() || name.size() > longest || name.front() == '.' ||
        name.find_first_not_of(letters) != std::string::npos) {
        return compose::refuse_value(
            *value, "a name has letters, digits, -, _ and ., at most 48, and begins with no dot");
    }
    if (name == "main") return compose::refuse_value(*value, "kosinit has that name for itself");
    return name;
}

class Reader {
   public:
    Reader(const Value& document, const ImageSource& images)
        : document_(document), images_(images) {}

    Outcome<std::vector<pack::GuestContainer>> containers() && {
        for (const Stage& stage : stages) {
            const Value* list = document_.find(stage.key);
            if (list == nullptr || list->is_null()) continue;
            KOS_TRY(compose::expect_list(*list, stage.key));
            for (std::size_t i = 0; i < list->items.size(); ++i) {
                KOS_TRY(add(list->items[i], stage, i));
            }
        }
        if (std::none_of(all_.begin(), all_.end(), [](const pack::GuestContainer& each) {
                return !each.folder.starts_with("onshutdown/");
            })) {
            return compose::refuse_value(document_, "there is neither a service nor an onboot");
        }
        return std::move(all_);
    }

   private:
    /// \p number: in its stage.
    Outcome<void> add(const Value& item, const Stage& stage, std::size_t number) {
        if (all_.size() == most_containers) {
            return compose::refuse_value(
                item, "a microVM has at most " + std::to_string(most_containers) +
                          " containers: give the others a file of their own");
        }
        KOS_TRY(check_item(item));
        const std::string name = KOS_TRY(name_of(item));
        // As kosinit names them.
        const std::string full =
            stage.is_numbered ? stage.key + ("-" + numbered(number, name)) : name;
        if (!names_.insert(full).second) {
            return compose::refuse_value(*item.find("name"), "the name is there twice: " + full);
        }
        all_.push_back(KOS_TRY(container(item, stage, name, number)));
        return {};
    }

    static std::string numbered(std::size_t number, const std::string& name) {
        std::array<char, 24> prefix{};
        std::snprintf(prefix.data(), prefix.size(), "%03zu-", number);
        return prefix.data() + name;
    }

    Outcome<pack::GuestContainer> container(const Value& item, const Stage& stage,
                                            const std::string& name, std::size_t number) {
        const Value* value = item.find("image");
        if (value == nullptr) return compose::refuse_value(item, name + " names no image");
        const std::string reference = KOS_TRY(compose::read_text(*value));
        auto image = images_(reference);
        if (!image) {
            const Error& error = image.error();
            return fail(error.code, to_string(value->position) + ": " + error.where, error.detail);
        }
        std::string label;
        for (const auto& each : image->config.labels) {
            if (each.key == "org.mobyproject.config") label = each.value;
        }
        const Settings settings = KOS_TRY(Settings::create(item, label, reference));
        ContainerFiles files = KOS_TRY(make_container(settings, *image, name, !stage.is_numbered));
        return pack::GuestContainer{
            .folder =
                std::string{stage.key} + "/" + (stage.is_numbered ? numbered(number, name) : name),
            .rootfs = std::move(image->rootfs),
            .config = std::move(files.config),
            .runtime = std::move(files.runtime),
            .service = std::move(files.service),
        };
    }

    const Value& document_;
    const ImageSource& images_;
    std::vector<pack::GuestContainer> all_;
    std::set<std::string> names_;  ///< of containers, whatever their stage
};

Outcome<Loaded> read(const std::string& text, const fs::path& path, const ImageSource& images) {
    const Value document = KOS_TRY(parse(text, path.string()));
    Loaded loaded;
    pack::LayoutSource& layout = loaded.layout;
    layout.name = path.stem().string();
    if (const Value* name = document.find("x-kos-name")) {
        layout.name = KOS_TRY(compose::read_text(*name));
    }
    if (const Value* memory = document.find("x-kos-memory")) {
        layout.memory = KOS_TRY(compose::read_bytes(*memory));
    }
    if (const Value* cpus = document.find("x-kos-cpus")) {
        layout.cpus = KOS_TRY(compose::read_number(*cpus, 1, 8));
    }
    KernelChoice kernel = KOS_TRY(kernel_of(document.find("kernel"), document.find("init")));
    layout.kernel_arguments = std::move(kernel.arguments);
    loaded.notes = std::move(kernel.notes);
    if (const Value* files = document.find("files"); files != nullptr && !files->is_null()) {
        layout.files = KOS_TRY(files_of(*files, path.parent_path(), text));
    }
    layout.containers = KOS_TRY(Reader(document, images).containers());
    const nlohmann::ordered_json guest{{"version", 1}, {"hostname", layout.name}};
    layout.guest = text_of(guest);
    return loaded;
}

}  // namespace

Outcome<Loaded> parse_layout(const std::string& text, const std::string& path,
                             const ImageSource& images) {
    auto loaded = read(text, path, images);
    if (!loaded) return Err{renamed(loaded.error())};
    return loaded;
}

Outcome<Loaded> load_layout(const std::string& path, const ImageSource& images) {
    return parse_layout(KOS_TRY(file::read(path)), path, images);
}

}  // namespace kos::linuxkit
