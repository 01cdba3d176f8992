// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any words as code, anywhere: nothing that enters the kernel is left, and undoing gives the
// original.
//
// Input: 8 bytes address of the code (its lower 40 bits count), then the code.
#include "loader/rewrite/rewrite.hpp"

#include "lib/base/panic.hpp"

#include <cstdint>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos;
    const Bytes input = std::as_bytes(std::span{data, size});
    const auto address = read_at<Le64>(input, 0);
    if (!address) return 0;
    const std::vector<std::byte> original(input.begin() + sizeof(Le64), input.end());
    std::vector<std::byte> bytes = original;
    const rewrite::Code code{VirtualAddress{*address & 0xff'ffff'fffc}, bytes};

    const rewrite::Counts counts = rewrite::measure({&code, 1});
    std::vector<std::byte> stubs(static_cast<std::size_t>(counts.stub_bytes()));
    std::vector<manifest::Undo> undo(counts.sites());
    const rewrite::StubArea area{VirtualAddress{0x40'0000'0000}, stubs};
    if (!rewrite::rewrite({&code, 1}, area, undo)) panic("there is room as measured");
    if (rewrite::measure({&code, 1}).sites() != 0) panic("a site is left");
    rewrite::restore(undo, code);
    if (bytes != original) panic("undoing does not give the original");
    return 0;
}
