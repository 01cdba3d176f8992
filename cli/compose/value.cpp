// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/value.hpp"

#include <algorithm>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace kos::compose {

namespace {

constexpr unsigned most_depth = 64;
/// Aliases make a small file a large document ("billion laughs"). Text is that of keys too.
constexpr std::size_t most_values = 200'000;
constexpr std::size_t most_text = 16 << 20;

class Converter {
   public:
    explicit Converter(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}

    Outcome<Value> convert(const YAML::Node& node, unsigned depth = 0);

   private:
    [[nodiscard]] Position position_of(const YAML::Mark& mark) const {
        return {file_, static_cast<unsigned>(mark.line) + 1,
                static_cast<unsigned>(mark.column) + 1};
    }
    static Err<Error> refuse(const Position& position, std::string detail) {
        return fail(ErrorCode::ComposeYaml, to_string(position), std::move(detail));
    }
    /// \p text: what a value or a key adds to the document.
    Outcome<void> grow(const std::string& text, const Position& position);
    Outcome<void> read_tag(const YAML::Node& node, Value& value) const;
    Outcome<void> read_mapping(const YAML::Node& node, Value& value, unsigned depth);
    Outcome<void> merge_in(Value&& source, std::vector<Value::Entry>& inherited) const;

    std::shared_ptr<const std::string> file_;
    std::size_t values_ = 0;
    std::size_t text_ = 0;  ///< bytes
};

Outcome<void> Converter::grow(const std::string& text, const Position& position) {
    text_ += text.size();
    if (values_ <= most_values && text_ <= most_text) return {};
    return refuse(position,
                  "its aliases make it too large, more than 200,000 values or 16 MiB of text: use "
                  "fewer of them");
}

Outcome<void> Converter::read_tag(const YAML::Node& node, Value& value) const {
    const std::string& tag = node.Tag();
    if (tag == "!override") {
        value.merge = Value::Merge::Override;
    } else if (tag == "!reset") {
        value.merge = Value::Merge::Reset;
    } else if (tag == "!") {
        value.is_quoted = true;
    } else if (!tag.empty() && tag != "?" && !tag.starts_with("tag:yaml.org,2002:")) {
        return refuse(value.position, "the tag " + tag + " means nothing here");
    } else if (tag == "tag:yaml.org,2002:str") {
        value.is_quoted = true;
    }
    return {};
}

Outcome<Value> Converter::convert(const YAML::Node& node, unsigned depth) {
    Value value;
    value.position = position_of(node.Mark());
    if (depth > most_depth) return refuse(value.position, "it is nested too deep");
    ++values_;
    KOS_TRY(grow(node.Scalar(), value.position));
    KOS_TRY(read_tag(node, value));
    switch (node.Type()) {
        case YAML::NodeType::Scalar:
            value.kind = Value::Kind::Scalar;
            value.text = node.Scalar();
            if (!value.is_quoted && (value.text == "null" || value.text == "~")) value.kind = {};
            break;
        case YAML::NodeType::Sequence:
            value.kind = Value::Kind::Sequence;
            for (const YAML::Node& item : node) {
                value.items.push_back(KOS_TRY(convert(item, depth + 1)));
            }
            break;
        case YAML::NodeType::Map:
            value.kind = Value::Kind::Mapping;
            KOS_TRY(read_mapping(node, value, depth));
            break;
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined:
            break;
    }
    return value;
}

Outcome<void> Converter::read_mapping(const YAML::Node& node, Value& value, unsigned depth) {
    std::vector<Value::Entry> inherited;
    for (const auto& item : node) {
        const YAML::Node& key = item.first;
        const YAML::Node& content = item.second;
        const Position position = position_of(key.Mark());
        if (!key.IsScalar()) return refuse(position, "a key is text");
        KOS_TRY(grow(key.Scalar(), position));
        Value converted = KOS_TRY(convert(content, depth + 1));
        if (key.Scalar() == "<<") {
            KOS_TRY(merge_in(std::move(converted), inherited));
        } else if (value.find(key.Scalar()) != nullptr) {
            return refuse(position, "the key " + key.Scalar() + " is there twice");
        } else {
            value.entries.push_back({key.Scalar(), position, std::move(converted)});
        }
    }
    for (Value::Entry& entry : inherited) {
        if (value.find(entry.key) == nullptr) value.entries.push_back(std::move(entry));
    }
    return {};
}

/// A mapping, or a list of them of which earlier ones win.
Outcome<void> Converter::merge_in(Value&& source, std::vector<Value::Entry>& inherited) const {
    if (source.is_sequence()) {
        for (Value& item : source.items) {
            if (!item.is_mapping()) return refuse(item.position, "<< takes mappings");
            KOS_TRY(merge_in(std::move(item), inherited));
        }
        return {};
    }
    if (!source.is_mapping()) return refuse(source.position, "<< takes mappings");
    for (Value::Entry& entry : source.entries) {
        const auto same = [&](const Value::Entry& other) { return other.key == entry.key; };
        if (std::none_of(inherited.begin(), inherited.end(), same)) {
            inherited.push_back(std::move(entry));
        }
    }
    return {};
}

/// Takes events for the marks of documents alone.
class DocumentMarks final : public YAML::EventHandler {
   public:
    void OnDocumentStart(const YAML::Mark& mark) override { marks.push_back(mark); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  const std::string& /*value*/) override {}
    void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                         YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                    YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {}
    void OnMapEnd() override {}

