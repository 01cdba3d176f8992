// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/short_forms.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

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

namespace {

struct ShortPort {
    std::string_view host_ip, published, target, protocol;
};

Outcome<ShortPort> split_port(const Value& short_form) {
    std::string_view rest = short_form.text;
    ShortPort port;
    if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
        port.protocol = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
    }
    const std::size_t last = rest.rfind(':');
    port.target = last == std::string_view::npos ? rest : rest.substr(last + 1);
    if (last == std::string_view::npos) return port;
    rest = rest.substr(0, last);
    if (rest.starts_with("[")) {
        const std::size_t end = rest.find("]:");
        if (end == std::string_view::npos) {
            return refuse(short_form, "the address in brackets is not followed by a port");
        }
        port.host_ip = rest.substr(1, end - 1);
        port.published = rest.substr(end + 2);
        return port;
    }
    const std::size_t colon = rest.find(':');
    if (colon != std::string_view::npos) {
        if (rest.find(':', colon + 1) != std::string_view::npos) {
            return refuse(short_form, "it should be [[IP:]PUBLISHED:]TARGET[/PROTOCOL]");
        }
        port.host_ip = rest.substr(0, colon);
        rest = rest.substr(colon + 1);
    }
    port.published = rest;
    return port;
}

/// Nothing where it is no range of numbers; a port by itself is one of one.
std::optional<std::pair<unsigned, unsigned>> range_of(std::string_view text) {
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto number = [](std::string_view digits) -> std::optional<unsigned> {
        unsigned value = 0;
        const char* const end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, value);
        if (error != std::errc{} || stop != end || value > 65535) return std::nullopt;
        return value;
    };
    const auto first = number(text.substr(0, dash));
    const auto last = dash == text.size() ? first : number(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return std::pair{*first, *last};
}

Value long_form(const Value& short_form, const ShortPort& port, std::string_view published,
                std::string_view target) {
    LongForm form{short_form};
    if (!port.protocol.empty()) form.set("protocol", port.protocol);
    form.set("target", target, false);
    if (!port.host_ip.empty()) form.set("host_ip", port.host_ip);
    if (!published.empty()) form.set("published", published);
    return form.take();
}

}  // namespace

Outcome<std::vector<Value>> expand_ports(const Value& short_form) {
    const ShortPort port = KOS_TRY(split_port(short_form));
    const bool is_range = port.target.find('-') != std::string_view::npos;
    std::vector<Value> ports;
    // What is no number either is told of by whoever reads the long form.
    if (!is_range) {
        ports.push_back(long_form(short_form, port, port.published, port.target));
        return ports;
    }
    const auto targets = range_of(port.target);
    const auto published = range_of(port.published);
    if (!targets || (!port.published.empty() && !published)) {
        return refuse(short_form, "a range of ports is FIRST-LAST, from 1 to 65535");
    }
    if (published && published->second - published->first != targets->second - targets->first) {
        return refuse(short_form, "the ranges have different numbers of ports");
    }
    for (unsigned i = 0; i <= targets->second - targets->first; ++i) {
        ports.push_back(long_form(short_form, port,
                                  published ? std::to_string(published->first + i) : std::string{},
                                  std::to_string(targets->first + i)));
    }
    return ports;
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
