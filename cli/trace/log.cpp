// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/trace/log.hpp"

#include <string>

namespace kos::trace {

void Log::receive(Bytes payload) {
    msg::TraceReader reader{payload};
    while (const auto event = reader.next()) {
        if (const auto* abi = std::get_if<sel4::KernelAbi>(&*event)) {
            describer_.emplace(image_, *abi);
        } else if (const auto* gap = std::get_if<msg::TraceGap>(&*event)) {
            line_(std::to_string(gap->missing) + " invocations are missing");
        } else if (!describer_) {
            line_("an invocation came before the kernel ABI record");
        } else if (const auto* fault = std::get_if<msg::TracedFault>(&*event)) {
            line_(describer_->describe(*fault));
        } else if (const auto line =
                       describer_->describe(std::get<sel4::InvocationRecord>(*event))) {
            line_(*line);
        }
    }
    if (!reader.at_end()) line_("a part of the trace cannot be read");
}

}  // namespace kos::trace
