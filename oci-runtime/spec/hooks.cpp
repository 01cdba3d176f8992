// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/hooks.hpp"

#include "oci-runtime/spec/field.hpp"

namespace kos::oci {

Result<void> decode(const Field& field, Hook& out) {
    KOS_TRY(field.required("path", out.path));
    KOS_TRY(field.optional("args", out.args));
    KOS_TRY(field.optional("env", out.env));
    KOS_TRY(field.optional("timeout", out.timeout));
    if (!out.path.starts_with('/')) {
        return field.error("path", "must be absolute, is \"" + out.path + "\"");
    }
    if (out.timeout == 0) return field.error("timeout", "must not be 0");
    return {};
}

Result<void> decode(const Field& field, Hooks& out) {
    KOS_TRY(field.optional("prestart", out.prestart));
    KOS_TRY(field.optional("createRuntime", out.create_runtime));
    KOS_TRY(field.optional("createContainer", out.create_container));
    KOS_TRY(field.optional("startContainer", out.start_container));
    KOS_TRY(field.optional("poststart", out.poststart));
    return field.optional("poststop", out.poststop);
}

}  // namespace kos::oci
