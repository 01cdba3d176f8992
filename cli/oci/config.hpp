// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The configuration of an image (OCI image specification, config.md; Docker's has the same fields).
// Left out: history, volumes, healthcheck; exposed ports are read to be reported, as kos gives apps
// no ports of the host.
#pragma once

#include "cli/oci/descriptor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// A label as the document has it: keys may repeat, and the order is the document's.
struct Label {
    std::string key;
    std::string value;
    friend bool operator==(const Label&, const Label&) = default;
};

struct ImageConfig {
    Platform platform;
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::vector<std::string> environment;  ///< NAME=VALUE
    std::string working_directory;         ///< empty: /
    std::string user;                      ///< empty: root
    std::string stop_signal;
    std::vector<std::string> exposed_ports;
    std::vector<Label> labels;
    std::vector<Digest> diff_ids;
};

Outcome<ImageConfig> parse_config(std::string_view json, const std::string& where);

/// The pairs of /config/Labels, repeated keys included, which a parsed document would lose.
Outcome<std::vector<Label>> parse_labels(std::string_view json, const std::string& where);

}  // namespace kos::oci
