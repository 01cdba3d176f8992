// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "oci-runtime/cgroup/settings.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kos::oci {

/// Collects settings; a value that is not given adds none.
class SettingList {
   public:
    void add(const char* controller, std::string file, std::string value, std::string field) {
        settings_.push_back({controller, std::move(file), std::move(value), std::move(field)});
    }
    void add_optional(const char* controller, std::string file, std::string value,
                      std::string field) {
        add(controller, std::move(file), std::move(value), std::move(field));
        settings_.back().optional = true;
    }
    template <class T>
    void number(const char* controller, const char* file, const std::optional<T>& value,
                const char* field) {
        if (value) add(controller, file, std::to_string(*value), field);
    }
    [[nodiscard]] std::vector<CgroupSetting> take() { return std::move(settings_); }

   private:
    std::vector<CgroupSetting> settings_;
};

[[nodiscard]] inline std::string device_name(const BlockDevice& device) {
    return std::to_string(device.major) + ":" + std::to_string(device.minor);
}

}  // namespace kos::oci
