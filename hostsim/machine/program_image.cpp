// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/program_image.hpp"

#include "hostsim/machine/memory_map.hpp"

#include <cstring>
#include <string>

namespace kos::sim {

Outcome<void> place_program(PhysicalMemory& memory, const elf::File& program,
                            std::string_view where, BootOptions& options) {
    if (program.is_position_independent()) {
        return fail(ErrorCode::ImageCorrupt, std::string{where},
                    "the initial program must be linked to a fixed address (ET_EXEC)");
    }
    const VirtualAddress first = program.first_page();
    const std::uint64_t size = program.page_end() - first;
    const PhysicalAddress start = memory_map::kernel.end;
    const MutableBytes image = memory.bytes(start, size);
    if (image.empty()) {
        return fail(ErrorCode::ImageCorrupt, std::string{where},
                    "the initial program needs " + std::to_string(size) +
                        " bytes, more than the machine has memory");
    }
    for (const elf::Segment& segment : program.segments()) {
        const Bytes contents = program.bytes().subspan(segment.file_offset, segment.file_size);
        if (contents.empty()) continue;
        std::memcpy(image.data() + (segment.address - first), contents.data(), contents.size());
    }
    options.user_image = {start, start + size};
    options.user_image_address = first;
    options.entry = program.entry();
    return {};
}

}  // namespace kos::sim