    std::vector<YAML::Mark> marks;
};

/// The first two at most: the library finds documents without end where one begins with a comma or
/// the like, so YAML::LoadAll would not return.
std::vector<YAML::Mark> document_marks(const std::string& text) {
    std::istringstream stream{text};
    YAML::Parser parser{stream};
    DocumentMarks documents;
    if (parser.HandleNextDocument(documents)) parser.HandleNextDocument(documents);
    return documents.marks;
}

template <class Mapping>
auto* find_in(Mapping& mapping, std::string_view key) {
    for (auto& entry : mapping.entries) {
        if (entry.key == key) return &entry.value;
    }
    return static_cast<decltype(&mapping.entries.front().value)>(nullptr);
}

}  // namespace

std::string to_string(const Position& position) {
    return *position.file + ":" + std::to_string(position.line) + ":" +
           std::to_string(position.column);
}

const Value* Value::find(std::string_view key) const { return find_in(*this, key); }
Value* Value::find(std::string_view key) { return find_in(*this, key); }

std::string_view describe(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::Null:
            return "nothing";
        case Value::Kind::Scalar:
            return "a single value";
        case Value::Kind::Sequence:
            return "a list";
        case Value::Kind::Mapping:
            return "a mapping";
    }
    return "";
}

Outcome<Value> parse_yaml(const std::string& text, const std::string& file) {
    const auto name = std::make_shared<const std::string>(file);
    const auto place = [&](const YAML::Mark& mark) {
        return to_string({name, static_cast<unsigned>(std::max(mark.line, 0)) + 1,
                          static_cast<unsigned>(std::max(mark.column, 0)) + 1});
    };
    try {
        const YAML::Node document = YAML::Load(text);
        const std::vector<YAML::Mark> marks = document_marks(text);
        if (marks.size() > 1) {
            const bool is_same = marks[0].pos == marks[1].pos;
            return fail(ErrorCode::ComposeYaml, place(marks[1]),
                        is_same ? "nothing begins like this"
                                : "it holds several documents; another begins here");
        }
        if (marks.empty()) {
            Value nothing;
            nothing.position = {name, 1, 1};
            return nothing;
        }
        return Converter{name}.convert(document);
    } catch (const YAML::Exception& error) {
        // The library's own exception ends here: kos passes errors on as values.
        return fail(ErrorCode::ComposeYaml, place(error.mark), error.msg);
    }
}

}  // namespace kos::compose
