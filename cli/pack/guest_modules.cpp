// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/guest_modules.hpp"

#include "cli/file/file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

namespace kos::pack {
namespace {

namespace fs = std::filesystem;

/// virtio over mmio: disks, interfaces, random bytes, sockets; squashfs with an overlay.
constexpr std::array<const char*, 7> needed{
    "virtio_mmio", "virtio_blk", "virtio_net", "virtio_rng", "vmw_vsock_virtio_transport",
    "squashfs",    "overlay",
};
/// Built into some kernels, modules of others.
constexpr std::array<const char*, 2> optional{"squashfs", "overlay"};

std::string with_underscores(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

class Finder {
   public:
    explicit Finder(fs::path folder) : folder_(std::move(folder)) {
        std::error_code error;
        for (const auto& entry : fs::recursive_directory_iterator{folder_, error}) {
            if (entry.path().extension() == ".ko") {
                files_[with_underscores(entry.path().stem().string())] = entry.path();
            }
        }
    }
    [[nodiscard]] bool has(const std::string& name) const { return files_.contains(name); }

    /// Adds a module behind those that it needs; their paths, its own first.
    Outcome<std::vector<std::string>> add(const std::string& name, GuestModules& to) {
        if (const auto known = known_.find(name); known != known_.end()) return known->second;
        const auto found = files_.find(name);
        if (found == files_.end()) {
            return fail(ErrorCode::GuestModule, name,
                        "the kernel in " + folder_.string() + " lacks it");
        }
        std::string content = KOS_TRY(file::read(found->second));
        std::vector<std::string> paths{fs::relative(found->second, folder_).string()};
        for (const std::string& dependency : dependencies_of(content)) {
            const auto before = KOS_TRY(add(dependency, to));
            for (const std::string& path : before) {
                if (std::find(paths.begin(), paths.end(), path) == paths.end()) {
                    paths.push_back(path);
                }
            }
        }
        to.modules.push_back({paths.front(), std::move(content)});
        to.dependencies += paths.front() + ":";
        for (std::size_t i = 1; i < paths.size(); ++i) to.dependencies += " " + paths[i];
        to.dependencies += "\n";
        known_[name] = paths;
        return paths;
    }

   private:
    static std::vector<std::string> dependencies_of(const std::string& module) {
        constexpr std::string_view key{"\0depends=", 9};
        std::vector<std::string> names;
        const std::size_t at = module.find(key);
        if (at == std::string::npos) return names;
        std::string_view list{module.c_str() + at + key.size()};
        while (!list.empty()) {
            const std::size_t end = std::min(list.find(','), list.size());
            names.push_back(with_underscores(std::string{list.substr(0, end)}));
            list.remove_prefix(std::min(end + 1, list.size()));
        }
        return names;
    }

    fs::path folder_;
    std::map<std::string, fs::path> files_;
    std::map<std::string, std::vector<std::string>> known_;
};

}  // namespace

Outcome<GuestModules> find_guest_modules(const std::string& folder) {
    GuestModules modules;
    std::error_code error;
    const fs::path root = fs::path{folder} / "lib/modules";
    for (const auto& entry : fs::directory_iterator{root, error}) {
        modules.release = entry.path().filename().string();
    }
    if (modules.release.empty()) return modules;
    Finder finder{root / modules.release};
    for (const char* name : needed) {
        const bool may_lack =
            std::find_if(optional.begin(), optional.end(), [&](const char* other) {
                return std::string_view{other} == name;
            }) != optional.end();
        if (may_lack && !finder.has(name)) continue;
        KOS_TRY(finder.add(name, modules));
    }
    return modules;
}

}  // namespace kos::pack
