// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/config.hpp"

#include "cli/oci/json.hpp"

namespace kos::oci {
namespace {

/// Listens to a document being parsed and keeps the members of /config/Labels.
class LabelListener : public nlohmann::json_sax<nlohmann::json> {
   public:
    std::vector<Label> labels;
    bool value_is_no_text = false;

    bool null() override { return other_value(); }
    bool boolean(bool) override { return other_value(); }
    bool number_integer(std::int64_t) override { return other_value(); }
    bool number_unsigned(std::uint64_t) override { return other_value(); }
    bool number_float(double, const std::string&) override { return other_value(); }
    bool binary(nlohmann::json::binary_t&) override { return other_value(); }
    bool string(std::string& value) override {
        if (in_labels()) labels.push_back({keys_.back(), value});
        return true;
    }
    bool key(std::string& key) override {
        keys_.back() = key;
        return true;
    }
    bool start_object(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool start_array(std::size_t) override { return enter(); }
    bool end_array() override { return leave(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

   private:
    [[nodiscard]] bool in_labels() const {
        return keys_.size() == 3 && keys_[0] == "config" && keys_[1] == "Labels";
    }
    bool other_value() {
        value_is_no_text = value_is_no_text || in_labels();
        return true;
    }
    bool enter() {
        other_value();
        keys_.emplace_back();
        return true;
    }
    bool leave() {
        keys_.pop_back();
        return true;
    }

    std::vector<std::string> keys_;  ///< the current key of each open object or array
};

Outcome<std::vector<Digest>> parse_diff_ids(const JsonView& root) {
    const JsonView field = KOS_TRY(KOS_TRY(root.required("rootfs")).required("diff_ids"));
    std::vector<Digest> digests;
    for (const JsonView& element : KOS_TRY(field.elements())) {
        const std::string text = KOS_TRY(element.text());
        auto digest = Digest::parse(text);
        if (!digest) {
            return fail(ErrorCode::JsonInvalid, element.where(),
                        "\"" + text + "\" is neither sha256:HEX nor sha512:HEX");
        }
        digests.push_back(std::move(*digest));
    }
    return digests;
}

Outcome<void> parse_execution(const JsonView& json, ImageConfig& config) {
    config.entrypoint = KOS_TRY(json.texts_or_none("Entrypoint"));
    config.command = KOS_TRY(json.texts_or_none("Cmd"));
    config.environment = KOS_TRY(json.texts_or_none("Env"));
    config.working_directory = KOS_TRY(json.text_or("WorkingDir", ""));
    config.user = KOS_TRY(json.text_or("User", ""));
    config.stop_signal = KOS_TRY(json.text_or("StopSignal", ""));
    if (const auto ports = KOS_TRY(json.optional("ExposedPorts"))) {
        config.exposed_ports = KOS_TRY(ports->keys());
    }
    return {};
}

}  // namespace

Outcome<ImageConfig> parse_config(std::string_view json, const std::string& where) {
    const auto document = KOS_TRY(parse_json(json, where));
    const JsonView root{document, where};
    ImageConfig config;
    config.platform.os = KOS_TRY(KOS_TRY(root.required("os")).text());
    config.platform.architecture = KOS_TRY(KOS_TRY(root.required("architecture")).text());
    config.platform.variant = KOS_TRY(root.text_or("variant", ""));
    config.diff_ids = KOS_TRY(parse_diff_ids(root));
    if (const auto execution = KOS_TRY(root.optional("config"))) {
        KOS_TRY(parse_execution(*execution, config));
    }
    config.labels = KOS_TRY(parse_labels(json, where));
    return config;
}

Outcome<std::vector<Label>> parse_labels(std::string_view json, const std::string& where) {
    LabelListener listener;
    if (!nlohmann::json::sax_parse(json, &listener)) {
        return fail(ErrorCode::JsonInvalid, where, "syntax error");
    }
    if (listener.value_is_no_text) {
        return fail(ErrorCode::JsonInvalid, where + ": /config/Labels", "a value is no string");
    }
    return std::move(listener.labels);
}

}  // namespace kos::oci
