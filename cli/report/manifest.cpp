// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/report/manifest.hpp"

#include "lib/base/address.hpp"
#include "loader/caps/objects.hpp"

#include <array>
#include <cstdio>

namespace kos::report {
namespace {

struct Line {
    std::string_view key;    ///< of the JSON object
    std::string_view title;  ///< of the table
    std::uint64_t value;
    std::string_view unit;
};

/// The lines with numbers. `Frames` counts all small frames, as the manifest's readers expect; how
/// many of them are for demand paging follows.
std::vector<Line> lines_of(const CapabilityManifest& manifest) {
    const manifest::ObjectCounts& objects = manifest.objects;
    const std::uint64_t frames = std::uint64_t{objects.frames} + objects.heap_frames;
    return {
        {"vspace", "VSpace", objects.vspaces, ""},
        {"tcb", "TCB", objects.tcbs, ""},
        {"cnode", "CNode", objects.cnode_bits, "radix bits"},
        {"frames", "Frames", frames, "of 4 KiB"},
        {"heap_frames", "  for the heap", objects.heap_frames, ""},
        {"large_frames", "LargeFrames", objects.large_frames, "of 2 MiB"},
        {"shared_frames", "SharedFrames", objects.shared_frames, "of 4 KiB, of the image"},
        {"shared_large_frames", "SharedLarge", objects.shared_large, "of 2 MiB, of the image"},
        {"vcpu", "VCPU", objects.vcpus, ""},
        {"sched_context", "SchedContext", objects.sched_contexts, ""},
        {"reply", "Reply", objects.replies, ""},
        {"endpoint", "Endpoint", objects.endpoints, ""},
        {"notification", "Notification", objects.notifications, ""},
        {"page_table", "PageTable", objects.page_tables, ""},
        {"object_cnode", "ObjectCNode", objects.object_cnode_bits, "radix bits"},
        {"bytes", "Bytes", manifest.object_bytes, "of all objects"},
        {"slots", "Slots", manifest.slots, "of the object CNode"},
    };
}

std::string hex(std::uint64_t value) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(value));
    return text.data();
}

std::string row(std::string_view title, std::string_view value, std::string_view unit = "") {
    std::string text = "  " + std::string{title};
    text.resize(18, ' ');
    text += value;
    if (!unit.empty()) text.append("  ").append(unit);
    return text + "\n";
}

std::string list(const std::vector<std::string>& words) {
    std::string text = "[";
    for (const std::string& word : words) {
        if (text.size() > 1) text += ", ";
        text += word;
    }
    return text + "]";
}

std::uint64_t guest_bytes(const manifest::ObjectCounts& objects) {
    return std::uint64_t{objects.guest_frames} * large_page_size;
}

CapabilityManifest described(const manifest::ImageView& image, const manifest::App& app) {
    CapabilityManifest manifest{};
    for (std::uint32_t i = 0; i < app.arguments.count; ++i) {
        manifest.command.emplace_back(image.text(app.arguments, i));
    }
    const std::string path{image.text(app.executable)};
    manifest.binary = path.substr(path.rfind('/') + 1);
    return manifest;
}

}  // namespace

CapabilityManifest predicted(const manifest::ImageView& image, std::uint32_t app,
                             const sel4::KernelAbi& abi) {
    const manifest::App record = image.app(app);
    const caps::ObjectList objects = caps::ObjectList::create(record, abi);
    CapabilityManifest manifest = described(image, record);
    manifest.untyped_bytes = objects.untyped_bytes();
    manifest.object_bytes =
        objects.object_bytes() + (std::uint64_t{1} << objects.object_cnode_bytes_bits());
    manifest.slots = objects.slots();
    manifest.objects = record.objects;
    manifest.guest_memory = guest_bytes(record.objects);
    return manifest;
}

CapabilityManifest used(const manifest::ImageView& image, std::uint32_t app,
                        const msg::UsageRecord& record) {
    CapabilityManifest manifest = described(image, image.app(app));
    manifest.untyped_bytes = record.untyped_bytes;
    manifest.object_bytes = record.object_bytes;
    manifest.slots = record.slots;
    manifest.objects = record.objects;
    manifest.guest_memory = guest_bytes(record.objects);
    return manifest;
}

std::string to_text(const CapabilityManifest& manifest) {
    std::string text = row("Untyped", hex(manifest.untyped_bytes), "bytes");
    if (manifest.guest_memory != 0) {
        text += row("GuestMemory", hex(manifest.guest_memory), "bytes, beside Untyped");
    }
    for (const Line& line : lines_of(manifest)) {
        text += row(line.title, std::to_string(line.value), line.unit);
    }
    text += row("Cmd", list(manifest.command));
    text += row("Binary", manifest.binary);
    return text;
}

nlohmann::ordered_json to_json(const CapabilityManifest& manifest) {
    nlohmann::ordered_json json;
    json["untyped"] = manifest.untyped_bytes;
    json["guest_memory"] = manifest.guest_memory;
    for (const Line& line : lines_of(manifest)) json[std::string{line.key}] = line.value;
    json["cmd"] = manifest.command;
    json["binary"] = manifest.binary;
    return json;
}

}  // namespace kos::report
