// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/labels.hpp"

#include "cli/oci/json.hpp"
#include "cli/oci/label_value.hpp"

#include <algorithm>
#include <array>

namespace kos::oci {
namespace {

constexpr std::string_view spec_prefix = "app.spec.";
constexpr std::string_view publishes_key = "app.spec.publishes";

constexpr std::uint64_t max_heap_pages = 1u << 20;  // 4 GiB

constexpr std::array table{
    LabelEntry{"app.name", LabelType::Text, 0, 0, "the program's file name",
               "name of the app in reports and logs"},
    LabelEntry{"app.kind", LabelType::Kind, 0, 0, "native where app.name is given",
               "how to run it: native or microvm"},
    LabelEntry{"app.binary.loopback", LabelType::Path, 0, 0, "argv[0], looked up in PATH",
               "path in the image of the ELF file to load; argv stays as it is"},
    LabelEntry{
        "app.spec", LabelType::Path, 0, 0, "none",
        "path in the image of a JSON file with the keys of app.spec.*; a label overrides it"},
    LabelEntry{"app.spec.heap_pages", LabelType::Number, 0, max_heap_pages, "2560",
               "pages of 4 KiB for brk, mmap and the stack's growth"},
    LabelEntry{"app.spec.ut_large_page", LabelType::Number, 0, 1024, "0",
               "untypeds of 2 MiB for programs of seL4's own convention"},
    LabelEntry{"app.spec.ut_4k_pages", LabelType::Number, 0, 4096, "0",
               "untypeds of 4 KiB, likewise"},
    LabelEntry{"app.spec.priority", LabelType::Number, 0, manifest::priority_ceiling, "100",
               "scheduling priority; the root server's is higher"},
    LabelEntry{"app.spec.max_priority", LabelType::Number, 0, manifest::priority_ceiling,
               "the priority", "highest priority that the app may give its threads"},
    LabelEntry{"app.spec.threads", LabelType::Number, 1, 64, "8", "most threads at once"},
    LabelEntry{"app.spec.publishes", LabelType::List, 0, 0, "none",
               "protocols that the app may publish; the label may be repeated"},
    LabelEntry{"vm.memory", LabelType::Bytes, 16u << 20, 64ull << 30, "128M",
               "memory of a microVM"},
    LabelEntry{"vm.vcpus", LabelType::Number, 1, 8, "1", "virtual CPUs of a microVM"},
    LabelEntry{"vm.kernel", LabelType::Text, 0, 0, "the system's", "Linux kernel of a microVM"},
};

const LabelEntry* find_entry(std::string_view key) {
    // The plural that some images have.
    if (key == "app.spec.ut_large_pages") key = "app.spec.ut_large_page";
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const LabelEntry& entry) { return entry.key == key; });
    return found == table.end() ? nullptr : &*found;
}

Err<Error> unknown(const std::string& key) {
    std::vector<std::string> known;
    known.reserve(table.size());
    for (const LabelEntry& entry : table) {
        known.push_back(std::string{label_prefix} + std::string{entry.key});
    }
    const std::string suggestion = nearest(key, known);
    return fail(ErrorCode::LabelUnknown, key,
                suggestion.empty() ? "" : "did you mean " + suggestion + "?");
}

Outcome<std::string> parse_path(const std::string& text, const std::string& where) {
    if (text.starts_with('/')) return text;
    return fail(ErrorCode::LabelValue, where, "\"" + text + "\"; expected an absolute path");
}

Outcome<std::string> parse_text(const std::string& text, const std::string& where) {
    if (!text.empty()) return text;
    return fail(ErrorCode::LabelValue, where, "it is empty");
}

Outcome<manifest::AppKind> parse_kind(const std::string& text, const std::string& where) {
    if (text == "native") return manifest::AppKind::Native;
    if (text == "microvm") return manifest::AppKind::MicroVm;
    return fail(ErrorCode::LabelValue, where, "\"" + text + "\"; expected native or microvm");
}

/// Labels of kos by their table entry: each once, publishes as often as it likes.
struct Known {
    const LabelEntry* entry;
    std::string where;
    std::vector<std::string> values;
};

Outcome<std::vector<Known>> collect(std::span<const Label> labels) {
    std::vector<Known> known;
    for (const Label& label : labels) {
        if (!label.key.starts_with(label_prefix)) continue;
        const LabelEntry* entry =
            find_entry(std::string_view{label.key}.substr(label_prefix.size()));
        if (entry == nullptr) return unknown(label.key);
        const auto earlier = std::find_if(known.begin(), known.end(),
                                          [&](const Known& k) { return k.entry == entry; });
        if (earlier == known.end()) {
            known.push_back({entry, label.key, {label.value}});
        } else if (entry->key == publishes_key) {
            earlier->values.push_back(label.value);
        } else {
            return fail(ErrorCode::LabelValue, label.key, "it is given more than once");
        }
    }
    return known;
}

