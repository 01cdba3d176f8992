// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/id_pattern.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <optional>

namespace kos::oci {

namespace {

using Node = IdPattern::Node;
using Kind = Node::Kind;

constexpr unsigned unbounded = std::numeric_limits<unsigned>::max();
constexpr unsigned most_repeats = 255;  // RE_DUP_MAX, as POSIX has it
constexpr int deepest = 100;
// Each repetition of a repetition may double the time.
constexpr unsigned most_nested_repeats = 10;

struct CharacterClass {
    std::string_view name;
    int (*contains)(int);
};
constexpr auto classes = std::to_array<CharacterClass>({{"alnum", std::isalnum},
                                                        {"alpha", std::isalpha},
                                                        {"blank", std::isblank},
                                                        {"cntrl", std::iscntrl},
                                                        {"digit", std::isdigit},
                                                        {"graph", std::isgraph},
                                                        {"lower", std::islower},
                                                        {"print", std::isprint},
                                                        {"punct", std::ispunct},
                                                        {"space", std::isspace},
                                                        {"upper", std::isupper},
                                                        {"xdigit", std::isxdigit}});

std::size_t number_of(char c) { return static_cast<unsigned char>(c); }

class Parser {
   public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<Node> parse() {
        Node node = KOS_TRY(choice());
        if (!rest_.empty()) return wrong("')' without '('");
        return node;
    }

   private:
    static Err<Failure> wrong(std::string what) { return fail("--regex", std::move(what)); }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    char take_any() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    [[nodiscard]] bool at(std::string_view characters) const {
        return !rest_.empty() && characters.find(rest_.front()) != std::string_view::npos;
    }

    static void append(Node& to, Node part) {
        to.nested_repeats = std::max(to.nested_repeats, part.nested_repeats);
        to.parts.push_back(std::move(part));
    }

    Result<Node> choice() {
        if (++depth_ > deepest) return wrong("parentheses are nested too deeply");
        Node node{.kind = Kind::Choice};
        do {
            append(node, KOS_TRY(sequence()));
        } while (take('|'));
        --depth_;
        return node;
    }

    Result<Node> sequence() {
        Node node{.kind = Kind::Sequence};
        while (!rest_.empty() && !at("|)")) append(node, KOS_TRY(repeated()));
        return node;
    }

    Result<Node> repeated() {
        if (at("*+?{"))
            return wrong(std::string{"there is nothing to repeat before "} + rest_.front());
        Node node = KOS_TRY(atom());
        while (at("*+?{")) {
            Node repeat{.kind = Kind::Repeat};
            KOS_TRY(take_bounds(repeat));
            append(repeat, std::move(node));
            if (++repeat.nested_repeats > most_nested_repeats) {
                return wrong("repetitions are nested too deeply");
            }
            node = std::move(repeat);
        }
        return node;
    }

    Result<void> take_bounds(Node& repeat) {
        const char c = take_any();
        repeat.least = c == '+' ? 1 : 0;
        repeat.most = c == '?' ? 1 : unbounded;
        if (c != '{') return {};
        const auto least = number();
        if (!least) return wrong("'{' without a number");
        repeat.least = repeat.most = *least;
        if (take(',')) repeat.most = number().value_or(unbounded);
        if (!take('}')) return wrong("'{' without '}'");
        const bool has_end = repeat.most != unbounded;
        if (repeat.least > most_repeats || (has_end && repeat.most > most_repeats)) {
            return wrong("at most 255 repetitions can be asked for");
        }
        if (repeat.least > repeat.most) return wrong("the bounds in '{}' are in the wrong order");
        return {};
    }

