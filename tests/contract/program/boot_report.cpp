// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/boot_report.hpp"

namespace kos::contract {

namespace {

class Report {
   public:
    explicit Report(Recorder& recorder) : recorder_(recorder) {}

    void field(std::string_view name, std::uint64_t value) {
        recorder_.print(Line{}.text("boot ").text(name).text(" ").hex(value));
    }
    void count(std::string_view name, const sel4::SlotRegion& region) {
        field(name, region.count());
    }

   private:
    Recorder& recorder_;
};

/// Chunks that a kernel adds for the machine it runs on are not listed, only the device tree.
bool has_device_tree(Bytes extra) {
    std::uint64_t offset = 0;
    while (const auto chunk = read_at<sel4::BootInfoChunk>(extra, offset)) {
        if (chunk->id == sel4::chunk_device_tree) return true;
        if (chunk->length < sizeof(sel4::BootInfoChunk)) return false;
        offset += chunk->length;
    }
    return false;
}

/// Normal memory or device memory; each aligned to its size.
bool untypeds_are_well_formed(const sel4::BootInfo& boot_info) {
    for (sel4::Word i = 0; i < boot_info.untyped.count(); ++i) {
        const sel4::UntypedDescription& each = boot_info.untypeds[i];
        if (each.is_device > 1) return false;
        if (each.physical_address % (sel4::Word{1} << each.size_bits) != 0) return false;
    }
    return true;
}

}  // namespace

void report_boot_info(const sel4::BootInfo& boot_info, Bytes extra, Recorder& recorder) {
    Report report{recorder};
    report.field("node_id", boot_info.node_id);
    report.field("node_count", boot_info.node_count);
    report.field("io_page_table_levels", boot_info.io_page_table_levels);
    report.field("ipc_buffer", boot_info.ipc_buffer);
    report.field("root_cnode_bits", boot_info.root_cnode_bits);
    report.field("domain", boot_info.domain);
    report.count("shared_frames", boot_info.shared_frames);
    report.count("user_image_frames", boot_info.user_image_frames);
    report.count("user_image_paging", boot_info.user_image_paging);
    report.count("io_space_caps", boot_info.io_space_caps);
    report.count("sched_control", boot_info.sched_control);
    report.field("first_extra_page", boot_info.extra_pages.start);
    report.field("extra_pages_fit", boot_info.extra_pages.count() * 4096 >= boot_info.extra_length);
    report.field("sched_control_follows",
                 boot_info.sched_control.start == boot_info.extra_pages.end);
    report.field("image_frames_follow",
                 boot_info.user_image_frames.start == boot_info.sched_control.end);
    report.field("empty_ends", boot_info.empty.end);
    report.field("empty_follows_untypeds", boot_info.empty.start == boot_info.untyped.end);
    report.field("untypeds_well_formed", untypeds_are_well_formed(boot_info) ? 1 : 0);
    report.field("device_tree", has_device_tree(extra) ? 1 : 0);
}

}  // namespace kos::contract
