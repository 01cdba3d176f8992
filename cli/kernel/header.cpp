// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/kernel/header.hpp"

#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

namespace kos::kernel {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Words and single punctuation characters; && and || are one token.
std::vector<std::string_view> tokens_of(std::string_view text) {
    std::vector<std::string_view> tokens;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = 1;
        if (is_word(text[at])) {
            while (at + length < text.size() && is_word(text[at + length])) ++length;
        } else if (text.substr(at, 2) == "&&" || text.substr(at, 2) == "||") {
            length = 2;
        }
        if (std::isspace(static_cast<unsigned char>(text[at])) == 0) {
            tokens.push_back(text.substr(at, length));
        }
        at += length;
    }
    return tokens;
}

/// or := and { "||" and };  and := unary { "&&" unary };
/// unary := "!" unary | "(" or ")" | "defined" ["("] NAME [")"]
class Condition {
   public:
    Condition(std::string_view text, const Macros& macros)
        : tokens_(tokens_of(text)), macros_(macros) {}

    std::optional<bool> evaluate() {
        const bool value = parse_or();
        if (failed_ || next_ != tokens_.size()) return std::nullopt;
        return value;
    }

   private:
    bool accept(std::string_view token) {
        if (next_ == tokens_.size() || tokens_[next_] != token) return false;
        ++next_;
        return true;
    }
    void expect(std::string_view token) { failed_ |= !accept(token); }

    bool parse_or() {
        bool value = parse_and();
        while (!failed_ && accept("||")) value = parse_and() || value;
        return value;
    }
    bool parse_and() {
        bool value = parse_unary();
        while (!failed_ && accept("&&")) value = parse_unary() && value;
        return value;
    }
    bool parse_unary() {
        if (accept("!")) return !parse_unary();
        if (accept("(")) {
            const bool value = parse_or();
            expect(")");
            return value;
        }
        expect("defined");
        return parse_defined();
    }
    bool parse_defined() {
        const bool parenthesis = accept("(");
        if (failed_ || next_ == tokens_.size() || !is_word(tokens_[next_].front())) {
            failed_ = true;
            return false;
        }
        const bool value = macros_.contains(tokens_[next_++]);
        if (parenthesis) expect(")");
        return value;
    }

    std::vector<std::string_view> tokens_;
    const Macros& macros_;
    std::size_t next_ = 0;
    bool failed_ = false;
};

/// Comments become spaces, continued lines one line.
std::string without_comments(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view two = text.substr(at, 2);
        if (two == "/*") {
            const std::size_t end = text.find("*/", at + 2);
            at = end == std::string_view::npos ? text.size() : end + 1;
            result += ' ';
        } else if (two == "//") {
            at = std::min(text.find('\n', at), text.size()) - 1;
        } else if (two == "\\\n") {
            ++at;
        } else {
            result += text[at];
        }
    }
    return result;
}

std::optional<std::uint64_t> number_of(std::string_view text, const Numbers& numbers) {
    if (const auto known = numbers.find(text); known != numbers.end()) return known->second;
    const bool hexadecimal = text.starts_with("0x");
    if (hexadecimal) text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The #if … #endif that a line stands in.
struct Branch {
    bool taken;      ///< this branch's lines count
    bool any_taken;  ///< so do those of this or an earlier branch
    bool parent;     ///< the lines around the whole count
};

class Reader {
   public:
    Reader(const std::string& where, const Macros& macros, Numbers& numbers)
        : where_(where), macros_(macros), numbers_(numbers) {}

    Outcome<void> read(std::string_view text) {
        const std::string plain = without_comments(text);
        std::string_view rest = plain;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            KOS_TRY(read_line(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            ++line_;
        }
        if (!branches_.empty()) return problem("#if without #endif");
        return {};
    }

   private:
    Err<Error> problem(std::string detail) const {
        return fail(ErrorCode::KernelHeader, where_ + ":" + std::to_string(line_),
                    std::move(detail));
    }

    Outcome<void> read_line(std::string_view line) {
        const auto tokens = tokens_of(line);
        if (tokens.empty()) return {};
        if (tokens.front() == "#") return directive(line, tokens);
        if (active()) enumerators(tokens);
        return {};
    }

    bool active() const { return branches_.empty() || branches_.back().taken; }

    Outcome<void> directive(std::string_view line, const std::vector<std::string_view>& tokens) {
        const std::string_view name = tokens.size() > 1 ? tokens[1] : std::string_view{};
        if (name == "if" || name == "ifdef" || name == "ifndef" || name == "elif") {
            return branch(name, line, tokens);
        }
        if (name == "else") return open_else();
        if (name == "endif") {
            if (branches_.empty()) return problem("#endif without #if");
            branches_.pop_back();
        } else if (name == "define" && active() && tokens.size() == 4) {
            if (const auto number = number_of(tokens[3], numbers_)) {
                numbers_.insert_or_assign(std::string{tokens[2]}, *number);
            }
        }
        return {};
    }

    Outcome<void> branch(std::string_view name, std::string_view line,
                         const std::vector<std::string_view>& tokens) {
        const bool is_elif = name == "elif";
        if (is_elif && branches_.empty()) return problem("#elif without #if");
        const bool parent = is_elif ? branches_.back().parent : active();
        const bool before = is_elif && branches_.back().any_taken;
        bool holds = false;
        if (parent && !before) {  // a condition that does not matter need not be understood
            if (name == "if" || is_elif) {
                const auto text = line.substr(line.find(name) + name.size());
                const auto value = evaluate_condition(text, macros_);
                if (!value)
                    return problem("this condition is not understood: " + std::string{line});
                holds = *value;
            } else if (tokens.size() > 2) {
                holds = macros_.contains(tokens[2]) == (name == "ifdef");
            }
        }
        if (is_elif) branches_.pop_back();
        branches_.push_back({holds, before || holds, parent});
        return {};
    }

    Outcome<void> open_else() {
        if (branches_.empty()) return problem("#else without #if");
        Branch& branch = branches_.back();
        branch.taken = branch.parent && !branch.any_taken;
        branch.any_taken = true;
        return {};
    }

    /// Lines within `enum … { … }`: NAME, or NAME = VALUE.
    void enumerators(const std::vector<std::string_view>& tokens) {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const std::string_view token = tokens[i];
            if (token == "enum") {
                pending_enum_ = true;
            } else if (token == ";") {
                pending_enum_ = false;
            } else if (token == "{") {
                in_enum_ = pending_enum_;
                next_value_ = 0;
            } else if (token == "}") {
                in_enum_ = pending_enum_ = false;
            } else if (in_enum_ && is_word(token.front())) {
                if (i + 2 < tokens.size() && tokens[i + 1] == "=") {
                    next_value_ = number_of(tokens[i + 2], numbers_);
                    i += 2;
                }
                if (next_value_) numbers_.insert_or_assign(std::string{token}, (*next_value_)++);
            }
        }
    }

    const std::string& where_;
    const Macros& macros_;
    Numbers& numbers_;
    std::vector<Branch> branches_;
    std::size_t line_ = 1;
    bool pending_enum_ = false;
    bool in_enum_ = false;
    std::optional<std::uint64_t> next_value_ = 0;
};

}  // namespace

std::optional<bool> evaluate_condition(std::string_view condition, const Macros& macros) {
    return Condition{condition, macros}.evaluate();
}

Outcome<void> read_header(std::string_view text, const std::string& where, const Macros& macros,
                          Numbers& numbers) {
    return Reader{where, macros, numbers}.read(text);
}

}  // namespace kos::kernel
