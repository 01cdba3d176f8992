// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/features.hpp"

#include "oci-runtime/policy/seccomp_install.hpp"
#include "oci-runtime/policy/seccomp_policy.hpp"
#include "oci-runtime/spec/capability_names.hpp"
#include "oci-runtime/spec/config.hpp"
#include "oci-runtime/spec/field.hpp"
#include "oci-runtime/spec/mount_options.hpp"

#include <seccomp.h>

namespace kos::oci {

namespace {

template <class T>
Json names_of(std::span<const Name<T>> rows) {
    Json names = Json::array();
    for (const Name<T>& row : rows) names.push_back(row.name);
    return names;
}

Json seccomp_features() {
    Json supported = Json::array();
    for (const auto& flag : seccomp_flag_names) {
        if (kernel_supports_seccomp_flag(static_cast<unsigned>(flag.value))) {
            supported.push_back(flag.name);
        }
    }
    return {{"enabled", true},
            {"actions", names_of<SeccompAction>(seccomp_action_names)},
            {"operators", names_of<SeccompOperator>(seccomp_operator_names)},
            {"archs", seccomp_architecture_names()},
            {"knownFlags", names_of<std::uint64_t>(seccomp_flag_names)},
            {"supportedFlags", std::move(supported)}};
}

Json linux_features() {
    return {
        {"namespaces", names_of(namespace_names())},
        {"capabilities", capability_names},
        {"cgroup",
         {{"v1", true}, {"v2", true}, {"systemd", true}, {"systemdUser", true}, {"rdma", true}}},
        {"seccomp", seccomp_features()},
        {"apparmor", {{"enabled", true}}},
        {"selinux", {{"enabled", true}}},
        {"memoryPolicy",
         {{"modes", names_of(memory_policy_modes())}, {"flags", names_of(memory_policy_flags())}}},
        {"intelRdt", {{"enabled", true}, {"schemata", true}, {"monitoring", true}}},
        {"netDevices", {{"enabled", true}}},
        {"mountExtensions", {{"idmap", {{"enabled", true}}}}}};
}

}  // namespace

std::string features_document() {
    const scmp_version* version = seccomp_version();
    const Json document{{"ociVersionMin", "1.0.0"},
                        {"ociVersionMax", spec_version},
                        {"hooks",
                         {"prestart", "createRuntime", "createContainer", "startContainer",
                          "poststart", "poststop"}},
                        {"mountOptions", known_mount_options()},
                        {"linux", linux_features()},
                        {"annotations",
                         {{"io.github.seccomp.libseccomp.version",
                           std::to_string(version->major) + "." + std::to_string(version->minor) +
                               "." + std::to_string(version->micro)}}},
                        {"potentiallyUnsafeConfigAnnotations", Json::array()}};
    return document.dump(2);
}

}  // namespace kos::oci
