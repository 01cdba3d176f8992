// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as the root file system's archive, and any path in it. Input: one byte, the path's
// length; the path; the archive. Whatever is found has a path that leads to it again.
#include "libos/files/tree.hpp"

#include "libos/core/private_memory.hpp"
#include "libos/files/resolve.hpp"

#include <array>
#include <cstdlib>
#include <vector>

namespace kos::libos {
namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

void walk(const Tree& tree, std::string_view path) {
    const Resolver resolver{tree, Credentials{}};
    const auto found = resolver.resolve(Tree::root, path, LastLink::Keep);
    if (!found) return;
    std::array<char, 8192> buffer;
    const auto own_path = path_of(tree, *found, buffer);
    expect(own_path.ok());
    const auto again = resolver.resolve(Tree::root, *own_path, LastLink::Keep);
    expect(again.ok() && *again == *found);
}

}  // namespace
}  // namespace kos::libos

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size - 1 < data[0]) return 0;
    using kos::Bytes;
    using kos::libos::PrivateMemory;
    using kos::libos::Tree;
    const Bytes input = std::as_bytes(std::span{data, size});
    const std::string_view path = kos::as_text(input.subspan(1, data[0]));
    const Bytes archive = input.subspan(std::size_t{1} + data[0]);
    // An entry takes 110 bytes of the archive at least, and a node with its places less than 200.
    // So do those that are kept for names in memory.
    std::vector<std::byte> tables(65536 + 2 * size +
                                  200 * kos::native::memory_files::names_for(~std::uint64_t{0}));
    PrivateMemory memory{tables};
    const auto tree = Tree::create(archive, memory, 0);
    if (tree) kos::libos::walk(*tree, path);
    return 0;
}
