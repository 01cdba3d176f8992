// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/admission.hpp"

#include "cli/report/manifest.hpp"

#include <algorithm>
#include <array>

namespace kos::system {
namespace {

std::uint64_t total_of(const std::vector<Need>& needs) {
    std::uint64_t total = 0;
    for (const Need& need : needs) total += need.app + need.guest;
    return total;
}

std::string right(std::uint64_t number) {
    constexpr std::size_t width = 16;
    const std::string text = std::to_string(number);
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string left(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

}  // namespace

std::vector<Need> needs_of(const manifest::ImageView& image, const sel4::KernelAbi& abi) {
    std::vector<Need> needs;
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        const report::CapabilityManifest manifest = report::predicted(image, number, abi);
        needs.push_back({std::string{image.text(image.app(number).name)}, manifest.untyped_bytes,
                         manifest.guest_memory});
    }
    return needs;
}

std::string table_of(const std::vector<Need>& needs, std::uint64_t memory) {
    std::size_t width = std::string_view{"service"}.size();
    for (const Need& need : needs) width = std::max(width, need.name.size());
    std::string text =
        left("service", width) + "       app bytes     guest bytes       all bytes\n";
    std::uint64_t apps = 0, guests = 0;
    for (const Need& need : needs) {
        apps += need.app;
        guests += need.guest;
        text += left(need.name, width) + right(need.app) + right(need.guest) +
                right(need.app + need.guest) + "\n";
    }
    const std::uint64_t total = apps + guests;
    text += left("all", width) + right(apps) + right(guests) + right(total) + "\n";
    text += left("memory", width + 32) + right(memory) + "\n";
    text += left(total > memory ? "missing" : "left", width + 32) +
            right(total > memory ? total - memory : memory - total) + "\n";
    return text;
}

Outcome<void> admit(const std::vector<Need>& needs, std::uint64_t memory) {
    const std::uint64_t total = total_of(needs);
    if (total <= memory) return {};
    return fail(ErrorCode::UntypedTooSmall, "the system",
                std::to_string(total - memory) + " bytes are missing\n" + table_of(needs, memory));
}

}  // namespace kos::system
