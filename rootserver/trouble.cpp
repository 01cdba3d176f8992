// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/trouble.hpp"

namespace kos::rootserver {

Trouble trouble_of(Subject subject, const caps::ReserveError& error) {
    using Reason = caps::ReserveError::Reason;
    switch (error.reason) {
        case Reason::Memory:
            return {
                ErrorCode::UntypedTooSmall, subject, error.shortage.shortfall, {}, error.shortage};
        case Reason::Kernel:
            return {ErrorCode::KernelCall, subject, 0, error.failure};
        case Reason::Slots:
        case Reason::Bookkeeping:
            break;
    }
    return {ErrorCode::SlotsExhausted, subject, 0, {}};
}

Line describe(const Trouble& trouble) {
    const ErrorEntry& entry = entry_of(trouble.code);
    Line line;
    line.text(entry.code).text(": ").text(entry.summary).text(": ");
    if (trouble.code == ErrorCode::KernelCall) {
        line.text(sel4::name_of(trouble.failure.invocation)).text(" for ");
    }
    if (trouble.code == ErrorCode::GuestVolume) {
        line.text("its disk does not reset and keeps the memory it had: ");
    }
    line.text(trouble.subject.what);
    if (trouble.subject.number != 0) line.text(" ").hex(trouble.subject.number);
    if (trouble.code == ErrorCode::KernelCall) {
        line.text(": ").text(sel4::name_of(trouble.failure.error));
    }
    if (trouble.missing_bytes != 0) {
        line.text(": ").decimal(trouble.missing_bytes).text(" bytes are missing");
        line.text(" (").decimal(trouble.shortage.wanted).text(" are needed, ");
        line.decimal(trouble.shortage.free).text(" are there)");
    }
    return line.text("; what to do: ").text(entry.cure);
}

}  // namespace kos::rootserver