/// Numbers by key: where each goes.
std::uint64_t* number_field(AppSettings& settings, std::string_view key) {
    if (key == "app.spec.heap_pages") return &settings.heap_pages;
    if (key == "app.spec.ut_large_page") return &settings.untyped_large;
    if (key == "app.spec.ut_4k_pages") return &settings.untyped_4k;
    if (key == "app.spec.priority") return &settings.priority;
    if (key == "app.spec.max_priority") return &settings.max_priority;
    if (key == "app.spec.threads") return &settings.threads;
    if (key == "vm.vcpus") return &settings.vm_cpus;
    return &settings.vm_memory;
}

Outcome<void> apply_text(const Known& label, AppSettings& settings) {
    const std::string text = KOS_TRY(parse_text(label.values.front(), label.where));
    (label.entry->key == "app.name" ? settings.name : settings.vm_kernel) = text;
    return {};
}

Outcome<void> apply(const Known& label, AppSettings& settings) {
    const LabelEntry& entry = *label.entry;
    const std::string& value = label.values.front();
    switch (entry.type) {
        case LabelType::Text:
            return apply_text(label, settings);
        case LabelType::Path: {
            const std::string path = KOS_TRY(parse_path(value, label.where));
            if (entry.key == "app.binary.loopback") settings.program = path;
            return {};
        }
        case LabelType::Kind:
            settings.kind = KOS_TRY(parse_kind(value, label.where));
            return {};
        case LabelType::Number:
            *number_field(settings, entry.key) =
                KOS_TRY(parse_number(value, entry.lowest, entry.highest, label.where));
            return {};
        case LabelType::Bytes:
            *number_field(settings, entry.key) =
                KOS_TRY(parse_byte_size(value, entry.lowest, entry.highest, label.where));
            return {};
        case LabelType::List:
            for (const std::string& text : label.values) {
                for (std::string& item : KOS_TRY(parse_list(text, label.where))) {
                    settings.publishes.push_back(std::move(item));
                }
            }
            return {};
    }
    return {};
}

}  // namespace

std::span<const LabelEntry> label_table() { return table; }

std::string_view name_of(LabelType type) {
    switch (type) {
        case LabelType::Text:
            return "text";
        case LabelType::Path:
            return "absolute path";
        case LabelType::Kind:
            return "native or microvm";
        case LabelType::Number:
            return "whole number";
        case LabelType::Bytes:
            return "bytes";
        case LabelType::List:
            return "list of names";
    }
    return "";
}

std::optional<std::string> spec_path(std::span<const Label> labels) {
    const std::string key = std::string{label_prefix} + "app.spec";
    const auto found = std::find_if(labels.begin(), labels.end(),
                                    [&](const Label& label) { return label.key == key; });
    if (found == labels.end()) return std::nullopt;
    return found->value;
}

Outcome<std::vector<Label>> parse_spec(std::string_view json, const std::string& where) {
    const auto document = KOS_TRY(parse_json(json, where));
    const JsonView root{document, where};
    std::vector<Label> labels;
    for (const std::string& key : KOS_TRY(root.keys())) {
        const std::string label = std::string{label_prefix} + std::string{spec_prefix} + key;
        const auto& value = document[key];
        if (value.is_string()) {
            labels.push_back({label, value.get<std::string>()});
        } else if (value.is_array()) {
            for (std::string& item : KOS_TRY(KOS_TRY(root.required(key)).texts())) {
                labels.push_back({label, std::move(item)});
            }
        } else {
            labels.push_back({label, value.dump()});
        }
    }
    return labels;
}

Outcome<AppSettings> parse_settings(std::span<const Label> labels, std::span<const Label> spec) {
    std::vector<Known> known = KOS_TRY(collect(labels));
    for (Known& from_spec : KOS_TRY(collect(spec))) {
        const bool overridden = std::any_of(known.begin(), known.end(), [&](const Known& label) {
            return label.entry == from_spec.entry;
        });
        if (!overridden) known.push_back(std::move(from_spec));
    }
    AppSettings settings;
    bool max_given = false;
    for (const Known& label : known) {
        KOS_TRY(apply(label, settings));
        max_given = max_given || label.entry->key == "app.spec.max_priority";
    }
    if (!max_given) settings.max_priority = settings.priority;
    if (settings.priority > settings.max_priority) {
        return fail(ErrorCode::PriorityRange, "com.koskit.app.spec.priority",
                    std::to_string(settings.priority) +
                        " is above com.koskit.app.spec.max_priority " +
                        std::to_string(settings.max_priority));
    }
    return settings;
}

}  // namespace kos::oci
