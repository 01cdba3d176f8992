// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/environment.hpp"

#include <sstream>

namespace kos::compose {

namespace {

using Warn = std::function<void(const std::string&)>;

bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

class Interpolator {
   public:
    Interpolator(const Variables& variables, const std::string& where, const Warn& warn)
        : variables_(variables), where_(where), warn_(warn) {}

    /// Up to the end, or to the closing brace of the expression that it stands in.
    Outcome<std::string> run(std::string_view& rest, bool in_braces) {
        std::string result;
        while (!rest.empty() && !(in_braces && rest.front() == '}')) {
            if (rest.front() != '$') {
                result += rest.front();
                rest.remove_prefix(1);
                continue;
            }
            rest.remove_prefix(1);
            result += KOS_TRY(reference(rest));
        }
        return result;
    }

   private:
    Err<Error> refuse(std::string detail) const {
        return fail(ErrorCode::ComposeVariable, where_, std::move(detail));
    }

    /// What follows a dollar sign.
    Outcome<std::string> reference(std::string_view& rest) {
        if (rest.starts_with("$")) {
            rest.remove_prefix(1);
            return std::string{"$"};
        }
        if (rest.starts_with("{")) {
            rest.remove_prefix(1);
            return braced(rest);
        }
        const std::string name = take_name(rest);
        if (name.empty()) return refuse("a $ stands alone: write $$ for a dollar sign");
        return value_or_empty(name);
    }

    Outcome<std::string> braced(std::string_view& rest) {
        const std::string name = take_name(rest);
        if (name.empty()) return refuse("${ is not followed by a variable's name");
        const bool empty_counts = !rest.starts_with(":");
        if (!empty_counts) rest.remove_prefix(1);
        const char operation = rest.empty() ? '\0' : rest.front();
        if (operation == '}' && empty_counts) {
            rest.remove_prefix(1);
            return value_or_empty(name);
        }
        if (operation != '-' && operation != '?' && operation != '+') {
            return refuse("${" + name + " is not closed, or has an unknown operator");
        }
        rest.remove_prefix(1);
        const auto found = variables_.find(name);
        const bool is_set = found != variables_.end() && (empty_counts || !found->second.empty());
        // What is not used is not complained of either.
        const Warn silent = [](const std::string&) {};
        const bool uses_operand = operation == '+' ? is_set : !is_set;
        Interpolator operand_reader{variables_, where_, uses_operand ? warn_ : silent};
        const std::string operand = KOS_TRY(operand_reader.run(rest, true));
        if (!rest.starts_with("}")) return refuse("${" + name + " is not closed");
        rest.remove_prefix(1);
        if (operation == '+') return is_set ? operand : std::string{};
        if (is_set) return found->second;
        if (operation == '-') return operand;
        return refuse(name + " is not set" + (operand.empty() ? "" : ": " + operand));
    }

    static std::string take_name(std::string_view& rest) {
        std::size_t length = 0;
        if (!rest.empty() && begins_name(rest.front())) {
            while (length < rest.size() && continues_name(rest[length])) ++length;
        }
        const std::string name{rest.substr(0, length)};
        rest.remove_prefix(length);
        return name;
    }

    std::string value_or_empty(const std::string& name) const {
        const auto found = variables_.find(name);
        if (found != variables_.end()) return found->second;
        warn_(name);
        return {};
    }

    const Variables& variables_;
    const std::string& where_;
    const Warn& warn_;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// A quoted value as written between its quotes, or nothing where they do not close.
struct Quoted {
    std::string text;
    bool is_closed = false;
};
Quoted unquote(std::string_view text, char quote) {
    Quoted result;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == quote) {
            const std::string_view after = trimmed(text.substr(i + 1));
            result.is_closed = after.empty() || after.front() == '#';
            return result;
        }
        if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
            const char next = text[++i];
            result.text += next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next;
        } else {
            result.text += text[i];
        }
    }
    return result;
}

}  // namespace

Outcome<std::string> interpolate(const std::string& text, const Variables& variables,
                                 const std::string& where, const Warn& warn) {
    if (text.find('$') == std::string::npos) return text;
    std::string_view rest = text;
    return Interpolator{variables, where, warn}.run(rest, false);
}

Outcome<void> interpolate(Value& value, const Variables& variables, const Warn& warn) {
    if (value.is_scalar()) {
        value.text = KOS_TRY(interpolate(value.text, variables, to_string(value.position), warn));
    }
    for (Value& item : value.items) KOS_TRY(interpolate(item, variables, warn));
    for (Value::Entry& entry : value.entries) KOS_TRY(interpolate(entry.value, variables, warn));
    return {};
}

Outcome<Variables> parse_environment_file(const std::string& text, const std::string& file,
                                          const Variables& known) {
    Variables result;
    Variables visible = known;
    std::istringstream lines{text};
    std::string line;
    for (unsigned number = 1; std::getline(lines, line); ++number) {
        const std::string where = file + ":" + std::to_string(number);
        std::string_view rest = trimmed(line);
        if (rest.empty() || rest.front() == '#') continue;
        if (rest.starts_with("export ")) rest = trimmed(rest.substr(7));
        const std::size_t equals = rest.find('=');
        const std::string name{trimmed(rest.substr(0, equals))};
        if (name.empty() || name.find_first_of(" \t\"'") != std::string::npos) {
            return fail(ErrorCode::ComposeVariable, where, "it is not NAME=value");
        }
        if (equals == std::string_view::npos) {
            if (const auto found = known.find(name); found != known.end()) {
                result[name] = found->second;
            }
            continue;
        }
        const std::string_view written = trimmed(rest.substr(equals + 1));
        std::string value;
        const char quote = written.empty() ? '\0' : written.front();
        if (quote == '"' || quote == '\'') {
            Quoted quoted = unquote(written, quote);
            if (!quoted.is_closed) {
                return fail(ErrorCode::ComposeVariable, where, "the quotes are not closed");
            }
            value = std::move(quoted.text);
        } else {
            value = trimmed(written.substr(0, written.find(" #")));
        }
        if (quote != '\'') {
            value = KOS_TRY(interpolate(value, visible, where, [](const std::string&) {}));
        }
        visible[name] = value;
        result[name] = std::move(value);
    }
    return result;
}

}  // namespace kos::compose
