// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/guests/volume.hpp"

#include <algorithm>

namespace kos::guests {

Outcome<std::vector<NumberedVolume>> volumes_of(const manifest::ImageView& image,
                                                const std::vector<Volume>& files) {
    std::vector<NumberedVolume> volumes;
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        const manifest::App app = image.app(number);
        if (app.vm == 0) continue;
        const manifest::Vm vm = image.vm(app);
        for (std::uint32_t i = 0; i < vm.disks.count; ++i) {
            const manifest::Disk disk = image.disk(vm, i);
            if (disk.volume == 0) continue;
            const auto file = std::find_if(files.begin(), files.end(), [&](const Volume& each) {
                return each.app == image.text(app.name) && each.serial == image.text(disk.serial);
            });
            if (file == files.end()) {
                return fail(ErrorCode::GuestVolume, std::string{image.text(app.name)},
                            std::string{image.text(disk.serial)} +
                                ": no file is meant for it; kos up has those of a project");
            }
            volumes.push_back({disk.volume - 1, *file});
        }
    }
    return volumes;
}

}  // namespace kos::guests
