// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/canonical.hpp"

#include "cli/compose/short_forms.hpp"

#include <algorithm>
#include <initializer_list>

namespace kos::compose {

namespace {

Value scalar_at(const Position& position, std::string text) {
    Value value;
    value.kind = Value::Kind::Scalar;
    value.is_quoted = true;
    value.position = position;
    value.text = std::move(text);
    return value;
}

/// `KEY=VALUE` items; one without a separator has no value.
Outcome<void> split_items(Value& list, std::string_view separators) {
    if (!list.is_sequence()) return {};
    Value mapping;
    mapping.kind = Value::Kind::Mapping;
    mapping.position = list.position;
    mapping.merge = list.merge;
    for (Value& item : list.items) {
        if (!item.is_scalar()) {
            return fail(ErrorCode::ComposeValue, to_string(item.position),
                        "it should be text, as KEY=VALUE");
        }
        const std::size_t at = item.text.find_first_of(separators);
        Value value;
        value.position = item.position;
        if (at != std::string::npos) value = scalar_at(item.position, item.text.substr(at + 1));
        std::string key = item.text.substr(0, at);
        // In a list, the last one counts.
        if (Value* earlier = mapping.find(key)) {
            *earlier = std::move(value);
        } else {
            mapping.entries.push_back({std::move(key), item.position, std::move(value)});
        }
    }
    list = std::move(mapping);
    return {};
}

/// Names become keys, each with what \p make gives.
template <class Make>
Outcome<void> names_to_mapping(Value& list, Make make) {
    if (!list.is_sequence()) return {};
    Value mapping;
    mapping.kind = Value::Kind::Mapping;
    mapping.position = list.position;
    mapping.merge = list.merge;
    for (const Value& item : list.items) {
        if (!item.is_scalar()) {
            return fail(ErrorCode::ComposeValue, to_string(item.position), "it should be a name");
        }
        if (mapping.find(item.text) != nullptr) {
            return fail(ErrorCode::ComposeValue, to_string(item.position),
                        item.text + " is there twice");
        }
        mapping.entries.push_back({item.text, item.position, make(item.position)});
    }
    list = std::move(mapping);
    return {};
}

void scalar_to_list(Value& value) {
    if (!value.is_scalar()) return;
    Value list;
    list.kind = Value::Kind::Sequence;
    list.position = value.position;
    list.merge = value.merge;
    list.items.push_back(std::move(value));
    value = std::move(list);
}

using Expand = Outcome<Value> (*)(const Value& short_form);

Outcome<void> expand_items(Value& list, Expand expand) {
    for (Value& item : list.items) {
        if (item.is_scalar()) item = KOS_TRY(expand(item));
    }
    return {};
}

/// A range becomes several.
Outcome<void> expand_port_list(Value& list) {
    std::vector<Value> items;
    for (Value& item : list.items) {
        if (!item.is_scalar()) {
            items.push_back(std::move(item));
            continue;
        }
        for (Value& port : KOS_TRY(expand_ports(item))) items.push_back(std::move(port));
    }
    list.items = std::move(items);
    return {};
}

Outcome<void> service_to_canonical(Value& service) {
    const auto with = [&](std::initializer_list<std::string_view> keys,
                          const auto& change) -> Outcome<void> {
        for (const std::string_view key : keys) {
            if (Value* value = service.find(key)) KOS_TRY(change(*value));
        }
        return {};
    };
    KOS_TRY(with({"environment", "labels", "sysctls"},
                 [](Value& value) { return split_items(value, "="); }));
    KOS_TRY(with({"extra_hosts"}, [](Value& value) { return split_items(value, "=:"); }));
    KOS_TRY(with({"depends_on"}, [](Value& value) {
        return names_to_mapping(value, [](const Position& position) {
            Value dependency;
            dependency.kind = Value::Kind::Mapping;
            dependency.position = position;
            dependency.entries.push_back(
                {"condition", position, scalar_at(position, "service_started")});
            return dependency;
        });
    }));
    KOS_TRY(with({"networks"}, [](Value& value) {
        return names_to_mapping(value, [](const Position& position) {
            Value nothing;
            nothing.position = position;
            return nothing;
        });
    }));
    KOS_TRY(with({"env_file", "tmpfs"}, [](Value& value) -> Outcome<void> {
        scalar_to_list(value);
        return {};
    }));
    KOS_TRY(with({"env_file"}, [](Value& value) { return expand_items(value, &expand_env_file); }));
    KOS_TRY(with({"ports"}, &expand_port_list));
    KOS_TRY(with({"volumes"}, [](Value& value) { return expand_items(value, &expand_volume); }));
    return with({"secrets", "configs"},
                [](Value& value) { return expand_items(value, &expand_file_reference); });
}

}  // namespace

Outcome<void> make_canonical(Value& document) {
    Value* services = document.find("services");
    if (services == nullptr) return {};
    for (Value::Entry& service : services->entries) KOS_TRY(service_to_canonical(service.value));
    return {};
}

}  // namespace kos::compose
