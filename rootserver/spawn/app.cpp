// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/app.hpp"

namespace kos::rootserver {

sel4::Cap<sel4::Frame> first_frame_of(const App& app, const manifest::ImageView& image,
                                      std::uint32_t number) {
    const manifest::Mapping wanted = image.mapping(app.record, number);
    std::uint64_t before = 0;
    for (std::uint32_t m = 0; m < number; ++m) {
        const manifest::Mapping mapping = image.mapping(app.record, m);
        if (has_own_frames(mapping) && mapping.page_bits == wanted.page_bits) {
            before += mapping.size >> mapping.page_bits;
        }
    }
    const auto kind = wanted.page_bits == large_page_bits ? caps::ObjectKind::LargeFrame
                                                          : caps::ObjectKind::Frame;
    return sel4::Cap<sel4::Frame>{app.object(kind, before)};
}

std::optional<std::uint32_t> mapping_at(const App& app, const manifest::ImageView& image,
                                        VirtualAddress address) {
    for (std::uint32_t m = 0; m < app.record.mappings.count; ++m) {
        const manifest::Mapping mapping = image.mapping(app.record, m);
        if (address.value() - mapping.address < mapping.size) return m;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> mapping_of_kind(const App& app, const manifest::ImageView& image,
                                             manifest::MappingKind kind) {
    for (std::uint32_t m = 0; m < app.record.mappings.count; ++m) {
        if (image.mapping(app.record, m).kind == static_cast<std::uint8_t>(kind)) return m;
    }
    return std::nullopt;
}

std::optional<OwnFrame> own_frame_at(const App& app, const manifest::ImageView& image,
                                     VirtualAddress address) {
    const auto number = mapping_at(app, image, address);
    if (!number) return std::nullopt;
    const manifest::Mapping mapping = image.mapping(app.record, *number);
    if (!has_own_frames(mapping)) return std::nullopt;
    const std::uint64_t index = (address.value() - mapping.address) >> mapping.page_bits;
    const sel4::CPtr first = first_frame_of(app, image, *number).cptr();
    return OwnFrame{sel4::Cap<sel4::Frame>{first.value + index}, *number};
}

}  // namespace kos::rootserver
