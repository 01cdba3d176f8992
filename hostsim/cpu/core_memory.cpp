// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core_memory.hpp"

#include <algorithm>
#include <utility>

namespace kos::sim {

namespace {

/// Bytes of an access at `address` that lie in its first page.
unsigned bytes_in_page(VirtualAddress address, unsigned bytes) {
    const std::uint64_t rest = page_size - address.value() % page_size;
    return static_cast<unsigned>(std::min<std::uint64_t>(rest, bytes));
}

/// No physical page.
constexpr PhysicalAddress nowhere{~std::uint64_t{0}};

}  // namespace

void CoreMemory::attach(CoreEnvironment* environment) {
    environment_ = environment;
    abort_.reset();
    doubt_all();
}

std::optional<std::uint64_t> CoreMemory::read(VirtualAddress address, unsigned bytes) {
    const unsigned here = bytes_in_page(address, bytes);
    if (here < bytes) {
        // Byte by byte: the parts need not have sizes that an access can have.
        std::uint64_t value = 0;
        for (unsigned i = 0; i < bytes; ++i) {
            const auto byte = read(address + i, 1);
            if (!byte) return std::nullopt;
            value |= *byte << (8 * i);
        }
        return value;
    }
    const auto physical = translate(address, false);
    if (!physical) return std::nullopt;
    const auto value = environment_->read(*physical, bytes);
    if (!value) abort(address, false, AbortCause::External);
    return value;
}

bool CoreMemory::write(VirtualAddress address, unsigned bytes, std::uint64_t value) {
    const unsigned here = bytes_in_page(address, bytes);
    if (here < bytes) {
        // Nothing is written unless all of it can be.
        if (!translate(address, true) || !translate(address + here, true)) return false;
        for (unsigned i = 0; i < bytes; ++i) {
            if (!write(address + i, 1, value >> (8 * i) & 0xff)) return false;
        }
        return true;
    }
    const auto physical = translate(address, true);
    if (!physical) return false;
    if (environment_->write(*physical, bytes, value)) return true;
    abort(address, true, AbortCause::External);
    return false;
}

std::optional<std::uint32_t> CoreMemory::fetch(VirtualAddress address) {
    const auto mapping = environment_->translate(address);
    const bool executable = mapping && mapping->executable;
    // Also where the fetch fails: the failure is compiled, and a later mapping makes it stale.
    CodePage& page = code_pages_[address.aligned_down(page_size)];
    page.frame = executable ? mapping->physical.aligned_down(page_size) : nowhere;
    if (!executable) return std::nullopt;
    if (page.bytes.empty()) {
        const Bytes bytes = environment_->page(page.frame);
        page.bytes.assign(bytes.begin(), bytes.end());
    }
    const auto word = environment_->read(mapping->physical, sizeof(std::uint32_t));
    if (!word) return std::nullopt;
    return static_cast<std::uint32_t>(*word);
}

void CoreMemory::doubt(VirtualAddress address, std::uint64_t size) {
    const auto first = code_pages_.lower_bound(address.aligned_down(page_size));
    const auto last = code_pages_.lower_bound(address + size);
    for (auto page = first; page != last; ++page) page->second.is_doubtful = has_doubts_ = true;
}

void CoreMemory::doubt_all() {
    for (auto& [address, page] : code_pages_) page.is_doubtful = has_doubts_ = true;
}

std::optional<VirtualAddress> CoreMemory::take_stale_page() {
    for (auto& [address, page] : code_pages_) {
        if (!page.is_doubtful) continue;
        page.is_doubtful = false;
        const auto mapping = environment_->translate(address);
        if (mapping && mapping->executable && !page.bytes.empty()) {
            page.frame = mapping->physical.aligned_down(page_size);
            if (std::ranges::equal(environment_->page(page.frame), page.bytes)) continue;
        }
        const VirtualAddress stale = address;
        code_pages_.erase(stale);
        return stale;
    }
    has_doubts_ = false;
    return std::nullopt;
}

std::optional<Trap> CoreMemory::take_abort() { return std::exchange(abort_, std::nullopt); }

Trap CoreMemory::fetch_abort(VirtualAddress address) {
    Trap trap{.kind = TrapKind::InstructionAbort, .address = address};
    const auto mapping = environment_->translate(address);
    if (mapping) trap.cause = mapping->executable ? AbortCause::External : AbortCause::Permission;
    return trap;
}

std::uint64_t CoreMemory::counter(std::uint64_t instructions) {
    return environment_->counter(instructions);
}

std::optional<PhysicalAddress> CoreMemory::translate(VirtualAddress address, bool is_write) {
    const auto mapping = environment_->translate(address);
    if (!mapping) {
        abort(address, is_write, AbortCause::Translation);
        return std::nullopt;
    }
    if (!(is_write ? mapping->writable : mapping->readable)) {
        abort(address, is_write, AbortCause::Permission);
        return std::nullopt;
    }
    return mapping->physical;
}

void CoreMemory::abort(VirtualAddress address, bool is_write, AbortCause cause) {
    if (abort_) return;
    abort_ =
        Trap{.kind = TrapKind::DataAbort, .address = address, .cause = cause, .is_write = is_write};
}

}  // namespace kos::sim
