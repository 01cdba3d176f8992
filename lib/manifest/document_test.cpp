// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// docs/system-image.md says what lib/manifest/image.hpp says, field by field.
#include "lib/manifest/image.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace kos::manifest {
namespace {

struct Field {
    std::string structure, name;
    std::size_t offset, size, structure_size;
    friend bool operator==(const Field&, const Field&) = default;
};

void PrintTo(const Field& field, std::ostream* out) {
    *out << field.structure << "." << field.name << " at " << field.offset << ", " << field.size
         << " of " << field.structure_size << " bytes";
}

Field field(const char* structure, const char* name, std::size_t offset, std::size_t size,
            std::size_t structure_size) {
    return {structure, name, offset, size, structure_size};
}

#define FIELD(structure, name) \
    field(#structure, #name, offsetof(structure, name), sizeof(structure::name), sizeof(structure))
const std::vector<Field> fields{
    FIELD(ImageHeader, magic),
    FIELD(ImageHeader, version),
    FIELD(ImageHeader, manifest_crc),
    FIELD(ImageHeader, image_size),
    FIELD(ImageHeader, manifest_size),
    FIELD(ImageHeader, root_server),
    FIELD(ImageHeader, blobs),
    FIELD(ImageHeader, apps),
    FIELD(ImageHeader, mappings),
    FIELD(ImageHeader, strings),
    FIELD(ImageHeader, text),
    FIELD(ImageHeader, sha256),
    FIELD(ImageHeader, vms),
    FIELD(ImageHeader, disks),
    FIELD(ImageHeader, interfaces),
    FIELD(ImageHeader, dependencies),
    FIELD(ImageHeader, flags),
    FIELD(ImageHeader, reserved),
    FIELD(ImageHeader, reserved_tables),
    FIELD(Table, offset),
    FIELD(Table, count),
    FIELD(StringRef, offset),
    FIELD(StringRef, length),
    FIELD(StringList, first),
    FIELD(StringList, count),
    FIELD(Blob, offset),
    FIELD(Blob, size),
    FIELD(Blob, kind),
    FIELD(Blob, reserved),
    FIELD(Blob, sha256),
    FIELD(Mapping, address),
    FIELD(Mapping, size),
    FIELD(Mapping, blob_offset),
    FIELD(Mapping, file_size),
    FIELD(Mapping, blob),
    FIELD(Mapping, kind),
    FIELD(Mapping, source),
    FIELD(Mapping, access),
    FIELD(Mapping, page_bits),
    FIELD(ObjectCounts, vspaces),
    FIELD(ObjectCounts, tcbs),
    FIELD(ObjectCounts, sched_contexts),
    FIELD(ObjectCounts, replies),
    FIELD(ObjectCounts, endpoints),
    FIELD(ObjectCounts, notifications),
    FIELD(ObjectCounts, page_tables),
    FIELD(ObjectCounts, frames),
    FIELD(ObjectCounts, large_frames),
    FIELD(ObjectCounts, heap_frames),
    FIELD(ObjectCounts, shared_frames),
    FIELD(ObjectCounts, shared_large),
    FIELD(ObjectCounts, cnode_bits),
    FIELD(ObjectCounts, object_cnode_bits),
    FIELD(ObjectCounts, vcpus),
    FIELD(ObjectCounts, guest_frames),
    FIELD(App, name),
    FIELD(App, kind),
    FIELD(App, priority),
    FIELD(App, max_priority),
    FIELD(App, restart),
    FIELD(App, threads),
    FIELD(App, arguments),
    FIELD(App, environment),
    FIELD(App, publishes),
    FIELD(App, working_directory),
    FIELD(App, executable),
    FIELD(App, host_name),
    FIELD(App, user),
    FIELD(App, group),
    FIELD(App, mappings),
    FIELD(App, entry),
    FIELD(App, libos_start),
    FIELD(App, libos_thread_start),
    FIELD(App, program_headers),
    FIELD(App, program_header_count),
    FIELD(App, program_header_size),
    FIELD(App, load_bias),
    FIELD(App, initrd_size),
    FIELD(App, symbols),
    FIELD(App, undo),
    FIELD(App, untyped_large),
    FIELD(App, untyped_4k),
    FIELD(App, objects),
    FIELD(App, restart_limit),
    FIELD(App, restart_delay),
    FIELD(App, vm),
    FIELD(App, readiness),
    FIELD(App, stop_signal),
    FIELD(App, ready_port),
    FIELD(App, restart_delay_most),
    FIELD(App, restart_window),
    FIELD(App, stop_grace),
    FIELD(App, ready_within),
    FIELD(App, ready_protocol),
    FIELD(App, dependencies),
    FIELD(App, period),
    FIELD(App, reserved),
    FIELD(Dependency, app),
    FIELD(Dependency, condition),
    FIELD(Dependency, flags),
    FIELD(Dependency, reserved),
    FIELD(Vm, memory),
    FIELD(Vm, vcpus),
    FIELD(Vm, kernel),
    FIELD(Vm, initrd),
    FIELD(Vm, reserved),
    FIELD(Vm, command_line),
    FIELD(Vm, disks),
    FIELD(Vm, interfaces),
    FIELD(Disk, serial),
    FIELD(Disk, blob),
    FIELD(Disk, volume),
    FIELD(Interface, network),
    FIELD(Interface, mac),
    FIELD(Interface, membership),
    FIELD(Interface, reserved),
    FIELD(Symbol, address),
    FIELD(Symbol, size),
    FIELD(Symbol, name_offset),
    FIELD(Undo, address),
    FIELD(Undo, original),
    FIELD(Undo, reserved),
};
#undef FIELD

/// The rows of the document's field tables.
std::vector<Field> documented() {
    const std::regex heading{"## (\\w+)"};
    const std::regex total{"(\\d+) bytes \\(0x[0-9a-f]+\\)\\..*"};
    const std::regex row{R"(\| (0x[0-9a-f]+) \| (\d+) \| `(\w+)` \|.*)"};
    std::ifstream file{KOS_DOCUMENT};
    std::vector<Field> result;
    std::string structure;
    std::size_t size = 0;
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
        if (std::regex_match(line, match, heading)) {
            structure = match[1];
        } else if (std::regex_match(line, match, total)) {
            size = std::stoul(match[1]);
        } else if (std::regex_match(line, match, row)) {
            result.push_back({structure, match[3], std::stoul(match[1], nullptr, 16),
                              std::stoul(match[2]), size});
        }
    }
    return result;
}

TEST(SystemImageDocumentTest, EveryFieldIsWhereTheDocumentSays) { EXPECT_EQ(documented(), fields); }

TEST(SystemImageDocumentTest, TheFieldsComparedCoverEveryByte) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const bool is_last = i + 1 == fields.size() || fields[i + 1].offset == 0;
        EXPECT_EQ(fields[i].offset + fields[i].size,
                  is_last ? fields[i].structure_size : fields[i + 1].offset)
            << fields[i].structure << "." << fields[i].name;
    }
}

}  // namespace
}  // namespace kos::manifest
