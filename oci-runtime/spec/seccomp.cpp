// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/seccomp.hpp"

#include "oci-runtime/spec/field.hpp"

namespace kos::oci {

Result<void> decode(const Field& field, SeccompArgument& out) {
    KOS_TRY(field.required("index", out.index));
    KOS_TRY(field.required("value", out.value));
    KOS_TRY(field.optional("valueTwo", out.value_two));
    KOS_TRY(field.required_name<SeccompOperator>("op", seccomp_operator_names, out.op));
    if (out.index > 5) return field.error("index", "must be from 0 to 5");
    return {};
}

Result<void> decode(const Field& field, SeccompRule& out) {
    KOS_TRY(field.required("names", out.names));
    KOS_TRY(field.required_name<SeccompAction>("action", seccomp_action_names, out.action));
    KOS_TRY(field.optional("errnoRet", out.errno_value));
    KOS_TRY(field.optional("args", out.args));
    if (out.names.empty()) return field.error("names", "must not be empty");
    return {};
}

Result<void> decode(const Field& field, Seccomp& out) {
    KOS_TRY(field.required_name<SeccompAction>("defaultAction", seccomp_action_names,
                                               out.default_action));
    KOS_TRY(field.optional("defaultErrnoRet", out.default_errno));
    KOS_TRY(field.optional("architectures", out.architectures));
    if (KOS_TRY(field.has("flags"))) {
        KOS_TRY(
            field.optional_mask<std::uint64_t>("flags", seccomp_flag_names, out.flags.emplace(0)));
    }
    KOS_TRY(field.optional("listenerPath", out.listener_path));
    KOS_TRY(field.optional("listenerMetadata", out.listener_metadata));
    KOS_TRY(field.optional("syscalls", out.rules));
    if (out.default_action == SeccompAction::Notify) {
        return field.error("defaultAction", "cannot be SCMP_ACT_NOTIFY");
    }
    return {};
}

}  // namespace kos::oci
