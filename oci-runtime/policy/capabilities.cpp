// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/capabilities.hpp"

#include "oci-runtime/spec/capability_names.hpp"

#include <array>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kos::oci {

namespace {

constexpr std::uint64_t all_known = (std::uint64_t{1} << capability_names.size()) - 1;

struct ThreadSets {
    std::uint64_t effective = 0;
    std::uint64_t permitted = 0;
    std::uint64_t inheritable = 0;
};

constexpr __user_cap_header_struct self{_LINUX_CAPABILITY_VERSION_3, 0};

sys::Result<ThreadSets> get() {
    auto header = self;
    std::array<__user_cap_data_struct, 2> words{};
    KOS_TRY(sys::done(::syscall(SYS_capget, &header, words.data())));
    const auto join = [&](auto member) {
        return std::uint64_t{words[1].*member} << 32 | words[0].*member;
    };
    return ThreadSets{join(&__user_cap_data_struct::effective),
                      join(&__user_cap_data_struct::permitted),
                      join(&__user_cap_data_struct::inheritable)};
}

sys::Result<void> set(const ThreadSets& sets) {
    auto header = self;
    std::array<__user_cap_data_struct, 2> words{};
    for (unsigned word = 0; word < 2; ++word) {
        words[word].effective = static_cast<std::uint32_t>(sets.effective >> (32 * word));
        words[word].permitted = static_cast<std::uint32_t>(sets.permitted >> (32 * word));
        words[word].inheritable = static_cast<std::uint32_t>(sets.inheritable >> (32 * word));
    }
    return sys::done(::syscall(SYS_capset, &header, words.data()));
}

bool in_bounding_set(unsigned number) { return ::prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1; }

std::uint64_t bounding_set() {
    std::uint64_t mask = 0;
    for (unsigned number = 0; number < capability_names.size(); ++number) {
        if (in_bounding_set(number)) mask |= std::uint64_t{1} << number;
    }
    return mask;
}

void restrict(std::uint64_t& set, std::uint64_t available, const char* name,
              std::vector<std::string>& warnings) {
    for (unsigned number = 0; number < capability_names.size(); ++number) {
        if (((set & ~available) >> number & 1) == 0) continue;
        warnings.push_back(std::string{"/process/capabilities/"}.append(name).append(": ").append(
                               capability_names[number]) +
                           " cannot be granted here");
    }
    set &= available;
}

}  // namespace

Result<GrantableCapabilities> grantable(const Capabilities& wanted) {
    GrantableCapabilities result{wanted, {}};
    const std::uint64_t bounding = bounding_set();
    const ThreadSets held =
        KOS_TRY(explain(get(), "/process/capabilities", "reading the runtime's own"));
    restrict(result.sets.bounding, bounding, "bounding", result.warnings);
    restrict(result.sets.permitted, held.permitted, "permitted", result.warnings);
    restrict(result.sets.effective, held.permitted & result.sets.permitted, "effective",
             result.warnings);
    // Ambient ones must be permitted and inheritable (prctl(2), PR_CAP_AMBIENT_RAISE).
    restrict(result.sets.inheritable, held.permitted, "inheritable", result.warnings);
    restrict(result.sets.ambient, result.sets.permitted & result.sets.inheritable, "ambient",
             result.warnings);
    return result;
}

Result<void> limit_bounding_set(const Capabilities& sets) {
    for (unsigned number = 0; number < capability_names.size() + 8; ++number) {
        // Capabilities of newer kernels than this table are dropped as well.
        const bool kept = (sets.bounding & all_known) >> number & 1;
        if (kept) continue;
        if (::prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) {
            if (errno == EINVAL && number >= capability_names.size()) break;
            if (errno == EINVAL || !in_bounding_set(number)) continue;
            return fail("/process/capabilities/bounding", "dropping a capability",
                        sys::Errno{errno});
        }
    }
    return {};
}

Result<void> apply_capabilities(const Capabilities& sets) {
    KOS_TRY(explain(set({sets.effective, sets.permitted, sets.inheritable}),
                    "/process/capabilities", "capset"));
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) {
        return fail("/process/capabilities/ambient", "clearing", sys::Errno{errno});
    }
    for (unsigned number = 0; number < capability_names.size(); ++number) {
        if ((sets.ambient >> number & 1) == 0) continue;
        if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0) {
            return fail("/process/capabilities/ambient", std::string{capability_names[number]},
                        sys::Errno{errno});
        }
    }
    return {};
}

bool holds_capability(unsigned number) {
    const auto held = get();
    return held && (held->effective >> number & 1) != 0;
}

}  // namespace kos::oci