    std::optional<unsigned> number() {
        if (rest_.empty() || std::isdigit(rest_.front()) == 0) return std::nullopt;
        unsigned value = 0;
        while (!rest_.empty() && std::isdigit(rest_.front()) != 0) {
            value = std::min(value * 10 + static_cast<unsigned>(take_any() - '0'), 10'000u);
        }
        return value;
    }

    Result<Node> atom() {
        const char c = take_any();
        Node node{.kind = Kind::OneOf};
        switch (c) {
            case '^':
                node.kind = Kind::Begin;
                return node;
            case '$':
                node.kind = Kind::End;
                return node;
            case '(': {
                Node group = KOS_TRY(choice());
                if (!take(')')) return wrong("'(' without ')'");
                return group;
            }
            case '[':
                KOS_TRY(bracket(node.characters));
                return node;
            case '.':
                node.characters.set();
                return node;
            case '\\':
                if (rest_.empty()) return wrong("nothing stands after '\\'");
                if (std::isalnum(rest_.front()) != 0) {
                    return wrong(std::string{"unknown: \\"} + rest_.front());
                }
                node.characters.set(number_of(take_any()));
                return node;
            default:
                node.characters.set(number_of(c));
                return node;
        }
    }

    Result<void> bracket(std::bitset<256>& characters) {
        const bool negated = take('^');
        bool first = true;
        while (first || !at("]")) {
            if (rest_.empty()) return wrong("'[' without ']'");
            first = false;
            if (rest_.starts_with("[:")) {
                KOS_TRY(named_class(characters));
                continue;
            }
            if (rest_.starts_with("[.") || rest_.starts_with("[=")) {
                return wrong("collating elements are not supported");
            }
            const std::size_t low = number_of(take_any());
            std::size_t high = low;
            if (rest_.size() > 1 && rest_.front() == '-' && rest_[1] != ']') {
                rest_.remove_prefix(1);
                high = number_of(take_any());
            }
            if (low > high) return wrong("a range in '[]' is in the wrong order");
            for (std::size_t c = low; c <= high; ++c) characters.set(c);
        }
        rest_.remove_prefix(1);
        if (negated) characters.flip();
        return {};
    }

    Result<void> named_class(std::bitset<256>& characters) {
        rest_.remove_prefix(2);
        const std::size_t end = rest_.find(":]");
        const auto* const found =
            std::find_if(classes.begin(), classes.end(), [&](const auto& known) {
                return end != std::string_view::npos && known.name == rest_.substr(0, end);
            });
        if (found == classes.end()) return wrong("unknown class of characters");
        rest_.remove_prefix(end + 2);
        for (int c = 0; c < 128; ++c) {
            if (found->contains(c) != 0) characters.set(static_cast<std::size_t>(c));
        }
        return {};
    }

    std::string_view rest_;
    int depth_ = 0;
};

/// Places between the characters of a text: true where a match can have come to.
using Places = std::vector<bool>;

void add(Places& to, const Places& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] || from[i];
}

bool is_empty(const Places& places) {
    return std::find(places.begin(), places.end(), true) == places.end();
}

Places come_from(const Places& from, const Node& node, std::string_view text);

Places repeat_from(const Places& from, const Node& node, std::string_view text) {
    Places reached(from.size());
    Places last = from;
    for (unsigned count = 0;; ++count) {
        if (count >= node.least) {
            const Places before = reached;
            add(reached, last);
            if (count > node.least && reached == before) return reached;
        }
        if (count == node.most || is_empty(last)) return reached;
        Places next = come_from(last, node.parts.front(), text);
        // What comes again comes for ever: places only move on, so that this is soon.
        if (count < node.least && next == last) count = node.least - 1;
        last = std::move(next);
    }
}

Places come_from(const Places& from, const Node& node, std::string_view text) {
    Places reached(from.size());
    switch (node.kind) {
        case Kind::OneOf:
            for (std::size_t i = 0; i < text.size(); ++i) {
                reached[i + 1] = from[i] && node.characters[number_of(text[i])];
            }
            return reached;
        case Kind::Begin:
            reached.front() = from.front();
            return reached;
        case Kind::End:
            reached.back() = from.back();
            return reached;
        case Kind::Sequence:
            reached = from;
            for (const Node& part : node.parts) reached = come_from(reached, part, text);
            return reached;
        case Kind::Choice:
            for (const Node& part : node.parts) add(reached, come_from(from, part, text));
            return reached;
        case Kind::Repeat:
            return repeat_from(from, node, text);
    }
    return reached;
}

}  // namespace

Result<IdPattern> IdPattern::parse(std::string_view text) {
    return IdPattern{KOS_TRY(Parser{text}.parse())};
}

bool IdPattern::matches(std::string_view id) const {
    return !is_empty(come_from(Places(id.size() + 1, true), node_, id));
}

}  // namespace kos::oci
