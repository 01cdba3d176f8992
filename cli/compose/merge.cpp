// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/merge.hpp"

#include <algorithm>
#include <array>

namespace kos::compose {

namespace {

using Keys = std::vector<std::string_view>;

bool is_replaced(std::string_view key) {
    return key == "command" || key == "entrypoint" || key == "test";
}

/// What tells items of such a list apart.
Keys identity_of(std::string_view key) {
    if (key == "volumes" || key == "devices") return {"target"};
    if (key == "secrets" || key == "configs") return {"source"};
    if (key == "ports") return {"host_ip", "published", "target", "protocol"};
    return {};
}

bool are_same(const Value& left, const Value& right, const Keys& identity) {
    if (!left.is_mapping() || !right.is_mapping()) {
        return left.is_scalar() && right.is_scalar() && left.text == right.text;
    }
    return std::all_of(identity.begin(), identity.end(), [&](std::string_view key) {
        const Value* one = left.find(key);
        const Value* other = right.find(key);
        if (one == nullptr || other == nullptr) return one == other;
        return one->text == other->text;
    });
}

Value merged_at(std::string_view key, Value under, Value over);

Value merged_lists(std::string_view key, Value under, Value over) {
    const Keys identity = identity_of(key);
    for (Value& item : over.items) {
        const auto earlier =
            std::find_if(under.items.begin(), under.items.end(), [&](const Value& other) {
                return !identity.empty() && are_same(item, other, identity);
            });
        if (earlier != under.items.end()) {
            *earlier = std::move(item);
        } else {
            under.items.push_back(std::move(item));
        }
    }
    return under;
}

Value merged_mappings(Value under, Value over) {
    for (Value::Entry& entry : over.entries) {
        const bool is_reset = entry.value.merge == Value::Merge::Reset;
        const auto earlier =
            std::find_if(under.entries.begin(), under.entries.end(),
                         [&](const Value::Entry& other) { return other.key == entry.key; });
        if (earlier == under.entries.end()) {
            if (!is_reset) under.entries.push_back(std::move(entry));
        } else if (is_reset) {
            under.entries.erase(earlier);
        } else {
            earlier->value =
                merged_at(entry.key, std::move(earlier->value), std::move(entry.value));
            earlier->position = entry.position;
        }
    }
    return under;
}

/// The options of a driver mean nothing to another.
bool has_other_driver(std::string_view key, const Value& under, const Value& over) {
    if (key != "logging" || !under.is_mapping() || !over.is_mapping()) return false;
    const Value* one = under.find("driver");
    const Value* other = over.find("driver");
    return one != nullptr && other != nullptr && one->text != other->text;
}

Value merged_at(std::string_view key, Value under, Value over) {
    if (over.merge == Value::Merge::Override || under.kind != over.kind || is_replaced(key) ||
        has_other_driver(key, under, over)) {
        // A network or dependency that is named only does not take back what was said of it.
        return over.is_null() && under.is_mapping() ? under : over;
    }
    if (over.is_sequence()) return merged_lists(key, std::move(under), std::move(over));
    if (over.is_mapping()) return merged_mappings(std::move(under), std::move(over));
    return over;
}

class Extender {
   public:
    /// \p files: how many files deep.
    Extender(Value& document, const LoadDocument& load, unsigned files = 0)
        : document_(document), load_(load), files_(files) {}

    Outcome<void> resolve(const std::string& name);

   private:
    static constexpr unsigned most_files = 16;

    Outcome<Value> base_of(const std::string& name, const Value& extends);
    static Err<Error> refuse(ErrorCode code, const Value& at, std::string detail) {
        return fail(code, to_string(at.position), std::move(detail));
    }

    Value& document_;
    const LoadDocument& load_;
    unsigned files_;
    std::vector<std::string> pending_;
};

Outcome<void> Extender::resolve(const std::string& name) {
    Value* service = document_.find("services")->find(name);
    const Value* found = service->find("extends");
    if (found == nullptr) return {};
    const Value extends = *found;
    if (std::find(pending_.begin(), pending_.end(), name) != pending_.end()) {
        std::string chain;
        for (const std::string& each : pending_) chain += each + " extends ";
        return refuse(ErrorCode::ComposeCycle, extends, chain + name);
    }
    pending_.push_back(name);
    Value base = KOS_TRY(base_of(name, extends));
    pending_.pop_back();
    std::erase_if(service->entries, [](const Value::Entry& each) { return each.key == "extends"; });
    *service = merged(std::move(base), std::move(*service));
    return {};
}

Outcome<Value> Extender::base_of(const std::string& name, const Value& extends) {
    const Value* service = extends.is_mapping() ? extends.find("service") : &extends;
    const Value* file = extends.is_mapping() ? extends.find("file") : nullptr;
    if (service == nullptr || !service->is_scalar()) {
        return refuse(ErrorCode::ComposeValue, extends, "extends takes the name of a service");
    }
    if (file == nullptr) {
        Value* services = document_.find("services");
        if (services->find(service->text) == nullptr) {
            return refuse(ErrorCode::ComposeReference, *service,
                          name + " extends " + service->text + ", and there is no such service");
        }
        KOS_TRY(resolve(service->text));
        return *services->find(service->text);
    }
    if (!file->is_scalar()) {
        return refuse(ErrorCode::ComposeValue, *file, "the file to extend from is a path");
    }
    Value other = KOS_TRY(load_(file->text));
    Value* services = other.find("services");
    if (services == nullptr || services->find(service->text) == nullptr) {
        return refuse(ErrorCode::ComposeReference, *service,
                      file->text + " has no service " + service->text);
    }
    if (files_ == most_files) {
        return refuse(ErrorCode::ComposeCycle, *file, "the files extend each other");
    }
    Extender within{other, load_, files_ + 1};
    KOS_TRY(within.resolve(service->text));
    return *services->find(service->text);
}

}  // namespace

Value merged(Value under, Value over) { return merged_at("", std::move(under), std::move(over)); }

Outcome<void> resolve_extends(Value& document, const LoadDocument& load) {
    const Value* services = document.find("services");
    if (services == nullptr) return {};
    std::vector<std::string> names;
    for (const Value::Entry& entry : services->entries) {
        if (entry.value.is_mapping()) names.push_back(entry.key);
    }
    Extender extender{document, load};
    for (const std::string& name : names) KOS_TRY(extender.resolve(name));
    return {};
}

}  // namespace kos::compose
