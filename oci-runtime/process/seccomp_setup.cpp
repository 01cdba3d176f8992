// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/seccomp_setup.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/policy/seccomp_cache.hpp"
#include "oci-runtime/policy/seccomp_install.hpp"
#include "oci-runtime/policy/seccomp_policy.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace kos::oci {

namespace {

using Warn = std::function<void(const std::string&)>;

/// Nothing where the bundle has none; a file of no use is worth a warning: somebody compiled it to
/// save the time that is now spent.
std::optional<SeccompProgram> find_in_bundle(const std::string& bundle, const SeccompKey& key,
                                             const Warn& warn) {
    const auto folder = sys::open(AT_FDCWD, bundle.c_str(), O_PATH | O_DIRECTORY);
    if (!folder || ::faccessat(folder->get(), seccomp_file_name, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        return std::nullopt;
    }
    const std::string where = bundle + "/" + seccomp_file_name;
    const auto text = read_own_file(folder->get(), seccomp_file_name);
    if (!text) {
        warn(where + ": not used: others than its owner and root could have written it");
        return std::nullopt;
    }
    auto program = parse_seccomp_file(*text, key);
    if (!program) warn(where + ": not used: it is damaged, or was compiled from something else");
    return program;
}

Result<SeccompProgram> find_or_compile(const Seccomp& profile, const SeccompPlaces& places,
                                       const Warn& warn) {
    const SeccompKey key = seccomp_key(profile, this_machine);
    if (auto ahead = find_in_bundle(places.bundle, key, warn)) return std::move(*ahead);
    const SeccompCache cache = SeccompCache::open(places.cache);
    if (auto cached = cache.find(key)) return std::move(*cached);
    SeccompProgram program = KOS_TRY(compile_seccomp(profile));
    cache.keep(key, program);
    return program;
}

}  // namespace

Result<std::optional<SeccompSetup>> prepare_seccomp(const Config& config,
                                                    const SeccompPlaces& places, const Warn& warn) {
    const std::optional<Seccomp>& profile = config.linux_config.seccomp;
    if (!profile) return std::optional<SeccompSetup>{};
    const unsigned flags = KOS_TRY(seccomp_flags(*profile));
    return std::optional{SeccompSetup{KOS_TRY(find_or_compile(*profile, places, warn)), flags}};
}

Result<bool> compile_seccomp_ahead(const std::string& bundle, Machine machine) {
    const auto folder = KOS_TRY(
        explain(sys::open(AT_FDCWD, bundle.c_str(), O_RDONLY | O_DIRECTORY), "--bundle", bundle));
    const std::string text = KOS_TRY(
        explain(sys::read_file(folder.get(), "config.json"), "--bundle", bundle + "/config.json"));
    const Config config = KOS_TRY(parse_config(text));
    const std::optional<Seccomp>& profile = config.linux_config.seccomp;
    if (!profile) {
        const bool gone = ::unlinkat(folder.get(), seccomp_file_name, 0) == 0 || errno == ENOENT;
        if (gone) return false;
        return fail("--bundle", bundle + "/" + seccomp_file_name, sys::Errno{errno});
    }
    const SeccompProgram program = KOS_TRY(compile_seccomp(*profile, machine));
    KOS_TRY(
        explain(sys::replace_file(folder.get(), seccomp_file_name,
                                  to_seccomp_file(program, seccomp_key(*profile, machine)), 0644),
                "--bundle", bundle + "/" + seccomp_file_name));
    return true;
}

}  // namespace kos::oci
