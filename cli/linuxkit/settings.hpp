// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a file says of a container, over what its image says by the label org.mobyproject.config:
// keys of LinuxKit's "Image specification" (docs/yaml.md there).
#pragma once

#include "cli/compose/value.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::linuxkit {

/// Fails where \p item has a key that LinuxKit does not know, or kos does not support.
[[nodiscard]] Outcome<void> check_item(const compose::Value& item);

class Settings {
   public:
    /// \p label: what the image's label holds, or empty. \p item outlives this.
    static Outcome<Settings> create(const compose::Value& item, const std::string& label,
                                    const std::string& image);

    /// The file's value, else the label's; null where neither has one.
    [[nodiscard]] const compose::Value* find(std::string_view key) const;

    /// A list of texts; \p otherwise where the key is absent.
    [[nodiscard]] Outcome<std::vector<std::string>> texts(
        std::string_view key, std::vector<std::string> otherwise = {}) const;
    /// Likewise; where the file has KEY.add alone, the label's with those behind them.
    [[nodiscard]] Outcome<std::vector<std::string>> texts_with_added(const std::string& key) const;
    [[nodiscard]] Outcome<std::string> text(std::string_view key) const;
    [[nodiscard]] Outcome<bool> flag(std::string_view key) const;

    [[nodiscard]] const compose::Value& item() const { return *item_; }
    /// Of a key's value, or of the container.
    [[nodiscard]] std::string place_of(std::string_view key) const;
    /// KOS-E-LINUXKIT-VALUE there, once the file's reader has named it so.
    [[nodiscard]] Err<Error> refuse(std::string_view key, const std::string& detail) const {
        return fail(ErrorCode::ComposeValue, place_of(key), detail);
    }

   private:
    explicit Settings(const compose::Value& item) : item_(&item) {}

    const compose::Value* item_;
    compose::Value label_;
};

}  // namespace kos::linuxkit
