// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as a manifest, its checksum put right: what passes create() is read without leaving the
// bytes.
#include "lib/manifest/view.hpp"

#include "lib/base/crc32.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

namespace {

using namespace kos;
using namespace kos::manifest;

void put_checksum_right(std::vector<std::byte>& manifest) {
    auto header = read_at<ImageHeader>(manifest, 0);
    if (!header || header->manifest_size > manifest.size()) return;
    constexpr std::size_t start = offsetof(ImageHeader, image_size);
    if (header->manifest_size < start) return;
    header->manifest_crc = crc32(Bytes{manifest}.subspan(start, header->manifest_size - start));
    std::memcpy(manifest.data(), &*header, sizeof(*header));
}

void read_app(const ImageView& view, const App& app) {
    (void)view.text(app.name);
    for (std::uint32_t i = 0; i < app.mappings.count; ++i) (void)view.mapping(app, i);
    for (std::uint32_t i = 0; i < app.arguments.count; ++i) (void)view.text(app.arguments, i);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input = std::as_bytes(std::span{data, size});
    std::vector<std::byte> manifest(input.begin(), input.end());
    put_checksum_right(manifest);
    const auto view = ImageView::create(manifest, std::uint64_t{1} << 32);
    if (!view) return 0;
    for (std::uint32_t i = 0; i < view->app_count(); ++i) read_app(*view, view->app(i));
    return 0;
}
