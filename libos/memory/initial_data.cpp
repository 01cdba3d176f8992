// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/memory/initial_data.hpp"

#include "loader/elf/format.hpp"

namespace kos::libos {

using namespace elf::format;

std::optional<InitialData> next_initial_data(Bytes file, VirtualAddress entry,
                                             std::size_t& number) {
    const auto head = read_at<FileHeader>(file, 0);
    if (!head) return std::nullopt;
    const std::uint64_t bias = entry.value() - head->entry;
    while (number < head->phnum) {
        const auto segment =
            read_at<ProgramHeader>(file, head->phoff + number++ * sizeof(ProgramHeader));
        if (!segment) return std::nullopt;
        if (segment->type != pt_load || (segment->flags & pf_write) == 0) continue;
        const auto bytes = slice(file, segment->offset, segment->filesz);
        if (!bytes) return std::nullopt;
        if (!bytes->empty()) return InitialData{VirtualAddress{segment->vaddr + bias}, *bytes};
    }
    return std::nullopt;
}

}  // namespace kos::libos
