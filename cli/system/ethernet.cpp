// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/ethernet.hpp"

#include <map>

namespace kos::system {

Outcome<std::vector<std::string>> refuse_switches(const manifest::ImageView& image) {
    std::map<std::string, unsigned> members;
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        const manifest::App app = image.app(number);
        if (app.vm == 0) continue;
        const manifest::Vm vm = image.vm(app);
        for (std::uint32_t i = 0; i < vm.interfaces.count; ++i) {
            ++members[std::string{image.text(image.interface(vm, i).network)}];
        }
    }
    std::vector<std::string> notes;
    for (const auto& [name, count] : members) {
        if (name.empty() || count < 2) continue;
        const std::string why =
            "its microVMs do not reach each other on seL4 yet; in the simulator they do";
        if (name != "default") return fail(ErrorCode::Unsupported, "network " + name, why);
        notes.push_back("network default: " + why);
    }
    return notes;
}

}  // namespace kos::system
