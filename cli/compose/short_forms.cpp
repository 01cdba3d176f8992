// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/short_forms.hpp"

#include <optional>

namespace kos::compose {

namespace {

/// A mapping whose values all stand where the short form does.
class LongForm {
   public:
    explicit LongForm(const Value& short_form) {
        value_.kind = Value::Kind::Mapping;
        value_.position = short_form.position;
    }
    void set(std::string key, std::string_view text, bool is_quoted = true) {
        Value value;
        value.kind = Value::Kind::Scalar;
        value.is_quoted = is_quoted;
        value.position = value_.position;
        value.text = text;
        value_.entries.push_back({std::move(key), value_.position, std::move(value)});
    }
    Value take() { return std::move(value_); }

   private:
    Value value_;
};

Err<Error> refuse(const Value& value, std::string detail) {
    return fail(ErrorCode::ComposeValue, to_string(value.position),
                value.text + ": " + std::move(detail));
}

}  // namespace

Outcome<Value> expand_env_file(const Value& short_form) {
    LongForm form{short_form};
    form.set("path", short_form.text);
    return form.take();
}

Outcome<Value> expand_file_reference(const Value& short_form) {
    LongForm form{short_form};
    form.set("source", short_form.text);
    return form.take();
}

Outcome<Value> expand_port(const Value& short_form) {
    std::string_view rest = short_form.text;
    LongForm form{short_form};
    if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
        form.set("protocol", rest.substr(slash + 1));
        rest = rest.substr(0, slash);
    }
    const std::size_t last = rest.rfind(':');
    form.set("target", last == std::string_view::npos ? rest : rest.substr(last + 1), false);
    if (last == std::string_view::npos) return form.take();
    rest = rest.substr(0, last);
    if (rest.starts_with("[")) {
        const std::size_t end = rest.find("]:");
        if (end == std::string_view::npos) {
            return refuse(short_form, "the address in brackets is not followed by a port");
        }
        form.set("host_ip", rest.substr(1, end - 1));
        form.set("published", rest.substr(end + 2));
        return form.take();
    }
    const std::size_t colon = rest.find(':');
    if (colon != std::string_view::npos) {
        if (rest.find(':', colon + 1) != std::string_view::npos) {
            return refuse(short_form, "it should be [[IP:]PUBLISHED:]TARGET[/PROTOCOL]");
        }
        form.set("host_ip", rest.substr(0, colon));
        rest = rest.substr(colon + 1);
    }
    form.set("published", rest);
    return form.take();
}

Outcome<Value> expand_volume(const Value& short_form) {
    const std::string_view text = short_form.text;
    LongForm form{short_form};
    const std::size_t first = text.find(':');
    if (first == std::string_view::npos) {
        form.set("type", "volume");
        form.set("target", text);
        return form.take();
    }
    const std::string_view source = text.substr(0, first);
    std::string_view target = text.substr(first + 1);
    std::optional<std::string_view> mode;
    if (const std::size_t second = target.find(':'); second != std::string_view::npos) {
        mode = target.substr(second + 1);
        target = target.substr(0, second);
    }
    if (source.empty() || target.empty()) {
        return refuse(short_form, "it should be [SOURCE:]TARGET[:ro|rw]");
    }
    const bool is_path = std::string_view{"/.~"}.find(source.front()) != std::string_view::npos;
    form.set("type", is_path ? "bind" : "volume");
    form.set("source", source);
    form.set("target", target);
    if (mode == "ro") {
        form.set("read_only", "true", false);
    } else if (mode && mode != "rw") {
        return refuse(short_form, "the mode is ro or rw, not " + std::string{*mode});
    }
    return form.take();
}

}  // namespace kos::compose
