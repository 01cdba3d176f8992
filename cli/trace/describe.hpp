// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A line for each kernel invocation of a root server, in names: what compares between kernels, the
// simulated one included (decision 4). docs/trace.md says what a line holds and what is left out.
//
//   ARM_Page_Map hello.frame[3] hello.VSpace 0x10000000 r-x = no error
#pragma once

#include "cli/trace/names.hpp"
#include "lib/msg/trace.hpp"

#include <optional>
#include <string>

namespace kos::trace {

class Describer {
   public:
    Describer(const manifest::ImageView& image, const sel4::KernelAbi& abi)
        : names_(image, abi), image_(image), abi_(abi) {}

    /// Records must come in their order: names depend on what was before. Nothing for what is left
    /// out.
    std::optional<std::string> describe(const sel4::InvocationRecord& record);
    [[nodiscard]] std::string describe(const msg::TracedFault& fault) const;

   private:
    std::optional<std::string> particulars(const sel4::InvocationRecord& record);
    std::optional<std::string> retype(const sel4::InvocationRecord& record);
    std::optional<std::string> cnode_operation(const sel4::InvocationRecord& record);
    std::optional<std::string> revoke(const sel4::InvocationRecord& record);
    std::string thread(const sel4::InvocationRecord& record);
    std::string registers(const sel4::InvocationRecord& record) const;
    std::string interrupt(const sel4::InvocationRecord& record);
    std::string memory(const sel4::InvocationRecord& record) const;
    std::string with_caps(const sel4::InvocationRecord& record) const;

    Names names_;
    const manifest::ImageView& image_;
    sel4::KernelAbi abi_;
};

}  // namespace kos::trace
