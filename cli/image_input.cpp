// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/image_input.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace kos::cli {

std::string target_folder() {
    const char* folder = std::getenv("KOS_TARGET_DIR");
    return folder != nullptr ? folder : KOS_TARGET_DIR;
}

Outcome<std::vector<std::byte>> pack_reference(const std::string& reference,
                                               const pack::PackOptions& options) {
    const auto parsed = KOS_TRY(oci::parse_reference(reference));
    oci::Image image = KOS_TRY(oci::load_image(parsed));
    const auto programs = KOS_TRY(pack::load_target_programs(target_folder()));
    pack::Packed packed = KOS_TRY(pack::pack(std::move(image), options, programs));
    for (const std::string& note : packed.notes) {
        std::fprintf(stderr, "kos: note: %s\n", note.c_str());
    }
    return std::move(packed.image);
}

Outcome<std::vector<std::byte>> read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return fail(ErrorCode::File, path);
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    const Bytes bytes = as_bytes(content);
    return std::vector<std::byte>{bytes.begin(), bytes.end()};
}

Outcome<void> write_file(const std::string& path, Bytes content) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    const std::string_view text = as_text(content);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) return fail(ErrorCode::File, path);
    return {};
}

}  // namespace kos::cli
