// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/trace/tracer.hpp"

#include "lib/msg/trace.hpp"

namespace kos::rootserver {

Tracer::Tracer(const sel4::KernelAbi& abi) {
    used_ = msg::write_trace_abi(buffer_, abi);
    sel4::observe_invocations({.invoked =
                                   [](void* tracer, const sel4::InvocationRecord& record) {
                                       static_cast<Tracer*>(tracer)->invoked(record);
                                   },
                               .context = this});
}

Tracer::~Tracer() { sel4::observe_invocations({}); }

void Tracer::fault(sel4::FaultKind kind, sel4::Word badge) {
    const MutableBytes out = room(msg::trace_fault_bytes);
    if (!out.empty()) used_ += msg::write_trace_fault(out, kind, badge);
}

void Tracer::flush() {
    if (console_ == nullptr || used_ == 0) return;
    console_->write(msg::FrameType::Trace, msg::no_app, Bytes{buffer_}.first(used_));
    used_ = 0;
    if (missing_ == 0) return;
    used_ = msg::write_trace_missing(buffer_, missing_);
    missing_ = 0;
}

void Tracer::invoked(const sel4::InvocationRecord& record) {
    const MutableBytes out = room(msg::trace_bytes(record));
    if (!out.empty()) used_ += msg::write_trace(out, record);
}

MutableBytes Tracer::room(std::size_t bytes) {
    if (buffer_.size() - used_ < bytes) flush();
    if (buffer_.size() - used_ >= bytes) return MutableBytes{buffer_}.subspan(used_);
    ++missing_;
    return {};
}

}  // namespace kos::rootserver
