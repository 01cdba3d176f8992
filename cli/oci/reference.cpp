// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/reference.hpp"

namespace kos::oci {

Outcome<ImageReference> parse_reference(std::string_view text) {
    const std::string where{text};
    const std::size_t scheme = text.find(':');
    const std::string_view name = text.substr(0, scheme);
    if (scheme == std::string_view::npos || (name != "oci" && name != "oci-archive")) {
        return fail(ErrorCode::Usage, where, "an image is named oci:PATH[:TAG]");
    }
    std::string_view path = text.substr(scheme + 1);
    ImageReference reference;
    const std::size_t colon = path.rfind(':');
    if (colon != std::string_view::npos && path.find('/', colon) == std::string_view::npos) {
        reference.tag = std::string{path.substr(colon + 1)};
        path = path.substr(0, colon);
    }
    if (path.empty() || (reference.tag && reference.tag->empty())) {
        return fail(ErrorCode::Usage, where, "an image is named oci:PATH[:TAG]");
    }
    reference.path = std::string{path};
    return reference;
}

}  // namespace kos::oci
