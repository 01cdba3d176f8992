// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/paths.hpp"

namespace kos::compose {

namespace {

class Resolver {
   public:
    Resolver(const std::filesystem::path& folder, const std::filesystem::path& home)
        : folder_(folder), home_(home) {}

    void resolve(Value* path) const {
        if (path == nullptr || !path->is_scalar() || path->text.empty()) return;
        const std::string& text = path->text;
        const bool is_at_home = text == "~" || text.starts_with("~/");
        const std::filesystem::path absolute =
            is_at_home ? home_ / text.substr(std::min<std::size_t>(text.size(), 2))
                       : folder_ / text;
        path->text = absolute.lexically_normal().string();
    }

    void resolve_service(Value& service) const {
        if (Value* extends = service.find("extends")) resolve(extends->find("file"));
        if (Value* files = service.find("env_file")) {
            for (Value& file : files->items) resolve(file.find("path"));
        }
        Value* volumes = service.find("volumes");
        if (volumes == nullptr) return;
        for (Value& mount : volumes->items) {
            const Value* type = mount.find("type");
            if (type != nullptr && type->text == "bind") resolve(mount.find("source"));
        }
    }

   private:
    const std::filesystem::path& folder_;
    const std::filesystem::path& home_;
};

}  // namespace

void resolve_paths(Value& document, const std::filesystem::path& folder,
                   const std::filesystem::path& home) {
    const Resolver resolver{folder, home};
    if (Value* services = document.find("services")) {
        for (Value::Entry& service : services->entries) resolver.resolve_service(service.value);
    }
    for (const std::string_view section : {"secrets", "configs"}) {
        Value* files = document.find(section);
        if (files == nullptr) continue;
        for (Value::Entry& file : files->entries) resolver.resolve(file.value.find("file"));
    }
}

}  // namespace kos::compose
